/**
 * Does Calico enforce random policies as we predict it? FUZZ_RUNS is the number of worlds of each of the
 * two tests, FUZZ_SEED repeats the second one.
 */

import { describeEngine } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { FELIX_NEEDS } from './calico-felix';
import { compareCells } from './compare';
import { FelixCluster } from './felix-cluster';
import { predictionOf } from './prediction';
import { randomWorld } from './random-worlds';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 110);
const FIXED_SEED = 5;
const freshSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);

describeEngine('calico-felix', FELIX_NEEDS, () => {
  const run = new Run();
  let cluster: FelixCluster;

  beforeAll(async () => {
    cluster = await FelixCluster.start(run);
  });
  afterAll(() => run.end());

  test('enforces the same random worlds each time as we predict', () => compareWorlds(FIXED_SEED));

  test('enforces worlds that no test saw before as we predict', () => compareWorlds(freshSeed));

  async function compareWorlds(seed: number): Promise<void> {
    const tally = new Tally('calico-felix', `${String(RUNS)} worlds of FUZZ_SEED=${String(seed)}`);
    const words = new Set<string>();
    for (let index = 0; index < RUNS; index += 1) {
      const { world, cells } = randomWorld(seed * 1_000_003 + index);
      await cluster.show(world);
      const prediction = predictionOf(world);
      for (const cell of cells) words.add(prediction.verdict(cell));
      await compareCells(cluster, { title: `world ${String(index)}`, cells }, [
        { tally, prediction },
      ]);
    }
    tally.close();
    expect([...words].sort()).toEqual(['ALLOWED', 'DENIED']);
  }
});
