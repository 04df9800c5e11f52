/**
 * What an engine needs of the machine. Where something is missing, its tests are skipped with one
 * line that names it; on CI, where nobody reads what was skipped, they fail.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describeWhere, hasShared, sharedPath } from '../../shared';
import { recordMissing } from './ledger';

/** What is missing, in words that follow "there is no"; undefined when it is there. */
export type Need = () => string | undefined;

export const needsGo: Need = () => {
  // the oldest that fetches by itself whatever toolchain a go.mod asks for
  const version = /go1\.(\d+)/.exec(printed('go', ['version']))?.[1];
  return Number(version ?? 0) >= 21 ? undefined : 'Go 1.21 or newer';
};

/** Linux and the right to make network namespaces in it. */
export const needsNetworkNamespaces: Need = () => {
  if (process.platform !== 'linux') return 'Linux';
  if (process.getuid?.() !== 0) return 'root';
  const name = `mlnp-probe-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name]);
  if (made.error !== undefined) return 'ip (Debian package iproute2)';
  spawnSync('ip', ['netns', 'delete', name]);
  return made.status === 0 ? undefined : 'right to make network namespaces';
};

/** ../shared, beside the repository. */
export const needsShared: Need = () => (hasShared ? undefined : sharedPath());

/** A program on the PATH. */
export function needsProgram(name: string, debianPackage = name): Need {
  return () => {
    const folders = (process.env['PATH'] ?? '').split(path.delimiter);
    const found = folders.some((folder) => existsSync(path.join(folder, name)));
    return found ? undefined : `${name} (Debian package ${debianPackage})`;
  };
}

/** A part of the kernel, shown by a command that fails without it. */
export function needsKernel(part: string, command: string, ...args: readonly string[]): Need {
  return () => (spawnSync(command, args).status === 0 ? undefined : `${part} in this kernel`);
}

/** describe() for the tests of one engine; `body` is not run where a need is missing. */
export function describeEngine(engine: string, needs: readonly Need[], body: () => void): void {
  const missing = needs.flatMap((need) => need() ?? []);
  if (missing.length > 0) recordMissing(engine, missing);
  const why = `${engine}: there is no ${missing.join(', no ')}`;
  describeWhere(missing.length === 0, why, engine, body);
}

function printed(command: string, args: readonly string[]): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout ?? '';
}
