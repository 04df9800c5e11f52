/**
 * Does Cilium's own policy engine say the same as ours, under our profile of a cluster with Cilium?
 *
 * FUZZ_RUNS is the number of random worlds, FUZZ_SEED repeats a run.
 */
import { Network } from '../../../src/engine/network';
import { Protocol } from '../../../src/values/port';
import { podOf } from '../../naive/world';
import { NO_FACTS } from '../../support/cluster-of-world';
import { describeEngine, needsGo, needsShared } from '../harness/needs';
import { Tally } from '../harness/tally';
import { DEVIATIONS } from './deviations';
import { exampleCases } from './examples';
import type { Titled } from './second-opinion';
import { compared, differing } from './second-opinion';
import { clusterNetworkPolicySuite, networkPolicySuite } from './suites';
import { caseOf, randomCase } from './worlds';

const ENGINE = 'cilium';
const WORLDS = Number(process.env['FUZZ_RUNS'] ?? 2000);
const FIXED_SEED = 5;
const freshSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);

describeEngine(ENGINE, [needsGo, needsShared], () => {
  async function expectAgreement(part: string, cases: readonly Titled[]): Promise<void> {
    const tally = new Tally(ENGINE, part);
    await compared(tally, cases);
    tally.close();
  }

  test('judges the e2e suite of NetworkPolicy as we do', async () => {
    await expectAgreement('NetworkPolicy e2e suite', networkPolicySuite());
  });

  test('judges the conformance suite of ClusterNetworkPolicy as we do', async () => {
    await expectAgreement('ClusterNetworkPolicy conformance suite', clusterNetworkPolicySuite());
  });

  test('judges every example as we do', async () => {
    await expectAgreement('examples', exampleCases());
  });

  test.each([
    ['for the same worlds each time', FIXED_SEED],
    ['for worlds that no test saw before', freshSeed],
  ])('judges random clusters as we do, %s', async (_, seed) => {
    await expectAgreement(`${String(WORLDS)} worlds of FUZZ_SEED=${String(seed)}`, worlds(seed));
  });

  test('reads nothing but CIDRs otherwise than the upstream suites expect', async () => {
    const found = await differing(
      [...networkPolicySuite(), ...clusterNetworkPolicySuite()].map(asTheApiReads),
    );
    expect(found).toHaveLength(4 + 30);
    const tests = found.map((one) => one.replace(/( #\d+)?, .*/, ''));
    expect(tests.filter((name) => !/ipblock|cidr/i.test(name))).toEqual([]);
  });

  test.each(DEVIATIONS)('decides against the text of the API: $name', async ({ shown }) => {
    const { world, allowed, to } = shown;
    const ends = { from: podOf(world, 'ml/bert'), to: to ? { ip: to } : podOf(world, 'ml/mlflow') };
    const one = caseOf('', world, [{ ...ends, protocol: Protocol.TCP, port: 80 }]);
    const [found = ''] = await differing([one]);
    expect(found).toMatch(allowed ? /allowed, it says denied/ : /denied, it says allowed/);
  });

  test('a policy that only one of them gets is noticed', async () => {
    const [first] = networkPolicySuite().filter(({ title }) => title.includes('default-deny'));
    if (first === undefined) throw new Error('the suite has lost its first case');
    expect(await differing([first])).toEqual([]);
    expect(await differing([{ ...first, policies: [] }])).not.toEqual([]);
  });
});

function worlds(seed: number): Titled[] {
  return Array.from({ length: WORLDS }, (_, index) => randomCase(seed * 1_000_003 + index));
}

/** The same without a word about the network plug-in. */
function asTheApiReads(one: Titled): Titled {
  return {
    ...one,
    network: new Network({ ...one.network.compilation.cluster, profile: NO_FACTS }),
  };
}
