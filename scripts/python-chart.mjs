// Proves that the library works from another language: installs the Python package that jsii-pacmak
// generates into a virtual environment, lets Python synthesize test/python/chart.py, and looks at
// what was written. Without a Python that can do so it says so in one line and is content;
// `--has-python` only tells by its exit code whether there is one.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fail, root, run } from './run.mjs';

// jsii's floor; venv and ensurepip are a package of their own on Debian.
const probe = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
const hasPython = succeeds('python3', ['-c', probe]);

if (process.argv.includes('--has-python')) process.exit(hasPython ? 0 : 1);
if (!hasPython) {
  process.stdout.write('skipped: a chart in Python, there is no Python 3.10 with venv\n');
  process.exit(0);
}

// What is installed, and what is built, is only needed from here on.
const { parseAllDocuments } = await import('yaml');
await import('./package.mjs');

const temporary = mkdtempSync(path.join(tmpdir(), 'ml-netpol-python-'));
process.on('exit', () => rmSync(temporary, { recursive: true }));

const output = path.join(temporary, 'dist');
const errors = JSON.parse(runChart());
checkChart(objectsIn(path.join(output, 'chart')));
checkPlatform(objectsIn(path.join(output, 'platform')));
checkModel(readFileSync(path.join(output, 'platform', 'traffic-model.jsonl'), 'utf8'));
checkErrors(errors);
assert.ok(!existsSync(path.join(output, 'wrong')), 'an app with a problem wrote something');
process.stdout.write('charts written in Python: YAML and errors as declared\n');

/** What test/python/chart.py prints last, when everything that it needs is installed. */
function runChart() {
  const venv = path.join(temporary, 'venv');
  const bin = path.join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
  python('python3', ['-m', 'venv', venv]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  python(path.join(bin, 'python'), [...pip, path.join(root, '.jsii-dist', 'python')]);
  const chart = path.join(root, 'test', 'python', 'chart.py');
  const printed = python(path.join(bin, 'python'), [chart, output]);
  const [errors] = printed.split('\n').filter((line) => line.startsWith('{'));
  return errors ?? fail(`${printed}\npython-chart: chart.py printed no errors`);
}

function checkChart(objects) {
  assert.equal(objects.length, 5);
  const namespace = find(objects, 'Namespace', 'llm-serving');
  assert.equal(namespace.metadata.labels['cdk8s-ml-netpol/module'], 'serving');
  assert.deepEqual(find(objects, 'NetworkPolicy', 'default-deny').spec, {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  });
  // Numbers cross the language border as numbers: a port that got lost would mean every port.
  assert.deepEqual(find(objects, 'NetworkPolicy', 'model-api-ingress').spec.ingress, [
    {
      from: [{ podSelector: { matchLabels: { app: 'gateway' } } }],
      ports: [{ port: 8080, protocol: 'TCP' }],
    },
  ]);
  assert.deepEqual(find(objects, 'NetworkPolicy', 'allow-dns').spec.egress[0].ports, [
    { port: 53, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ]);
}

function checkPlatform(objects) {
  const mlflow = { matchLabels: { 'app.kubernetes.io/name': 'mlflow' } };
  const inNamespace = (name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
  const ports = [{ port: 5000, protocol: 'TCP' }];
  const bert = find(objects, 'NetworkPolicy', 'bert-egress');
  assert.equal(bert.metadata.namespace, 'ml-training');
  assert.deepEqual(bert.spec.egress, [
    {
      to: [{ ipBlock: { cidr: '203.0.113.0/24' } }],
      ports: [{ port: 443, protocol: 'TCP' }],
    },
    { to: [{ namespaceSelector: inNamespace('mlflow'), podSelector: mlflow }], ports },
  ]);
  const callers = { namespaceSelector: inNamespace('ml-training') };
  assert.deepEqual(find(objects, 'NetworkPolicy', 'mlflow-ingress').spec, {
    podSelector: mlflow,
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ ...callers, podSelector: { matchLabels: { app: 'bert' } } }], ports }],
  });
}

function checkModel(model) {
  assert.match(model, /"experiment tracking"/);
  // A line of jsii's runtime, in a temporary folder, is nobody's declaration.
  assert.doesNotMatch(model, /program\.js/);
}

/** Python exceptions carry the library's message, whole, and name no line that is not the user's. */
function checkErrors({ value, role, relation }) {
  assert.match(value, /^NetpolError: Port\.tcp: port: got 70000, expected .+; fix: Port\.tcp\(/);
  assert.match(role, /^NetpolError: ModelRegistry\.mlflow\(\): role: got "metrics", .*tracking/);
  assert.match(relation, /^NetpolError: 1 problem, nothing was written:\nreporting\/dashboard: /);
}

function python(program, args) {
  const { ok, output } = run(program, args, { quiet: true });
  return ok ? output : fail(`${output}\npython-chart: failed: ${program} ${args.join(' ')}`);
}

function succeeds(program, args) {
  try {
    return run(program, args, { quiet: true }).ok;
  } catch {
    return false; // no such program
  }
}

function objectsIn(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => parseAllDocuments(readFileSync(path.join(folder, file), 'utf8')))
    .map((document) => document.toJS());
}

function find(objects, kind, name) {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  return found ?? fail(`python-chart: no ${kind} ${name} was written`);
}
