// How do time and memory of an analysis grow with the cluster? `npm run bench:analysis` evaluates
// generated clusters of two shapes (cluster-generator.mjs) at 1, 2, 4 and 8 times a size, and prints a
// table that can be compared within itself:
//
//   decode     manifests, already parsed, into the facts that the engine reads
//   evaluate   facts into the answer: who may reach whom, kept symbolic, every pair judged that a rule
//              tells apart. The exponent is the growth since the row above (1 = linear)
//   parse      the same objects as YAML text into values, for comparison: nothing of it is in the others
//   reach      the program from its start to its answer, on a folder with a file per namespace; and how
//              long it takes to start and say its version
//
// Times are CPU seconds of user and system together; every measurement is a process of its own, and the
// fastest of `--repeat` runs counts. Nothing is asserted about time.
//
//   npm run bench:analysis -- --repeat 3 --namespaces 1250

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dump } from 'js-yaml';
import { objectsOf } from './cluster-generator.mjs';

const require = createRequire(import.meta.url);
const lib = (file) => require(fileURLToPath(new URL(`../lib/src/${file}.js`, import.meta.url)));

if (process.argv[2] === '--measure') {
  const asked = JSON.parse(process.argv[3]);
  process.stdout.write(JSON.stringify(asked.parse ? measureParsing(asked) : measure(asked)));
} else {
  await import('../scripts/build.mjs');
  const { values } = parseArgs({
    options: {
      repeat: { type: 'string', default: '3' },
      namespaces: { type: 'string', default: '1250' },
    },
  });
  report(Number(values.namespaces), Number(values.repeat));
}

// --- one measurement, in its own process ---------------------------------------------------------

function measure({ namespaces, shape }) {
  const { clusterOfObjects } = lib('read/objects');
  const { Reach } = lib('engine/reach');
  const objects = [...objectsOf({ namespaces, shape })];
  const decoding = cpuSeconds();
  const cluster = clusterOfObjects(objects);
  const decoded = cpuSeconds();
  const reach = new Reach(cluster);
  const judged = reach.prepare();
  const evaluated = cpuSeconds();
  return {
    ...countsOf(cluster),
    decode: decoded - decoding,
    evaluate: evaluated - decoded,
    nodes: reach.nodes.length,
    judged,
    rss: peakMebibytes(),
  };
}

function measureParsing({ namespaces, shape }) {
  const { readText } = lib('read/read-text');
  const text = [...objectsOf({ namespaces, shape })].map((one) => dump(one)).join('---\n');
  const start = cpuSeconds();
  readText('cluster.yaml', text);
  return { seconds: cpuSeconds() - start, mebibytes: text.length / 2 ** 20 };
}

function countsOf({ namespaces, workloads, networkPolicies }) {
  return {
    namespaces: namespaces.length,
    workloads: workloads.length,
    pods: workloads
      .flatMap(({ pods }) => pods)
      .reduce((sum, { replicas = 1 }) => sum + replicas, 0),
    policies: networkPolicies.length,
  };
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function peakMebibytes() {
  return process.resourceUsage().maxRSS / 1024;
}

// --- the program, from start to answer -----------------------------------------------------------

/** Runs the program a few times; CPU seconds are its own, told when it ends. */
function program(args, repeat) {
  const runs = Array.from({ length: repeat }, () => {
    const main = fileURLToPath(new URL('../lib/src/cli/main.js', import.meta.url));
    const usage = fileURLToPath(new URL('usage.cjs', import.meta.url));
    const stdio = ['ignore', 'ignore', 'pipe', 'pipe'];
    const start = performance.now();
    const command = ['--require', usage, main, ...args];
    const { status, stderr, output } = spawnSync(process.execPath, command, { stdio });
    if (status !== 0) throw new Error(`${args.join(' ')} failed\n${String(stderr)}`);
    return { wall: (performance.now() - start) / 1000, ...JSON.parse(String(output[3])) };
  });
  return runs.reduce((best, one) => (one.seconds < best.seconds ? one : best));
}

function reportProgram(repeat) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-reach-'));
  try {
    const files = new Map();
    // 1,000 workloads and 1,200 policies
    for (const one of objectsOf({ namespaces: 249, workloads: 4 })) {
      const { namespace, name } = one.metadata;
      files.set(namespace ?? name, [...(files.get(namespace ?? name) ?? []), one]);
    }
    let bytes = 0;
    for (const [name, objects] of files) {
      const text = objects.map((one) => dump(one)).join('---\n');
      bytes += text.length;
      writeFileSync(path.join(folder, `${name}.yaml`), text);
    }
    const kinds = [...files.values()].flat().map(({ kind }) => kind);
    const count = (kind) => kinds.filter((one) => one === kind).length;
    const said = (what, { seconds, wall, mebibytes }) =>
      `${what}: ${seconds.toFixed(2)} s of CPU, ${wall.toFixed(2)} s by the clock, ${mebibytes.toFixed(0)} MiB\n`;
    process.stdout.write(
      `\n${count('Deployment')} workloads, ${count('NetworkPolicy')} policies, ${files.size} files, ` +
        `${(bytes / 1e6).toFixed(1)} MB of YAML\n\n` +
        said('- `ml-netpol reach FOLDER`', program(['reach', folder], repeat)) +
        said('- `ml-netpol --version`', program(['--version'], repeat)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// --- the table -----------------------------------------------------------------------------------

function report(size, repeat) {
  const columns = ['shape', 'namespaces', 'workloads', 'pods', 'policies', 'parse', 'decode'];
  row([...columns, 'evaluate', 'nodes', 'judged pairs', 'peak RSS']);
  row([...columns, '', '', '', ''].map((_, index) => (index === 0 ? '---' : '---:')));
  for (const shape of ['ordinary', 'adversarial']) {
    let before;
    for (const times of [1, 2, 4, 8]) {
      const asked = { namespaces: size * times, shape };
      const one = fastest(asked, repeat);
      const parsing = fastest({ ...asked, parse: true }, 1);
      const { namespaces, workloads, pods, policies } = one;
      row([
        ...[shape, namespaces, workloads, pods, policies],
        ...[parsing, { seconds: one.decode }].map(({ seconds }) => `${seconds.toFixed(2)} s`),
        `${one.evaluate.toFixed(2)} s${growth(one, before)}`,
        ...[one.nodes, one.judged, `${one.rss.toFixed(0)} MiB`],
      ]);
      before = one;
    }
  }
  reportProgram(repeat);
  process.stdout.write(
    `\nCPU seconds, fastest of ${repeat} runs (parsing: one); in brackets the exponent of growth since ` +
      `the row above. ${cpus().length} cores, Node ${process.versions.node}.\n`,
  );
}

function fastest(asked, repeat) {
  let best;
  for (let round = 1; round <= repeat; round += 1) {
    process.stderr.write(`${JSON.stringify(asked)}, round ${round}\n`);
    const script = fileURLToPath(import.meta.url);
    const args = ['--max-old-space-size=8192', script, '--measure', JSON.stringify(asked)];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${JSON.stringify(asked)} failed\n${stderr}`);
    const result = JSON.parse(stdout);
    if (!(best?.evaluate <= result.evaluate)) best = result;
  }
  return best;
}

function growth(one, before) {
  if (before === undefined) return '';
  const exponent =
    Math.log(one.evaluate / before.evaluate) / Math.log(one.namespaces / before.namespaces);
  return ` (${exponent.toFixed(2)})`;
}

function row(cells) {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
