/**
 * Does the proof hold over models that were found exact by the naive evaluators? Random stories, with
 * and without a mesh, are declared and written; whatever synth accepts, the proof must accept.
 */
import { Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { prove } from '../../src/proof/proof';
import { removeFolder, write } from '../property/build';
import { anyStory } from '../property/arbitrary';
import { anyMeshStory } from '../support/mesh-arbitrary';
import { buildStory } from '../support/mesh-build';
import { outcomeOf } from '../support/mesh-judge';
import { textOf } from '../support/mesh-text';
import type { MeshStory } from '../support/mesh-story';
import { contextOf, objectsOf } from './mutation';

const { FUZZ_RUNS, FUZZ_SEED } = process.env;
const runs = Number(FUZZ_RUNS ?? 350);
const fresh = FUZZ_SEED === undefined ? Date.now() % 2 ** 31 : Number(FUZZ_SEED);
process.stdout.write(`test/proof/stories: FUZZ_SEED=${String(fresh)}\n`);

const SEEDS = [20_261_121, fresh];
const MESHES = ['none', 'sidecar', 'ambient'] as const;
const CASES = MESHES.flatMap((mesh) => SEEDS.map((seed) => [mesh, seed] as const));

afterAll(removeFolder);

test.each(CASES)(
  'the proof holds for what stories write, mesh: %s, seed %i',
  (mesh, seed) => {
    let proved = 0;
    const stories = anyMeshStory.map((story): MeshStory => ({ ...story, mesh }));
    const property = fc.property(stories, (story) => {
      const problems = problemsOf(story);
      if (problems === undefined) return;
      proved += 1;
      if (problems.length > 0) throw new Error([textOf(story), ...problems].join('\n'));
    });
    fc.assert(property, { numRuns: runs, seed });
    process.stdout.write(`proof: ${String(proved)} models proved, mesh: ${mesh}\n`);
  },
  300_000,
);

test.each(SEEDS)(
  'the proof holds for what the stories of L3/L4 write, seed %i',
  (seed) => {
    let proved = 0;
    // every synth proves what it writes, and fails otherwise
    const property = fc.property(anyStory, (story) => {
      write(story, 0);
      proved += 1;
    });
    fc.assert(property, { numRuns: runs, seed });
    process.stdout.write(`proof: ${String(proved)} models proved, L3/L4\n`);
  },
  300_000,
);

/** Undefined: synth refuses what the story declares. */
function problemsOf(story: MeshStory): string[] | undefined {
  const { app } = buildStory(story);
  const { codes } = outcomeOf(app);
  if (codes.some((code) => code !== 'object')) return undefined;
  const text = Yaml.stringify(...objectsOf(app));
  const { problems } = prove(contextOf(app), [{ file: 'dist.yaml', text }]);
  return problems.map(({ code, where, got }) => `${code} ${where}: ${String(got)}`);
}
