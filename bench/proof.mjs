// What does the proof cost a synth? `npm run bench:proof` writes the same platform with the proof and
// without it, and prints a table that can be compared within itself. A module is one namespace with
// default deny and DNS, two workloads and three flows, one of them to the next module.
//
// Every measurement is a process of its own; sizes and kinds take turns, and the fastest of `--repeat`
// runs counts. Without the proof nothing checks the text (tree-checks.ts). Nothing is asserted.
//
//   npm run bench:proof -- 100 200 --repeat 3

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const KINDS = ['with', 'without'];

if (process.argv[2] === '--measure') {
  const [kind, modules, folder] = process.argv.slice(3);
  process.stdout.write(JSON.stringify(measure(kind, Number(modules), folder)));
} else {
  await import('../scripts/build.mjs');
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { repeat: { type: 'string', default: '3' } },
  });
  const sizes = positionals.length > 0 ? positionals.map(Number) : [100, 200, 400, 800];
  compare(sizes, Number(values.repeat));
}

function measure(kind, modules, outdir) {
  const { MlPlatform } = require('cdk8s-ml-netpol');
  if (kind === 'without') forget();
  const platform = new MlPlatform({ outdir });
  declare(platform, modules);
  const start = process.cpuUsage();
  platform.synth();
  const { user, system } = process.cpuUsage(start);
  return { seconds: (user + system) / 1e6 };
}

/** The set of checks is the library's own: this process goes without them. */
function forget() {
  const checks = require('../lib/src/constructs/tree-checks.js');
  if (!checks.hasTreeChecks()) throw new Error('nothing to leave out: no check is registered');
  checks.hasTreeChecks = () => false;
}

function declare(platform, modules) {
  const { Port } = require('cdk8s-ml-netpol');
  const workload = (module, name, port) =>
    module.workload(name, { labels: { app: name }, ports: [Port.http(port)] });
  const members = Array.from({ length: modules }, (_, index) => {
    const module = platform.module(`module-${index}`);
    return { gateway: workload(module, 'gateway', 8443), model: workload(module, 'model', 8080) };
  });
  members.forEach(({ gateway, model }, index) => {
    const next = members[(index + 1) % members.length];
    model.allowFrom(gateway, { reason: 'inference' });
    gateway.allowTo(model, { reason: 'health' });
    model.allowTo(next.gateway, { reason: 'ensemble' });
  });
}

function compare(sizes, repeat) {
  const folder = mkdtempSync(path.join(tmpdir(), 'ml-netpol-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const best = new Map();
  for (let round = 1; round <= repeat; round += 1) {
    for (const modules of sizes) {
      for (const kind of KINDS) {
        const what = `${modules} ${kind}`;
        process.stderr.write(`round ${round}: ${modules} modules ${kind} the proof\n`);
        const { seconds } = runOnce([kind, String(modules), path.join(folder, what)]);
        best.set(what, Math.min(best.get(what) ?? Infinity, seconds));
      }
    }
  }
  print(['modules', 'without', 'with', 'ratio', 'the proof alone']);
  print(['---:', '---:', '---:', '---:', '---:']);
  const rows = sizes.map((modules) => {
    const [proved, plain] = KINDS.map((kind) => best.get(`${modules} ${kind}`));
    return { modules, proved, plain, alone: proved - plain };
  });
  rows.forEach((row, index) => {
    const cell = (key) => `${row[key].toFixed(2)} s${growth(row, rows[index - 1], key)}`;
    const ratio = `${(row.proved / row.plain).toFixed(1)} ×`;
    print([row.modules, cell('plain'), cell('proved'), ratio, cell('alone')]);
  });
  process.stdout.write(
    `\nCPU seconds of synth(), fastest of ${repeat} runs; in brackets the exponent of growth since the row above (1 = linear). ${process.platform}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0].model}).\n`,
  );
}

function runOnce(args) {
  const script = fileURLToPath(import.meta.url);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--measure', ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function growth(row, before, key) {
  if (before === undefined || before[key] <= 0 || row[key] <= 0) return '';
  const exponent = Math.log(row[key] / before[key]) / Math.log(row.modules / before.modules);
  return ` (${exponent.toFixed(2)})`;
}

function print(cells) {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
