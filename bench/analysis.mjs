// How do time and memory of an analysis grow with the cluster? `npm run bench:analysis` evaluates
// generated clusters of two shapes (cluster-generator.mjs) at 1, 2, 4 and 8 times a size, and prints a
// table that can be compared within itself:
//
//   decode     manifests, already parsed, into the facts that the engine reads
//   evaluate   facts into the answer: who may reach whom, kept symbolic, every pair judged that a rule
//              tells apart. The exponent is the growth since the row above (1 = linear)
//   whole      end to end for one cluster as YAML text: parse, decode, evaluate and list all pairs
//
// Times are CPU seconds of user and system together; every measurement is a process of its own, and the
// fastest of `--repeat` runs counts. Nothing is asserted about time.
//
//   npm run bench:analysis -- --repeat 3 --namespaces 1250

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { objectsOf } from './cluster-generator.mjs';

const require = createRequire(import.meta.url);
const lib = (file) => require(fileURLToPath(new URL(`../lib/src/${file}.js`, import.meta.url)));

if (process.argv[2] === '--measure') {
  const asked = JSON.parse(process.argv[3]);
  process.stdout.write(JSON.stringify(asked.yaml ? await measureText(asked) : measure(asked)));
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

async function measureText({ namespaces, shape }) {
  const { stringify } = await import('yaml');
  const { readText } = lib('read/read-text');
  const { clusterOf } = lib('read/cluster-of');
  const { Reach } = lib('engine/reach');
  const text = [...objectsOf({ namespaces, shape })].map((one) => stringify(one)).join('---\n');
  const start = cpuSeconds();
  const cluster = clusterOf(readText('cluster.yaml', text));
  const read = cpuSeconds();
  let pairs = 0;
  for (const pair of new Reach(cluster).pairs()) if (pair !== undefined) pairs += 1;
  const evaluated = cpuSeconds();
  return {
    ...countsOf(cluster),
    mebibytes: text.length / 2 ** 20,
    read: read - start,
    evaluate: evaluated - read,
    pairs,
    rss: peakMebibytes(),
  };
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

// --- the table -----------------------------------------------------------------------------------

function report(size, repeat) {
  const columns = ['shape', 'namespaces', 'workloads', 'pods', 'policies', 'decode', 'evaluate'];
  row([...columns, 'nodes', 'judged pairs', 'peak RSS']);
  row([...columns, '', '', ''].map((_, index) => (index === 0 ? '---' : '---:')));
  for (const shape of ['ordinary', 'adversarial']) {
    let before;
    for (const times of [1, 2, 4, 8]) {
      const one = fastest({ namespaces: size * times, shape }, repeat);
      const { namespaces, workloads, pods, policies } = one;
      row([
        ...[shape, namespaces, workloads, pods, policies],
        `${one.decode.toFixed(2)} s`,
        `${one.evaluate.toFixed(2)} s${growth(one, before)}`,
        ...[one.nodes, one.judged, `${one.rss.toFixed(0)} MiB`],
      ]);
      before = one;
    }
  }
  const whole = fastest({ namespaces: 500, shape: 'ordinary', yaml: true }, repeat);
  process.stdout.write(
    `\nWhole: ${whole.workloads} workloads, ${whole.policies} policies, ${whole.mebibytes.toFixed(1)} MiB of YAML: ` +
      `${whole.read.toFixed(2)} s to read, ${whole.evaluate.toFixed(2)} s to evaluate and list ` +
      `${whole.pairs} pairs, ${whole.rss.toFixed(0)} MiB.\n\n` +
      `CPU seconds, fastest of ${repeat} runs; in brackets the exponent of growth since the row above. ` +
      `${process.platform}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model}).\n`,
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
