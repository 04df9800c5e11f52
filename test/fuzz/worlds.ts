/**
 * How many small random worlds the engine and the naive evaluators are asked about, and from which
 * seeds: one that never changes, so that a failure is a change of ours, and one that no run saw before.
 *
 * FUZZ_SEED repeats a fresh seed; FUZZ_TIMES multiplies the worlds (`npm run fuzz`).
 */

/** Worlds of each seed. */
const OF_EACH_SEED = { network: 46_000, sidecar: 2_000, ambient: 3_000 } as const;

export type Judged = keyof typeof OF_EACH_SEED;

const SEEDS = 2;

/** All worlds of one run of the tests. */
export const ALL_WORLDS = Object.values(OF_EACH_SEED).reduce((sum, each) => sum + SEEDS * each, 0);

const TIMES = Number(process.env['FUZZ_TIMES'] ?? 1);

export function worldsOf(judged: Judged): number {
  return OF_EACH_SEED[judged] * TIMES;
}

export const FRESH_SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);

/** Long runs are asked for; no test fails for being slow. */
export const NO_TIME_LIMIT = 24 * 3_600_000;

/** Says what was asked, whether it went well or not: the seed repeats it. */
export function report(judged: Judged, seed: number, worlds: number, start: number): void {
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  process.stderr.write(
    `fuzz ${judged}: ${String(worlds)} worlds in ${seconds} s, FUZZ_SEED=${String(seed)}\n`,
  );
}
