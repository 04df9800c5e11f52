/**
 * Which copy of the package this is: its folder and version, for the error that two copies of
 * unequal versions in one app deserve.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PackageInfo {
  readonly folder: string;
  readonly version: string;
}

/** The package that this file belongs to, wherever it was compiled to. */
export function packageInfo(): PackageInfo {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version?: string;
  };
  return { folder, version: manifest.version ?? 'unknown' };
}
