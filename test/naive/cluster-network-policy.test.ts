/**
 * Does the naive evaluator of ClusterNetworkPolicy mean what the API says? All verdicts of the
 * conformance suite, and what that suite leaves out.
 */
import { describeShared } from '../shared';
import { clusterPolicySuite } from '../support/cnp-suite';
import type { ClusterNetworkPolicy, ClusterRule, ClusterWorld } from './cluster-network-policy';
import { allowed } from './cluster-network-policy';
import type { NetworkPolicy, Pod } from './world';
import { podOf } from './world';

describeShared('the conformance suite', () => {
  test('301 of 301 verdicts', () => {
    const { worlds, cases } = clusterPolicySuite();
    const wrong = cases.filter(({ src, dst, protocol, port, expected, state }) => {
      const world = worlds[state];
      if (world === undefined) return true;
      return allowed(world, podOf(world, src), podOf(world, dst), protocol, port) !== expected;
    });
    expect(wrong).toEqual([]);
    expect(cases).toHaveLength(301);
  });
});

const bert: Pod = { namespace: 'ml', name: 'bert', ips: ['10.1.0.1', 'fd00::1'] };
const mlflow: Pod = { namespace: 'ml', name: 'mlflow', ips: ['10.1.0.2'], hostIP: '192.0.2.7' };
const exporter: Pod = { namespace: 'ml', name: 'exporter', ip: '192.0.2.7', hostNetwork: true };
const everyPod = { namespaces: {} };

function policy(
  tier: 'Admin' | 'Baseline',
  priority: number,
  rules: Pick<ClusterNetworkPolicy['spec'], 'ingress' | 'egress'>,
): ClusterNetworkPolicy {
  const name = `${tier}-${String(priority)}-${JSON.stringify(rules)}`;
  return { metadata: { name }, spec: { tier, priority, subject: everyPod, ...rules } };
}

function from(action: ClusterRule['action'], ...peers: object[]): ClusterRule {
  return { action, from: peers.length === 0 ? [everyPod] : peers };
}

function ask(
  clusterPolicies: readonly ClusterNetworkPolicy[],
  { policies = [], to = mlflow, source = bert, ...rest }: AskOptions = {},
): boolean | 'undefined' {
  const world: ClusterWorld = {
    ...{ namespaces: { ml: {} }, pods: [bert, mlflow, exporter], policies, clusterPolicies },
    ...rest,
  };
  return allowed(world, source, to, 'TCP', 80);
}

interface AskOptions extends Partial<ClusterWorld> {
  readonly to?: Pod | { ip: string };
  readonly source?: Pod;
}

const egressOnly: NetworkPolicy = {
  metadata: { name: 'egress', namespace: 'ml' },
  spec: { policyTypes: ['Egress'], egress: [{}] },
};

test('a Baseline policy decides ingress though NetworkPolicy isolates egress', () => {
  const baseline = [policy('Baseline', 1, { ingress: [from('Deny')] })];
  expect(ask(baseline, { policies: [egressOnly] })).toBe(false);
});

test('NetworkPolicy that isolates the direction comes before Baseline', () => {
  const open: NetworkPolicy = {
    metadata: { name: 'open', namespace: 'ml' },
    spec: { policyTypes: ['Ingress'], ingress: [{}] },
  };
  const baseline = [policy('Baseline', 1, { ingress: [from('Deny')] })];
  expect(ask(baseline, { policies: [open] })).toBe(true);
});

test('which of two policies of one priority wins is undefined only where it matters', () => {
  const accept = policy('Admin', 5, { ingress: [from('Accept')] });
  const deny = policy('Admin', 5, { ingress: [from('Deny')] });
  const first = policy('Admin', 4, { ingress: [from('Accept')] });
  expect(ask([accept, deny])).toBe('undefined');
  expect(ask([accept, deny, first])).toBe(true);
  expect(ask([deny, policy('Admin', 5, { ingress: [from('Deny'), from('Accept')] })])).toBe(false);
});

test('a rule with a peer of no known kind fails closed', () => {
  const later = policy('Admin', 2, { ingress: [from('Deny')] });
  expect(ask([policy('Admin', 1, { ingress: [from('Accept', { wildcard: {} })] }), later])).toBe(
    false,
  );
  expect(ask([policy('Admin', 1, { ingress: [from('Deny', { wildcard: {} })] })])).toBe(false);
  expect(ask([policy('Admin', 1, { ingress: [from('Pass', { wildcard: {} })] })])).toBe(false);
});

test('pods of the host network are neither subjects nor peers by labels', () => {
  const deny = [policy('Admin', 1, { ingress: [from('Deny')] })];
  expect(ask(deny, { source: exporter })).toBe(true);
  expect(ask(deny, { to: exporter })).toBe(true);
});

test('networks match pods of their family', () => {
  const egress = (...networks: string[]): ClusterNetworkPolicy[] => [
    policy('Admin', 1, { egress: [{ action: 'Deny', to: [{ networks }] }] }),
  ];
  expect(ask(egress('10.1.0.0/30'))).toBe(false);
  expect(ask(egress('10.2.0.0/16', '::/0'))).toBe(true);
});

test('a name means the addresses that it resolves to', () => {
  const rules = [
    { action: 'Accept' as const, to: [{ domainNames: ['*.example.com'] }] },
    { action: 'Deny' as const, to: [{ networks: ['0.0.0.0/0'] }] },
  ];
  const world = { to: { ip: '203.0.113.5' }, resolves: { 'a.example.com': ['203.0.113.5'] } };
  expect(ask([policy('Admin', 1, { egress: rules })], world)).toBe(true);
  expect(ask([policy('Admin', 1, { egress: rules })], { ...world, resolves: {} })).toBe(false);
});

test("a named port takes the protocol of the container's port", () => {
  const rules = [{ ...from('Deny'), protocols: [{ destinationNamedPort: 'web' }] }];
  const named = (protocol: 'TCP' | 'UDP'): Pod => ({
    ...mlflow,
    ports: [{ name: 'web', containerPort: 80, protocol }],
  });
  expect(ask([policy('Admin', 1, { ingress: rules })], { to: named('TCP') })).toBe(false);
  expect(ask([policy('Admin', 1, { ingress: rules })], { to: named('UDP') })).toBe(true);
});
