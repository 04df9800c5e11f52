// How does the time to write an app grow with its charts? `npm run bench` declares the same platform
// three times and prints a table that can be compared within itself:
//
//   MlPlatform    the library's app
//   stock App     the library's constructs in an App of cdk8s
//   raw objects   what those two write, as plain ApiObjects in an App of cdk8s: what is left of the
//                 stock App's time when no construct or validation of this library runs
//
// A chart is one namespace with default deny and DNS, three workloads and four flows, one of them to
// the next chart. All three must write the same documents. Every measurement is a process of its own,
// so that none inherits another's heap or compiled code; the fastest of `--repeat` runs counts, as
// the one that other programs disturbed least. What takes longer than `--limit` seconds is cut off
// (but MlPlatform). Nothing is asserted about time.
//
//   npm run bench -- 250 500 --repeat 5 --limit 60

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const kinds = ['MlPlatform', 'stock App', 'raw objects'];

if (process.argv[2] === '--measure') {
  const [kind, charts, folder, source] = process.argv.slice(3);
  process.stdout.write(JSON.stringify(measure(kind, Number(charts), folder, source)));
} else {
  await import('../scripts/build.mjs');
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      repeat: { type: 'string', default: '3' },
      limit: { type: 'string', default: '300' },
    },
  });
  const sizes = positionals.length > 0 ? positionals.map(Number) : [250, 500, 1000, 2000];
  compare(sizes, Number(values.repeat), Number(values.limit));
}

// --- one measurement, in its own process ---------------------------------------------------------

function measure(kind, charts, folder, source) {
  const declare = {
    MlPlatform: declarePlatform,
    'stock App': declareStock,
    'raw objects': declareRaw,
  };
  // Loading the libraries is neither declaring nor writing.
  require('cdk8s-ml-netpol');
  const start = performance.now();
  const app = declare[kind](charts, folder, source);
  const declared = performance.now();
  app.synth();
  const written = performance.now();
  const { maxRSS } = process.resourceUsage(); // KiB
  const documents = documentsIn(folder);
  return {
    declare: declared - start,
    synth: written - declared,
    rss: maxRSS / 1024,
    documents: documents.length,
    digest: createHash('sha256').update(documents.join('---\n')).digest('hex'),
  };
}

function declarePlatform(charts, outdir) {
  const { MlPlatform } = require('cdk8s-ml-netpol');
  const platform = new MlPlatform({ outdir });
  declareFlows(names(charts).map((name) => platform.module(name)));
  return platform;
}

function declareStock(charts, outdir) {
  const { App } = require('cdk8s');
  const { Environment, MlModule } = require('cdk8s-ml-netpol');
  const app = new App({ outdir });
  const environment = Environment.PROD; // a platform's default, which a stock App has not
  declareFlows(names(charts).map((name) => new MlModule(app, name, { environment })));
  return app;
}

function declareRaw(charts, outdir, source) {
  const { ApiObject, App, Chart } = require('cdk8s');
  const { parseAllDocuments } = require('yaml');
  const app = new App({ outdir });
  for (const name of names(charts)) {
    const chart = new Chart(app, name, { disableResourceNameHashes: true });
    const documents = parseAllDocuments(
      readFileSync(path.join(source, `${name}.k8s.yaml`), 'utf8'),
    );
    documents.forEach((one, index) => new ApiObject(chart, `object-${index}`, one.toJS()));
  }
  return app;
}

function names(charts) {
  return Array.from({ length: charts }, (_, index) => `module-${index}`);
}

/** In every module gateway -> model -> features, gateway -> features, and model -> the next module. */
function declareFlows(modules) {
  const { Port } = require('cdk8s-ml-netpol');
  const workload = (module, name, port) =>
    module.workload(name, { labels: { app: name }, ports: [Port.http(port)] });
  const members = modules.map((module) => ({
    gateway: workload(module, 'gateway', 8443),
    model: workload(module, 'model', 8080),
    features: workload(module, 'features', 6566),
  }));
  members.forEach(({ gateway, model, features }, index) => {
    const next = members[(index + 1) % members.length];
    model.allowFrom(gateway, { reason: 'inference' });
    model.allowTo(features, { reason: 'features of each request' });
    gateway.allowTo(features, { reason: 'request context' });
    model.allowTo(next.gateway, { reason: 'ensemble' });
  });
}

