/**
 * Whatever one step makes of what was written: the proof notices, or the engine says that it allows the
 * same, or it is of a class that is explained here. Counts are printed.
 */
import { Environment } from 'cdk8s-ml-netpol';
import type { App } from 'cdk8s';
import * as fc from 'fast-check';
import { join } from 'node:path';
import { altLas } from '../../examples/alt-las/alt-las';
import { localAi } from '../../examples/local-ai/local-ai';
import { mlMesh } from '../../examples/ml-mesh/ml-mesh';
import { practicus } from '../../examples/practicus/practicus';
import { seldonPlatform } from '../../examples/seldon/platform/platform';
import { financialMl } from '../../examples/seldon/team/team';
import { anyMeshStory } from '../support/mesh-arbitrary';
import { buildStory } from '../support/mesh-build';
import { outcomeOf } from '../support/mesh-judge';
import { outputFolder } from '../support/reach';
import type { Mutant } from './mutants';
import type { Survivor, Tally } from './mutation';
import { mutate, table } from './mutation';
import { causesOf } from './survivors';

const folder = outputFolder();

/** Each with how many of its mutants are asked about: MUTANTS=all asks about every one. */
const EXAMPLES: readonly (readonly [name: string, step: number, build: () => App])[] = [
  ['alt-las prod', 1, () => altLas(Environment.PROD, join(folder, 'alt-las'))],
  ['local-ai', 1, () => localAi(join(folder, 'local-ai'))],
  ['ml-mesh none', 3, () => mlMesh('none', join(folder, 'none'))],
  ['ml-mesh sidecar', 3, () => mlMesh('sidecar', join(folder, 'sidecar'))],
  ['ml-mesh ambient', 5, () => mlMesh('ambient', join(folder, 'ambient'))],
  ['practicus prod', 29, () => practicus(Environment.PROD, join(folder, 'practicus'))],
  ['seldon platform', 1, () => seldonPlatform(join(folder, 'platform'))],
  ['seldon team', 1, seldonTeam],
];

const { FUZZ_SEED, MUTANTS } = process.env;
const FIXED_SEED = 20_261_121;
// a new survivor is for somebody to explain: other seeds are for `npm run fuzz`
const SEEDS = FUZZ_SEED === undefined ? [FIXED_SEED] : [FIXED_SEED, Number(FUZZ_SEED)];

const total: Tally = new Map();

afterAll(() => process.stderr.write(`${table(total).join('\n')}\n`));

test.each(EXAMPLES)(
  'every mutant of %s is noticed',
  (_, step, build) => {
    expect(unexplained(mutate(build(), total, everyNth(MUTANTS === 'all' ? 1 : step)))).toEqual([]);
  },
  900_000,
);

test.each(SEEDS)(
  'mutants of random models are noticed, seed %i',
  (seed) => {
    const survivors: Survivor[] = [];
    for (const story of fc.sample(anyMeshStory, { numRuns: 20, seed })) {
      const { app } = buildStory(story);
      if (outcomeOf(app).codes.length > 0) continue;
      survivors.push(...mutate(app, total, everyNth(MUTANTS === 'all' ? 5 : 41)));
    }
    expect(unexplained(survivors)).toEqual([]);
  },
  900_000,
);

/** One of so many, whatever object they are of. */
function everyNth(step: number): (mutants: Mutant[]) => Mutant[] {
  let place = 0;
  return (mutants) => mutants.filter(() => place++ % step === 0);
}

function unexplained(survivors: readonly Survivor[]): string[] {
  return survivors
    .filter((one) => causesOf(one.changes) === undefined)
    .map(
      ({ kind, text, changes }) =>
        `${kind}: ${text}\n${changes
          .filter((one) => causesOf([one]) === undefined)
          .slice(0, 3)
          .map(({ what, was, is }) => `  ${what}: ${was} => ${is}`)
          .join('\n')}`,
    );
}

function seldonTeam(): App {
  const platform = join(folder, 'platform');
  seldonPlatform(platform).synth();
  return financialMl(join(folder, 'team'), platform);
}
