// Runs every example as its user would, with `cdk8s synth`, and collects what they write:
// examples/<name> -> dist/<name>/, and for each variant in examples/<name>/variants.json
//
//   [{ "name": "dev", "env": { "ML_ENVIRONMENT": "dev" } }]
//
// once more with these environment variables -> dist/<name>-dev/. No two runs share a folder, because
// `cdk8s synth` empties the one it writes to. `npm run examples -- seldon alt-las` runs only those.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import './build.mjs';
import { fail, root, tool } from './run.mjs';

const examples = path.join(root, 'examples');
const wanted = process.argv.slice(2);

const names = readdirSync(examples).filter((name) =>
  existsSync(path.join(examples, name, 'cdk8s.yaml')),
);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0)
  fail(`examples: no such example: ${unknown.join(', ')} (there is ${names.join(', ')})`);

const failed = [];
for (const name of names.sort()) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  synth(name, name, {});
  for (const variant of variantsOf(name)) synth(name, `${name}-${variant.name}`, variant.env);
}
if (failed.length > 0) fail(`examples: failed: ${failed.join(', ')}`);

function synth(name, output, env) {
  const folder = path.join(root, 'dist', output);
  // --output is what `cdk8s synth` passes on as CDK8S_OUTDIR; absolute, so that it holds everywhere.
  const { ok, output: log } = tool('cdk8s-cli', 'cdk8s', ['synth', '--output', folder], {
    cwd: path.join(examples, name),
    env,
    quiet: true,
  });
  const files = ok ? manifests(folder) : 0;
  if (files > 0) {
    process.stdout.write(`dist/${output}: ${files} files\n`);
  } else {
    // `cdk8s synth` is content with an app that writes nothing. An example is not.
    process.stderr.write(`${log}dist/${output}: ${ok ? 'nothing was written' : 'failed'}\n`);
    failed.push(output);
  }
}

function variantsOf(name) {
  const file = path.join(examples, name, 'variants.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

function manifests(folder) {
  return readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.yaml')).length;
}
