// Proves that the library works from another language: installs the Python package that jsii-pacmak
// generates into a virtual environment, lets Python synthesize test/python/chart.py, and looks at
// what was written.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import './package.mjs';
import { fail, root, run } from './run.mjs';

const temporary = mkdtempSync(path.join(tmpdir(), 'ml-netpol-python-'));
const bin = path.join(temporary, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin');
const output = path.join(temporary, 'dist');

python('python3', ['-m', 'venv', path.join(temporary, 'venv')]);
const source = path.join(root, '.jsii-dist', 'python');
python(path.join(bin, 'python'), [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--disable-pip-version-check',
  source,
]);
python(path.join(bin, 'python'), [path.join(root, 'test', 'python', 'chart.py'), output]);

const objects = readdirSync(output)
  .filter((file) => file.endsWith('.yaml'))
  .flatMap((file) => parseAllDocuments(readFileSync(path.join(output, file), 'utf8')))
  .map((document) => document.toJS());

assert.ok(find('Namespace', 'llm-serving'));
assert.deepEqual(find('NetworkPolicy', 'default-deny').spec, {
  podSelector: {},
  policyTypes: ['Ingress', 'Egress'],
});
// Numbers cross the language border as numbers: a port that got lost would mean every port.
assert.deepEqual(find('NetworkPolicy', 'model-api-ingress').spec.ingress, [
  {
    from: [{ podSelector: { matchLabels: { app: 'gateway' } } }],
    ports: [{ port: 8080, protocol: 'TCP' }],
  },
]);
process.stdout.write(`a chart written in Python: ${objects.length} objects, as declared\n`);
rmSync(temporary, { recursive: true });

function python(program, args) {
  const { ok, output: log } = run(program, args, { quiet: true });
  if (!ok) fail(`${log}\npython-chart: failed: ${program} ${args.join(' ')}`);
}

function find(kind, name) {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  return found ?? fail(`python-chart: no ${kind} ${name} was written`);
}
