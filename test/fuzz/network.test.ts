/**
 * The fast evaluator of network policies against the naive one, over random small clusters.
 * The seed in a failure repeats one cluster: `judge(seed, new Tally())`.
 */
import { judge, Tally } from './network';
import { FRESH_SEED, NO_TIME_LIMIT, report, worldsOf } from './worlds';

const FIXED_SEED = 5;

/** What every run must have produced. */
const FEATURES = [
  ...['selector {}', 'selector matchLabels', 'selector of both kinds'],
  ...['selector In', 'selector NotIn', 'selector Exists', 'selector DoesNotExist'],
  ...['policyTypes by default', 'rule {}'],
  ...['ingress', 'egress', 'from', 'to', 'ports'].flatMap((list) =>
    ['absent', 'null', 'empty'].map((which) => `${list} ${which}`),
  ),
  ...['named port', 'ports not known', 'endPort', 'port of a protocol', 'SCTP'],
  ...['ipBlock IPv4', 'ipBlock IPv6', 'ipBlock except IPv4', 'ipBlock except IPv6'],
  ...['hostNetwork with address', 'hostNetwork without address', 'a node'],
  ...['address not known', 'one address', 'dual stack', 'IPv6 only', 'podRanges', 'nodeRanges'],
  ...['namespace without labels', 'policy not understood', 'two pods of one class'],
  ...['tier Admin', 'tier Baseline', 'action Accept', 'action Deny', 'action Pass', 'range'],
  ...['peer namespaces', 'peer pods', 'peer networks', 'peer nodes', 'peer domainNames'],
  ...['peer of no known kind', 'port of no known kind', 'destinationNamedPort'],
  ...['pod to pod', 'pod to address', 'address to pod'],
];

const FACTS = [
  ...['pod-address', 'namespace-labels', 'host-network', 'named-port', 'equal-priority'],
  ...['domain-names', 'node-address', 'policy-unclear'],
];

jest.setTimeout(NO_TIME_LIMIT);

describe('the engine answers as the naive evaluator does', () => {
  test('for the same clusters each time, with every feature and every missing fact', () => {
    const { features, answers, questions, needless } = run(FIXED_SEED);
    expect(FEATURES.filter((feature) => !features.has(feature))).toEqual([]);
    expect(FACTS.filter((fact) => !answers.has(`unknown for ${fact}`))).toEqual([]);
    const unneeded = [...needless.values()].reduce((sum, count) => sum + count, 0);
    expect(unneeded / questions).toBeLessThan(0.015);
  });

  test('for clusters that no test saw before', () => {
    run(FRESH_SEED);
  });
});

function run(seed: number): Tally {
  const tally = new Tally();
  const start = Date.now();
  try {
    const last = worldsOf('network');
    for (let index = 0; index < last; index += 1) judge(seed * 1_000_003 + index, tally);
  } finally {
    const { worlds, questions, answers, features } = tally;
    report('network', seed, worlds, start);
    const list = [...answers].map(([answer, count]) => `${answer} ${String(count)}`).sort();
    process.stderr.write(
      `${String(questions)} questions, ${String(features.size)} features met; ${list.join(', ')}\n`,
    );
  }
  return tally;
}