/** All documents of all files, sorted: the order of documents is the writer's own. */
function documentsIn(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split(/^---\n/m))
    .sort();
}

// --- the table -----------------------------------------------------------------------------------

function compare(sizes, repeat, limit) {
  const temporary = mkdtempSync(path.join(tmpdir(), 'ml-netpol-bench-'));
  process.on('exit', () => rmSync(temporary, { recursive: true }));

  // Sizes and kinds take turns, so that what else the machine does meets all of them alike.
  const best = new Map();
  const cutOff = new Set();
  for (let round = 1; round <= repeat; round += 1) {
    for (const charts of sizes) {
      const folderOf = (kind) => path.join(temporary, `${charts} ${kind}`);
      for (const kind of kinds) {
        const what = `${charts} charts, ${kind}`;
        if (cutOff.has(what)) continue;
        process.stderr.write(`round ${round}: ${what}\n`);
        const args = [kind, charts, folderOf(kind), folderOf('MlPlatform')].map(String);
        // The raw objects are read from what MlPlatform wrote, so that one always ends.
        const result = runOnce(args, kind === 'MlPlatform' ? 0 : limit);
        if (result === undefined) cutOff.add(what);
        else if (!(best.get(what)?.synth <= result.synth)) best.set(what, result);
      }
      for (const kind of kinds) rmSync(folderOf(kind), { recursive: true, force: true });
    }
  }

  const rows = sizes.map((charts) => {
    const results = kinds
      .map((kind) => `${charts} charts, ${kind}`)
      .map((what) => (cutOff.has(what) ? undefined : best.get(what)));
    const written = results.filter((result) => result !== undefined);
    if (new Set(written.map(({ digest }) => digest)).size > 1) {
      process.stderr.write(`${charts} charts: not all wrote the same documents\n`);
      process.exitCode = 1;
    }
    return { charts, results };
  });

  const header = [
    'charts',
    'documents',
    'declare',
    'MlPlatform',
    'stock App',
    'ratio',
    'raw objects',
  ];
  const memory = ['RSS MlPlatform', 'RSS stock App'];
  const columns = [...header, 'stock App / raw', ...memory];
  print(columns);
  print(columns.map(() => '---:'));
  rows.forEach(({ charts, results: [own, stock, raw] }, index) => {
    const before = rows[index - 1];
    const grown = (result, at) => growth(charts, result, before?.charts, before?.results[at]);
    print([
      charts,
      own?.documents ?? '',
      seconds(own, 'declare'),
      seconds(own, 'synth') + grown(own, 0),
      stock === undefined ? `> ${limit} s` : seconds(stock, 'synth') + grown(stock, 1),
      ratio(stock, own),
      raw === undefined ? `> ${limit} s` : seconds(raw, 'synth') + grown(raw, 2),
      ratio(stock, raw),
      megabytes(own),
      megabytes(stock),
    ]);
  });
  process.stdout.write(
    `\nTimes are of synth() but for "declare" (MlPlatform); in brackets the exponent of growth since ` +
      `the row above (1 = linear). Fastest of ${repeat} runs. ` +
      `${process.platform}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model}).\n`,
  );
}

/** One measurement; undefined where it was cut off. No limit: 0. */
function runOnce(args, limit) {
  const script = fileURLToPath(import.meta.url);
  const { stdout, stderr, status, error } = spawnSync(
    process.execPath,
    ['--max-old-space-size=8192', script, '--measure', ...args],
    { encoding: 'utf8', timeout: limit * 1000, maxBuffer: 1 << 26 },
  );
  if (error?.code === 'ETIMEDOUT') return undefined;
  if (status !== 0) throw new Error(`${args.join(' ')} failed\n${stderr}`, { cause: error });
  return JSON.parse(stdout);
}

function growth(charts, result, chartsBefore, before) {
  if (result === undefined || before === undefined) return '';
  const exponent = Math.log(result.synth / before.synth) / Math.log(charts / chartsBefore);
  return ` (${exponent.toFixed(2)})`;
}

function seconds(result, field) {
  return result === undefined ? '' : `${(result[field] / 1000).toFixed(2)} s`;
}

function megabytes(result) {
  return result === undefined ? '' : `${result.rss.toFixed(0)} MiB`;
}

function ratio(one, other) {
  return one === undefined || other === undefined
    ? ''
    : `${(one.synth / other.synth).toFixed(1)} ×`;
}

function print(cells) {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
