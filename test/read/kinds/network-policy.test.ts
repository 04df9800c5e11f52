import { clusterOfObjects } from '../../../src/read/objects';
import type { NetworkPolicyFacts } from '../../../src/read/cluster';

function policy(spec: object): NetworkPolicyFacts {
  const [one] = clusterOfObjects([
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'np', namespace: 'ml' },
      spec,
    },
  ]).networkPolicies;
  if (one === undefined) throw new Error('no policy');
  return one;
}

describe('NetworkPolicy', () => {
  it.each<[string, object, boolean, boolean]>([
    ['no policyTypes', {}, true, false],
    ['no policyTypes and egress: []', { egress: [] }, true, false],
    ['no policyTypes and an egress rule', { egress: [{}] }, true, true],
    ['policyTypes: []', { policyTypes: [], egress: [{}] }, true, true],
    ['Egress only', { policyTypes: ['Egress'], ingress: [{}] }, false, true],
    ['Ingress only', { policyTypes: ['Ingress'], egress: [{}] }, true, false],
    ['both', { policyTypes: ['Ingress', 'Egress'] }, true, true],
  ])('isolates as the API server defaults %s', (_, spec, ingress, egress) => {
    const facts = policy({ podSelector: {}, ...spec });
    expect([facts.ingress !== undefined, facts.egress !== undefined]).toEqual([ingress, egress]);
    expect(facts.unclear).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['no port as all ports of TCP', {}, { protocol: 'TCP' }],
    ['a number as TCP', { port: 80 }, { protocol: 'TCP', range: [80, 80] }],
    ['a range', { port: 80, endPort: 90, protocol: 'UDP' }, { protocol: 'UDP', range: [80, 90] }],
    ['a name', { port: 'http' }, { protocol: 'TCP', name: 'http' }],
    ['null as absent', { port: null, protocol: null }, { protocol: 'TCP' }],
  ])('reads %s', (_, port, expected) => {
    expect(policy({ podSelector: {}, ingress: [{ ports: [port] }] }).ingress).toEqual([
      { ports: [expected], path: ['spec', 'ingress', 0] },
    ]);
  });

  it.each<[string, object, object]>([
    [
      'a podSelector as pods of its own namespace',
      { podSelector: { matchLabels: { b: '2', a: '1' } } },
      { kind: 'pods', pods: { matchLabels: { a: '1', b: '2' }, matchExpressions: [] } },
    ],
    [
      'a namespaceSelector as all of its pods',
      { namespaceSelector: {}, podSelector: null },
      {
        kind: 'pods',
        namespaces: { matchLabels: {}, matchExpressions: [] },
        pods: { matchLabels: {}, matchExpressions: [] },
      },
    ],
    [
      'a block',
      { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
      { kind: 'block', cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] },
    ],
  ])('reads %s', (_, peer, expected) => {
    expect(policy({ podSelector: {}, ingress: [{ from: [peer] }] }).ingress?.[0]?.peers).toEqual([
      expected,
    ]);
  });

  it('reads empty lists of peers and ports as everybody and every port', () => {
    expect(policy({ podSelector: {}, ingress: [{ from: [], ports: [] }, null] }).ingress).toEqual([
      { path: ['spec', 'ingress', 0] },
      { path: ['spec', 'ingress', 1] },
    ]);
  });

  it('sorts expressions and their values', () => {
    const matchExpressions = [
      { key: 'b', operator: 'Exists' },
      { key: 'a', operator: 'In', values: ['y', 'x', 'y'] },
    ];
    expect(policy({ podSelector: { matchExpressions } }).pods.matchExpressions).toEqual([
      { key: 'a', operator: 'In', values: ['x', 'y'] },
      { key: 'b', operator: 'Exists', values: [] },
    ]);
  });

  it.each<[string, object, (string | number)[]]>([
    ['an unknown field', { ingress: [{ froms: [] }] }, ['spec', 'ingress', 0, 'froms']],
    ['an empty peer', { ingress: [{ from: [{}] }] }, ['spec', 'ingress', 0, 'from', 0]],
    [
      'a port in quotes',
      { ingress: [{ ports: [{ port: '80' }] }] },
      ['spec', 'ingress', 0, 'ports', 0, 'port'],
    ],
  ])('is unclear for %s', (_, spec, path) => {
    const { unclear, ingress } = policy({ podSelector: { matchLabels: { app: 'a' } }, ...spec });
    expect(unclear.map((one) => one.path)).toEqual([path]);
    expect(ingress).toBeDefined();
  });

  it('is taken to isolate both directions where its types are unclear', () => {
    const facts = policy({ podSelector: {}, policyTypes: ['ingress'] });
    expect([facts.ingress, facts.egress]).toEqual([[], []]);
    expect(facts.unclear).toHaveLength(1);
  });

  it('is taken to select every pod of its namespace where its selector is unclear', () => {
    const { pods } = policy({ podSelector: { matchLabels: { app: 3 } } });
    expect(pods).toEqual({ matchLabels: {}, matchExpressions: [] });
  });
});
