/**
 * What has to hold for every story, in whatever order it is told. The two tests beside this file run
 * it: one with the same seed for ever, one with a fresh one each time.
 */

import * as fc from 'fast-check';
import { anyOrders, anyStory } from './arbitrary';
import type { Files } from './build';
import { removeFolder, write, writeOnly } from './build';
import { FEATURES, featuresOf } from './features';
import { faultOfObjects, faultOfPolicies } from './judge';
import type { Story } from './story';
import { tell } from './story';

/** Stories per test file; FUZZ_RUNS is the number of both together. */
const RUNS = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 2000) / 2);

/** Counterexamples are made smaller for so long, in ms, and not for ever. */
const SHRINKING = 30_000;

/** Where a failure is to be found again, as its message says. */
interface Start {
  readonly seed: number;
  readonly path?: string;
}

/** The tests of one file. */
export function describeStories(start: Start): void {
  const seen = new Set<string>();

  afterAll(removeFolder);

  it('is what was declared, in every order of declaration', () => {
    check(start, (story) => featuresOf(story).forEach((feature) => seen.add(feature)));
  }, 900_000);

  const enough = RUNS >= 1000 && start.path === undefined;
  (enough ? it : it.skip)('was seen with every kind of peer, port, construct and cluster', () => {
    expect(FEATURES.filter((feature) => !seen.has(feature))).toEqual([]);
    expect([...seen].filter((feature) => !FEATURES.includes(feature))).toEqual([]);
  });
}

function check({ seed, path }: Start, see: (story: Story) => void): void {
  let failedAt = Number.POSITIVE_INFINITY;
  const property = fc.property(anyStory, anyOrders, (story, orders) => {
    if (Date.now() > failedAt + SHRINKING) return true;
    see(story);
    const holds = faultOf(story, orders) === undefined;
    if (!holds) failedAt = Math.min(failedAt, Date.now());
    return holds;
  });
  const result = fc.check(property, { seed, path, numRuns: RUNS });
  if (result.counterexample === null) return;
  const [story, orders] = result.counterexample;
  const fault = faultOf(story, orders) ?? 'passes when it is told once more';
  const again = `FUZZ_SEED=${String(seed)} FUZZ_PATH=${result.counterexamplePath ?? ''}`;
  throw new Error(`${fault}\n${again} npx jest fresh-seed\n${tell(story)}`);
}

function faultOf(story: Story, [order, another]: readonly [number, number]): string | undefined {
  const written = write(story, order);
  const again = writeOnly(story, another);
  const fault = difference(comparable(story, written.files), comparable(story, again));
  if (fault !== undefined) return `the order of declaration changes ${fault}`;
  return faultOfObjects(story, written) ?? faultOfPolicies(story, written);
}

/** A stock App writes documents in the order of the tree, MlPlatform in its own. */
function comparable({ app }: Story, files: Files): Files {
  if (app === 'platform') return files;
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, text.split('---\n').sort().join('---\n')]),
  );
}

function difference(a: Files, b: Files): string | undefined {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const name = names.find((one) => a[one] !== b[one]);
  if (name === undefined) return undefined;
  const [before, after] = [a, b].map((files) => (files[name] ?? '').split(/---\n|\n(?=\{)/));
  const lost = before?.find((document) => !after?.includes(document)) ?? 'the order of documents';
  const found = after?.find((document) => !before?.includes(document)) ?? 'nothing more';
  return `${name}:\n${lost}\n=> ${found}`;
}
