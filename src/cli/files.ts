/** Files that the command line itself reads and writes; manifests are the reader's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { CannotAnswer, messageOf } from './cannot-answer';

/** `fix` is said where there is no such file. */
export function readText(file: string, fix?: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const hint = fix === undefined ? '' : `; fix: ${fix}`;
    throw new CannotAnswer([`${file}: ${reasonOf(cause)}${hint}`]);
  }
}

export function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new CannotAnswer([`${file}: cannot be written: ${messageOf(cause)}`]);
  }
}

function reasonOf(cause: unknown): string {
  const known = typeof cause === 'object' && cause !== null && 'code' in cause;
  const code = known ? cause.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  return code === 'EISDIR'
    ? 'got a folder, expected a file'
    : `cannot be read: ${messageOf(cause)}`;
}
