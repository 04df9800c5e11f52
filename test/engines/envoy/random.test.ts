/** Random policies: what we say of a request, and what Envoy does with it. */
import * as fc from 'fast-check';
import { meshCase } from '../../fuzz/istio-arbitrary';
import { FRESH_SEED } from '../../fuzz/worlds';
import { describeEngine, needsGo, needsNetworkNamespaces } from '../harness/needs';
import { Run } from '../harness/run';
import type { Story } from './stories';
import { cellsOf, tallied } from './stories';
import { needsEnvoy } from './package';

const FIXED_SEED = 20260101;

/** Sets of policies a seed. */
const SETS = 300;

function storiesOf(seed: number, numRuns = SETS): Story[] {
  return fc.sample(meshCase({ minLength: 8, maxLength: 10 }), { seed, numRuns });
}

describeEngine('envoy', [needsGo, needsNetworkNamespaces, needsEnvoy], () => {
  let run: Run;
  beforeAll(() => {
    run = new Run();
  });
  afterAll(() => run.end());

  test('for the same policies each time', async () => {
    tallied(`random policies, seed ${FIXED_SEED}`, await cellsOf(run, storiesOf(FIXED_SEED)));
  });

  test('for policies that no test saw before', async () => {
    tallied(`random policies, seed ${FRESH_SEED}`, await cellsOf(run, storiesOf(FRESH_SEED)));
  });

  test('an Envoy without the filters of policies is found out', async () => {
    const without = ['envoy.filters.http.rbac', 'envoy.filters.network.rbac'];
    const cells = await cellsOf(run, storiesOf(FIXED_SEED, 40), { without });
    const differ = cells.filter((cell) => !('skipped' in cell) && cell.ours !== cell.theirs);
    expect(differ.length).toBeGreaterThan(20);
  });
});
