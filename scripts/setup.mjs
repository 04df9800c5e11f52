// All the set-up that a fresh machine needs, and silent where there is nothing to do: `npm start`
// and `npm test` call it first. Not an npm pre-script, because `ignore-scripts=true` skips those.
//
// Runs before anything is installed: built-in modules only, and imported without `node:` so that a
// Node which is too old gets as far as the line that says so.

import { spawnSync } from 'child_process';
import { existsSync, readFileSync } from 'fs';
import path from 'path';
import { fileURLToPath } from 'url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

if (Number(process.versions.node.split('.')[0]) < 20) {
  stop(`cdk8s-ml-netpol needs Node 20 or newer, this is ${process.version}`);
}

const lock = readJson('package-lock.json');
if (lock === undefined) stop('package-lock.json is missing: restore it from git');

const stale = staleManifest();
if (stale) {
  stop(`package.json and package-lock.json disagree about ${stale}: run "npm install" once`);
}

const reason = whyInstall();
if (reason) {
  process.stderr.write(`setup: npm ci, because ${reason}\n`);
  npmCi();
  const left = whyInstall();
  if (left) stop(`setup: after npm ci, ${left} all the same`);
}

/** The first dependency list that package.json changed without the lock, or undefined. */
function staleManifest() {
  const manifest = readJson('package.json');
  const lists = ['dependencies', 'devDependencies', 'peerDependencies'];
  return lists.find((list) => sorted(manifest[list]) !== sorted(lock.packages[''][list]));
}

/**
 * Why the installed tree is not the locked one, or undefined. npm writes what it installed to
 * node_modules/.package-lock.json, last of all: an interrupted install has none. Only the contents
 * are compared (checkouts and caches change times), and each package must really be there.
 */
function whyInstall() {
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (installed === undefined) return 'nothing is installed';
  for (const [where, wanted] of Object.entries(lock.packages)) {
    if (where === '') continue;
    const found = installed[where];
    if (found === undefined) {
      // Packages for other platforms are locked, but never installed.
      if (wanted.optional || wanted.devOptional) continue;
      return `${where} is not installed`;
    }
    if (found.version !== wanted.version || found.integrity !== wanted.integrity) {
      return `${where} is ${found.version}, not ${wanted.version}`;
    }
    if (!existsSync(path.join(root, where, 'package.json'))) return `${where} is gone`;
  }
  const extra = Object.keys(installed).find((where) => !(where in lock.packages));
  return extra && `${extra} is installed, but not locked`;
}

/** `npm ci` through the npm that runs this script, else through the one on the PATH. */
function npmCi() {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] };
  const result =
    npm && /npm-cli\.c?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...args], options)
      : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (result.status !== 0) stop('setup: npm ci failed, see above');
}

function readJson(file) {
  const full = path.join(root, file);
  return existsSync(full) ? JSON.parse(readFileSync(full, 'utf8')) : undefined;
}

function sorted(list = {}) {
  return JSON.stringify(Object.entries(list).sort());
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
