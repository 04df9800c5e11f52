// Compiles src/ to lib/ and writes the jsii assembly, unless lib/ was built from exactly these
// inputs: `npm start` and `npm test` both call it. `--force` (npm run build) always builds.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, root, tool } from './run.mjs';

const stamp = path.join(root, 'lib', '.inputs');
const assemblyFile = path.join(root, '.jsii');

const inputs = digest([
  'src',
  'imports',
  'package.json',
  'tsconfig.jsii.json',
  'README.md',
  'scripts/build.mjs',
]);
const built =
  existsSync(stamp) && existsSync(assemblyFile) && readFileSync(stamp, 'utf8') === inputs;
if (!built || process.argv.includes('--force')) build();

function build() {
  // What was compiled from a file that is gone would be packed and published.
  rmSync(path.join(root, 'lib'), { recursive: true, force: true });
  rmSync(assemblyFile, { force: true });

  // The field's own words (namespace, from, except, delete) are reserved somewhere; pacmak escapes them.
  const silenced = [
    'language-compatibility/reserved-word',
    'language-compatibility/member-name-conflicts-with-type-name',
  ];
  const flags = silenced.flatMap((warning) => ['--silence-warnings', warning]);
  const { ok, output } = tool('jsii', 'jsii', flags, { quiet: true });
  if (!ok || /\bwarning\b.*JSII/i.test(output)) process.stdout.write(output);
  if (!ok) fail('build: jsii failed, see above');

  leaveOutOptionalPeers();
  writeFileSync(stamp, inputs);
}

/**
 * jsii knows no optional peers: it would list them as dependencies, and every Python, Java and Go
 * user would have to install them. No public type is made of theirs, so they can go.
 */
function leaveOutOptionalPeers() {
  const { peerDependenciesMeta } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  const assembly = JSON.parse(readFileSync(assemblyFile, 'utf8'));
  for (const [name, { optional }] of Object.entries(peerDependenciesMeta)) {
    if (!optional) continue;
    if (JSON.stringify(assembly.types).includes(`"${name}.`)) {
      fail(`build: a public type uses ${name}, which is an optional peer`);
    }
    delete assembly.dependencies[name];
    delete assembly.dependencyClosure[name];
  }
  writeFileSync(assemblyFile, JSON.stringify(assembly, null, 2));
}

/** One hash over names and contents: times change with every checkout, and a rename counts too. */
function digest(names) {
  const hash = createHash('sha256');
  for (const name of names) {
    for (const file of filesOf(name))
      hash
        .update(`${file}\0`)
        .update(readFileSync(path.join(root, file)))
        .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(name) {
  const full = path.join(root, name);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [name];
  return readdirSync(full)
    .sort()
    .flatMap((entry) => filesOf(path.join(name, entry)));
}
