/** Everything that the library writes, for engines that judge text: examples and random platforms. */

import * as fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { altLas, ENVIRONMENTS as ALT_LAS } from '../../../examples/alt-las/alt-las';
import { localAi, synth } from '../../../examples/local-ai/local-ai';
import { MESHES } from '../../../examples/ml-mesh/cluster';
import type { Variant } from '../../../examples/ml-mesh/cluster';
import { mlMesh } from '../../../examples/ml-mesh/ml-mesh';
import { ENVIRONMENTS as PRACTICUS, practicus } from '../../../examples/practicus/practicus';
import { seldonPlatform } from '../../../examples/seldon/platform/platform';
import { financialMl } from '../../../examples/seldon/team/team';
import { anyOrders, anyStory } from '../../property/arbitrary';
import { removeFolder, write } from '../../property/build';
import { anyMeshStory } from '../../support/mesh-arbitrary';
import { buildStory } from '../../support/mesh-build';
import { outcomeOf } from '../../support/mesh-judge';

/** One object, and its document as it was written: engines that read YAML shall read ours. */
export interface Written {
  /** Who wrote it: `practicus-prod`, `story 17`. */
  readonly source: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Name -> what writes to a folder. A new example is a line here; a test compares the names. */
const EXAMPLES: Readonly<Record<string, (folder: string) => void>> = {
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

export function writtenByExamples(): Written[] {
  return Object.entries(EXAMPLES).flatMap(([source, synthesize]) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'engines-example-'));
    try {
      synthesize(folder);
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const texts = files.filter((file) => file.endsWith('.yaml')).sort();
      return texts.flatMap((file) =>
        documentsOf(source, readFileSync(path.join(folder, file), 'utf8')),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** Random platforms with all kinds of peers, ports, constructs and clusters (test/property). */
export function writtenByStories(count: number, seed: number): Written[] {
  const stories = fc.sample(fc.tuple(anyStory, anyOrders), { numRuns: count, seed });
  const all = stories.flatMap(([story, [order]], index) =>
    Object.entries(write(story, order).files)
      .filter(([file]) => file.endsWith('.yaml'))
      .flatMap(([, text]) => documentsOf(`story ${index}`, text)),
  );
  removeFolder();
  return all;
}

/** Random platforms in a sidecar or ambient mesh, as far as they are not refused. */
export function writtenByMeshStories(count: number, seed: number): Written[] {
  return fc.sample(anyMeshStory, { numRuns: count, seed }).flatMap((story, index) => {
    const { app } = buildStory(story);
    if (outcomeOf(app).codes.length > 0) return [];
    return documentsOf(`mesh story ${index}`, app.synthYaml());
  });
}

function documentsOf(source: string, text: string): Written[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object: unknown = document.toJS();
    if (typeof object !== 'object' || object === null) return [];
    const [start, , end] = document.range;
    return [{ source, object: object as Written['object'], text: text.slice(start, end) }];
  });
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
