/**
 * Do NetworkPolicy and the mesh together allow exactly what was declared? Random models with and
 * without a mesh are written, and every witness is asked twice: what the story declares
 * (support/mesh-declared.ts) and what the naive evaluators make of the manifests. What synth refuses
 * must have its reason in the story.
 *
 * FUZZ_RUNS scales the number of models, FUZZ_SEED repeats a run.
 */

import * as fc from 'fast-check';
import { anyMeshStory } from '../support/mesh-arbitrary';
import type { Order } from '../support/mesh-build';
import { buildStory } from '../support/mesh-build';
import { Reading } from '../support/mesh-declared';
import type { Outcome } from '../support/mesh-judge';
import { differencesOf, outcomeOf } from '../support/mesh-judge';
import { CONFIRMED, isNeedless } from '../support/mesh-refusals';
import type { MeshStory } from '../support/mesh-story';
import { differenceText, textOf } from '../support/mesh-text';

const runs = Number(process.env['FUZZ_RUNS'] ?? 1500);
const freshSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);
/** With this one every refusal is met. */
const FIXED_SEED = 17;

/** What was met on the way; only of models before the first counterexample. */
class Tally {
  models = 0;
  synthesized = 0;
  asked = 0;
  readonly refused = new Map<string, number>();
  readonly needless = new Map<string, number>();

  constructor(readonly seed: number) {}

  count(map: Map<string, number>, key: string): void {
    map.set(key, (map.get(key) ?? 0) + 1);
  }

  toString(): string {
    const list = (map: Map<string, number>): string =>
      [...map]
        .sort(([, a], [, b]) => b - a)
        .map(([key, n]) => `${key} ${n}`)
        .join(', ');
    const { models, synthesized, asked, seed } = this;
    return [
      `mesh: seed ${seed}, ${models} models, ${synthesized} synthesized, ${asked} questions`,
      `refused: ${list(this.refused)}`,
      `refused though exact: ${list(this.needless)}`,
    ].join('\n');
  }
}

describe('NetworkPolicy and mesh together allow exactly what was declared', () => {
  test(
    'for the same models each time, with every refusal among them',
    () => {
      const tally = judgeAll(FIXED_SEED);
      const met = [...tally.refused.keys()];
      const unmet = Object.keys(CONFIRMED).filter((code) => !met.includes(code));
      expect(runs < 1500 ? [] : unmet).toEqual([]);
    },
    10 * 60_000,
  );

  test(
    'for models that no test saw before',
    () => {
      judgeAll(freshSeed);
    },
    10 * 60_000,
  );
});

function judgeAll(seed: number): Tally {
  const tally = new Tally(seed);
  const property = fc.property(anyMeshStory, (story) => judge(story, tally));
  try {
    fc.assert(property, { numRuns: runs, seed, verbose: 0, endOnFailure: false });
  } finally {
    process.stderr.write(`${tally.toString()}\n`);
  }
  expect(tally.synthesized / tally.models).toBeGreaterThan(0.4);
  return tally;
}

function judge(story: MeshStory, tally: Tally): void {
  tally.models += 1;
  const outcome = outcomeOf(buildStory(story).app);
  const reading = new Reading(story);
  if (outcome.codes.length > 0) return judgeRefusal(reading, outcome, tally);
  tally.synthesized += 1;
  const { differences, asked } = differencesOf(reading, outcome.manifests);
  tally.asked += asked;
  if (differences.length > 0) fail(story, ...differences.map(differenceText));
  if (tally.synthesized % 4 === 0) judgeOrder(story, outcome, tally.synthesized);
}

/** The story holds the reason. */
function judgeRefusal(reading: Reading, { codes, manifests }: Outcome, tally: Tally): void {
  for (const code of codes) tally.count(tally.refused, code);
  // of several refusals one may follow from another
  if (!codes.some((code) => CONFIRMED[code]?.(reading))) {
    fail(reading.story, `refused without reason: ${codes.join(', ')}`);
  }
  const [only] = codes;
  if (codes.length === 1 && only !== undefined && isNeedless(reading, manifests)) {
    tally.count(tally.needless, only);
  }
}

/** Statements in another order, and the profile last, give the same objects. */
function judgeOrder(story: MeshStory, { manifests }: Outcome, salt: number): void {
  const order: Order = (items) =>
    items
      .map((item, index) => ({ item, rank: (index * 7919 + salt * 104_729) % 1009 }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item);
  const again = outcomeOf(buildStory(story, { order, profileLast: salt % 8 === 0 }).app);
  const text = ({ manifests: all }: Pick<Outcome, 'manifests'>): string[] =>
    all.map((manifest) => JSON.stringify(manifest)).sort();
  const [first, second] = [text({ manifests }), text(again)];
  const changed = second.filter((one) => !first.includes(one));
  if (changed.length > 0 || first.length !== second.length) {
    fail(story, `another order of declaration writes ${changed.join('\\n')}`);
  }
}

function fail(story: MeshStory, ...facts: readonly string[]): never {
  throw new Error([textOf(story), ...facts].join('\n'));
}
