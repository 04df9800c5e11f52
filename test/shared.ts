// What maintainers share beside the repository (../shared: CRDs, oracles) is not in every clone.
// Tests that need it go through here: without it they are skipped (announce-skips.ts says so once),
// but on CI its absence fails, because there nobody reads what was skipped.

import { existsSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(__dirname, '..', '..', 'shared');

export const hasShared = existsSync(folder);

/** CI=true, as every CI service sets it: there nothing may be skipped. */
export const onCi = !['', 'false', '0'].includes(process.env['CI'] ?? '');

/** `sharedPath('oracles', 'k8s-e2e-netpol.json')`: the file's absolute path. */
export function sharedPath(...segments: string[]): string {
  return path.join(folder, ...segments);
}

/** Like describe(), for tests that read files of ../shared inside `body`. */
export function describeShared(title: string, body: () => void): void {
  describeWhere(hasShared, `${folder} is missing`, title, body);
}

/** describe() where `present`; else skipped, and on CI a test that fails with `missing`. */
export function describeWhere(
  present: boolean,
  missing: string,
  title: string,
  body: () => void,
): void {
  if (present) {
    describe(title, body);
    return;
  }
  // The body is not even run: it may read what is missing while tests are collected.
  const declare = onCi ? it : it.skip;
  describe(title, () => {
    declare('has what it needs', () => {
      throw new Error(missing);
    });
  });
}
