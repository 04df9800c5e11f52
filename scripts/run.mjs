// How every other script starts a program: the tools of node_modules/.bin by name, output shown or
// captured, no shell, so that it works the same on Linux, macOS and Windows.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** What the maintainers share beside the repository: CRDs, oracles, knowledge. May be absent. */
export const shared = path.join(root, '..', 'shared');

const require = createRequire(path.join(root, 'package.json'));

/** The JavaScript file behind a command of an installed package, as its package.json names it. */
function binOf(packageName, command) {
  const manifest = path.join(root, 'node_modules', packageName, 'package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return require.resolve(
    path.join(path.dirname(manifest), typeof bin === 'string' ? bin : bin[command]),
  );
}

/**
 * Runs a command of an installed package: `tool('cdk8s-cli', 'cdk8s', ['synth'])`.
 * Returns { ok, output }; output is only filled with `quiet`, which keeps it off the screen.
 */
export function tool(packageName, command, args, options = {}) {
  return run(process.execPath, [binOf(packageName, command), ...args], options);
}

/** Runs any program, see tool(). */
export function run(program, args, { cwd = root, env = {}, quiet = false } = {}) {
  const result = spawnSync(program, args, {
    cwd,
    // Looking for a newer cdk8s-cli on every call costs seconds, and minutes without a network.
    env: { ...process.env, CDK8S_CHECK_UPGRADE: 'false', ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.error) throw result.error;
  return {
    ok: result.status === 0,
    output: quiet ? withoutBanner(result.stdout + result.stderr) : '',
  };
}

/** The jsii tools frame a warning about old Node versions in exclamation marks, on every call. */
function withoutBanner(output) {
  return output.replace(/^!!.*\n/gm, '');
}

/** Ends the script: one line that says what is wrong, exit code 1. */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
