/** The examples, each in all its variants, as their own programs synthesize them. */

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { altLas, ENVIRONMENTS as ALT_LAS } from '../../../examples/alt-las/alt-las';
import { localAi, synth } from '../../../examples/local-ai/local-ai';
import { MESHES } from '../../../examples/ml-mesh/cluster';
import type { Variant } from '../../../examples/ml-mesh/cluster';
import { mlMesh } from '../../../examples/ml-mesh/ml-mesh';
import { ENVIRONMENTS as PRACTICUS, practicus } from '../../../examples/practicus/practicus';
import { seldonPlatform } from '../../../examples/seldon/platform/platform';
import { financialMl } from '../../../examples/seldon/team/team';

/** Name -> what writes to a folder. A new example is a line here; a test compares the names. */
export const EXAMPLES: Readonly<Record<string, (folder: string) => void>> = {
  ...named('alt-las', ALT_LAS, (environment, folder) => altLas(environment, folder).synth()),
  'local-ai': (folder) => synth(localAi(folder)),
  ...Object.fromEntries(
    Object.keys(MESHES).map((variant) => [
      `ml-mesh-${variant}`,
      (folder: string) => mlMesh(variant as Variant, folder).synth(),
    ]),
  ),
  ...named('practicus', PRACTICUS, (environment, folder) => practicus(environment, folder).synth()),
  seldon: (folder) => {
    const platform = path.join(folder, 'platform');
    seldonPlatform(platform).synth();
    financialMl(path.join(folder, 'team'), platform).synth();
  },
};

/** Folders of examples/ that nobody here synthesizes. */
export function forgottenExamples(): string[] {
  const folder = path.join(__dirname, '..', '..', '..', 'examples');
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const known = Object.keys(EXAMPLES);
  return names.map(({ name }) => name).filter((name) => !known.some((one) => one.startsWith(name)));
}

function named<T extends { readonly name: string }>(
  example: string,
  variants: readonly T[],
  synthesize: (variant: T, folder: string) => void,
): Record<string, (folder: string) => void> {
  return Object.fromEntries(
    variants.map((variant) => [
      `${example}-${variant.name}`,
      (folder: string) => synthesize(variant, folder),
    ]),
  );
}
