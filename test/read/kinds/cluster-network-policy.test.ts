import { readFileSync } from 'node:fs';
import { clusterOfObjects } from '../../../src/read/objects';
import type { ClusterNetworkPolicyFacts } from '../../../src/read/cluster';
import { describeShared, sharedPath } from '../../shared';

const ALL = { matchLabels: {}, matchExpressions: [] };

function policy(spec: object): ClusterNetworkPolicyFacts {
  const [one] = clusterOfObjects([
    {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'cnp' },
      spec: { tier: 'Admin', priority: 5, subject: { namespaces: {} }, ...spec },
    },
  ]).clusterNetworkPolicies;
  if (one === undefined) throw new Error('no policy');
  return one;
}

const egress = (rule: object) =>
  policy({ egress: [{ action: 'Accept', to: [{ namespaces: {} }], ...rule }] }).egress[0];

describe('ClusterNetworkPolicy', () => {
  it('is read with tier, priority, subject and rules in their order', () => {
    const facts = policy({
      tier: 'Baseline',
      subject: { pods: { podSelector: { matchLabels: { app: 'a' } }, namespaceSelector: {} } },
      ingress: [
        { name: 'first', action: 'Pass', from: [{ namespaces: {} }] },
        { action: 'Deny', from: [{ pods: { podSelector: {} } }] },
      ],
    });
    expect(facts).toMatchObject({
      name: 'cnp',
      tier: 'Baseline',
      priority: 5,
      subject: { namespaces: ALL, pods: { matchLabels: { app: 'a' }, matchExpressions: [] } },
      unclear: [],
      egress: [],
    });
    expect(facts.ingress.map(({ name, action, unclear }) => [name, action, unclear])).toEqual([
      ['first', 'Pass', []],
      [undefined, 'Deny', []],
    ]);
  });

  it.each<[string, object, object]>([
    ['namespaces', { namespaces: {} }, { kind: 'pods', pods: { namespaces: ALL, pods: ALL } }],
    ['networks', { networks: ['10.0.0.0/8'] }, { kind: 'networks', cidrs: ['10.0.0.0/8'] }],
    ['nodes', { nodes: {} }, { kind: 'nodes', nodes: ALL }],
    ['domainNames', { domainNames: ['*.hf.co'] }, { kind: 'names', names: ['*.hf.co'] }],
  ])('knows the peer %s', (_, peer, expected) => {
    expect(egress({ to: [peer] })).toMatchObject({ peers: [expected], unclear: [] });
  });

  it.each<[string, object, object]>([
    [
      'a number',
      { tcp: { destinationPort: { number: 80 } } },
      { protocol: 'TCP', range: [80, 80] },
    ],
    [
      'a range',
      { udp: { destinationPort: { range: { start: 1, end: 9 } } } },
      { protocol: 'UDP', range: [1, 9] },
    ],
    ['a name', { destinationNamedPort: 'http' }, { name: 'http' }],
  ])('knows %s as port', (_, port, expected) => {
    expect(egress({ protocols: [port] })).toMatchObject({ ports: [expected], unclear: [] });
  });

  it.each<[string, object, string]>([
    ['an unknown peer', { to: [{ services: {} }] }, 'to.0'],
    ['an empty peer', { to: [{}] }, 'to.0'],
    ['two kinds in one peer', { to: [{ namespaces: {}, nodes: {} }] }, 'to.0'],
    ['no peers', { to: [] }, 'to'],
    ['names in a Deny rule', { action: 'Deny', to: [{ domainNames: ['a.b'] }] }, 'to.0'],
    [
      'an unknown selector field',
      { to: [{ namespaces: { labels: {} } }] },
      'to.0.namespaces.labels',
    ],
    ['no CIDR', { to: [{ networks: ['10.0.0.0'] }] }, 'to.0.networks'],
    ['an unknown action', { action: 'Allow' }, 'action'],
    ['an unknown field', { ports: [] }, 'ports'],
    ['an empty protocol', { protocols: [{ tcp: {} }] }, 'protocols.0'],
    [
      'a range that ends before it starts',
      { protocols: [{ tcp: { destinationPort: { range: { start: 9, end: 9 } } } }] },
      'protocols.0',
    ],
    ['no protocols', { protocols: [] }, 'protocols'],
    ['a CIDR twice', { to: [{ networks: ['::/0', '::/0'] }] }, 'to.0.networks'],
    ['nodes that are no selector', { to: [{ nodes: [] }] }, 'to.0.nodes'],
    ['an unknown kind of peer that is null', { to: [{ namespaces: {}, services: null }] }, 'to.0'],
    [
      'a podSelector that is no selector',
      { to: [{ pods: { podSelector: 'app=a' } }] },
      'to.0.pods.podSelector',
    ],
    [
      'a namespaceSelector that is no selector',
      { to: [{ pods: { podSelector: {}, namespaceSelector: [] } }] },
      'to.0.pods.namespaceSelector',
    ],
    ['a name that is no text', { name: 1 }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'name'],
  ])('has an unclear rule for %s', (_, rule, path) => {
    expect(egress(rule)?.unclear.map((one) => one.path.join('.'))).toEqual([
      `spec.egress.0.${path}`,
    ]);
  });

  it.each<[string, object]>([
    ['a kind of peer', { to: [{ namespaces: {}, pods: null }] }],
    ['a namespaceSelector', { to: [{ pods: { podSelector: {}, namespaceSelector: null } }] }],
    ['a name', { name: null }],
  ])('takes null for %s that is absent', (_, rule) => {
    expect(egress(rule)?.unclear).toEqual([]);
  });

  it('has an unclear rule for networks among ingress peers', () => {
    const { ingress } = policy({ ingress: [{ action: 'Deny', from: [{ networks: ['::/0'] }] }] });
    expect(ingress[0]?.unclear).toHaveLength(1);
  });

  it.each<[string, object, string]>([
    ['tier', { tier: 'admin' }, 'spec.tier'],
    ['priority', { priority: 1001 }, 'spec.priority'],
    ['subject', { subject: {} }, 'spec.subject'],
    ['unknown field', { rules: [] }, 'spec.rules'],
    ['list of rules', { ingress: { action: 'Deny' } }, 'spec.ingress'],
    ['list of rules, a text', { egress: 'none' }, 'spec.egress'],
    [
      'selector of the subject',
      { subject: { pods: { podSelector: 'app=a' } } },
      'spec.subject.pods.podSelector',
    ],
  ])('is unclear for a wrong %s', (_, spec, path) => {
    expect(policy(spec).unclear.map((one) => one.path.join('.'))).toEqual([path]);
  });
});

describeShared('policies of the conformance corpus', () => {
  it('are understood, every one of them', () => {
    const corpus = JSON.parse(
      readFileSync(sharedPath('oracles', 'cnp-conformance.json'), 'utf8'),
    ) as unknown;
    const found: unknown[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ((value as { kind?: unknown }).kind === 'ClusterNetworkPolicy') found.push(value);
      else for (const member of Object.values(value)) visit(member);
    };
    visit(corpus);
    const policies = found.flatMap((one) => clusterOfObjects([one]).clusterNetworkPolicies);
    expect(policies.length).toBeGreaterThan(10);
    const doubts = policies.flatMap(({ unclear, ingress, egress: out }) => [
      ...unclear,
      ...[...ingress, ...out].flatMap((rule) => rule.unclear),
    ]);
    expect(doubts).toEqual([]);
  });
});
