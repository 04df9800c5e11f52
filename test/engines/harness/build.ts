/**
 * Go module -> binary in the user's cache folder, under the hash of everything that it is made of.
 *
 * A binary is written beside its place and renamed: two runs that build the same one at once end up
 * with one whole file, and a run that dies while building leaves none.
 */

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { output } from './output';

export interface Program {
  /** Folder under test/engines/go. */
  readonly module: string;
  /** Import path, or a folder of the module such as `./cmd/judge`. */
  readonly package: string;
  /** Name of the binary. */
  readonly binary: string;
  /** For the linker: `-X path.name=value`. */
  readonly linkerFlags?: readonly string[];
}

const MODULES = path.join(__dirname, '..', 'go');

/** Binaries that no run asked for in this time are removed: one is 100 MB. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** What a result depends on besides the files; whatever the user has set in GOFLAGS does not count. */
const SETTINGS = { GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' };

/** The binary's path, built first where it is not in the cache. Minutes at first, then nothing. */
export async function built(program: Program): Promise<string> {
  const folder = path.join(cacheFolder(), 'engines');
  const file = path.join(folder, `${program.binary}-${await hashOf(program)}`);
  if (!existsSync(file)) await build(program, file);
  const now = new Date();
  utimesSync(file, now, now);
  removeForgotten(folder, now.getTime() - KEPT_MS);
  return file;
}

/** `$XDG_CACHE_HOME/cdk8s-ml-netpol`, in the home folder when that is not set. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return path.join(base ? base : path.join(homedir(), '.cache'), 'cdk8s-ml-netpol');
}

async function build(program: Program, file: string): Promise<void> {
  const started = Date.now();
  mkdirSync(path.dirname(file), { recursive: true });
  const workshop = mkdtempSync(`${file}.building-`);
  try {
    const made = path.join(workshop, program.binary);
    await output('go', ['build', ...flagsOf(program), '-o', made, program.package], {
      cwd: path.join(MODULES, program.module),
      env: { ...process.env, ...SETTINGS },
    });
    renameSync(made, file);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(`built ${program.binary} in ${seconds} s\n`);
}

function flagsOf({ linkerFlags = [] }: Program): string[] {
  const ldflags = ['-s', '-w', ...linkerFlags].join(' ');
  // readonly: go.mod and go.sum are what was reviewed, or the build fails
  return ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', ldflags];
}

async function hashOf(program: Program): Promise<string> {
  const hash = createHash('sha256');
  const part = (...texts: string[]) => {
    for (const text of texts) hash.update(`${Buffer.byteLength(text)}:${text}`);
  };
  const folder = path.join(MODULES, program.module);
  // the toolchain that go.mod selects, which need not be the one that is installed
  const toolchain = await output('go', ['version'], { cwd: folder });
  part(toolchain.trim(), JSON.stringify(SETTINGS), program.package, ...flagsOf(program));
  for (const name of inputsOf(folder)) part(name, readFileSync(path.join(folder, name), 'utf8'));
  return hash.digest('hex').slice(0, 16);
}

function inputsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

function removeForgotten(folder: string, before: number): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    // of two runs that clean up at once, one finds nothing
    const used = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (used < before) rmSync(file, { recursive: true, force: true });
  }
}
