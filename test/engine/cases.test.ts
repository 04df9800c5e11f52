/**
 * Cases of network policy that no upstream suite covers, asked of the engine. The numbers are those of
 * the list in our notes on the semantics of NetworkPolicy.
 */
import { Cni } from '../../src/cluster/cni';
import { Reach } from '../../src/engine/reach';
import { Protocol } from '../../src/values/port';
import type { ClusterNetworkPolicy, ClusterRule } from '../naive/cluster-network-policy';
import type { NetworkPolicy, Peer, Pod, PolicyPort, Rule, Selector } from '../naive/world';
import type { Answer, Story } from '../support/asking-network';
import { asking, clusterOf, clusterPolicy, policy } from '../support/asking-network';

const { TCP, UDP } = Protocol;
const ALLOWED: Answer = { verdict: 'ALLOWED', facts: [] };
const DENIED: Answer = { verdict: 'DENIED', facts: [] };
const unknown = (...facts: string[]): Answer => ({ verdict: 'UNKNOWN', facts });

const bert: Pod = { namespace: 'ml', name: 'bert', labels: { app: 'bert' }, ip: '10.1.0.1' };
const mlflow: Pod = {
  ...{ namespace: 'ml', name: 'mlflow', labels: { app: 'mlflow' }, ip: '10.1.0.2' },
  ports: [
    { name: 'http', containerPort: 80 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ],
};

/** Whoever may call mlflow. */
function from(peers: readonly Peer[], ports?: readonly PolicyPort[]): NetworkPolicy {
  return policy('ml', {
    podSelector: { matchLabels: { app: 'mlflow' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: peers, ...(ports === undefined ? {} : { ports }) }],
  });
}

/** Whomever bert may call. */
function to(peers: readonly Peer[], ports?: readonly PolicyPort[]): NetworkPolicy {
  return policy('ml', {
    podSelector: { matchLabels: { app: 'bert' } },
    policyTypes: ['Egress'],
    egress: [{ to: peers, ...(ports === undefined ? {} : { ports }) }],
  });
}

function ask(policies: readonly NetworkPolicy[], story: Partial<Story> = {}) {
  return asking({ pods: [bert, mlflow], policies, ...story });
}

describe('label selectors', () => {
  const called = (podSelector: Selector, labels = {}): Answer =>
    ask([from([{ podSelector }])], { pods: [{ ...bert, labels }, mlflow] })('ml/bert', 'ml/mlflow');

  test('1: NotIn and DoesNotExist match where the key is absent', () => {
    const team = (operator: string, ...values: string[]): Selector => ({
      matchExpressions: [{ key: 'team', operator, values }],
    });
    expect(called(team('NotIn', 'nlp'))).toEqual(ALLOWED);
    expect(called(team('NotIn', 'nlp'), { team: 'nlp' })).toEqual(DENIED);
    expect(called(team('DoesNotExist'))).toEqual(ALLOWED);
    expect(called(team('DoesNotExist'), { team: '' })).toEqual(DENIED);
  });

  test('2: an empty value matches the empty value only', () => {
    const empty = { matchLabels: { tier: '' } };
    expect(called(empty)).toEqual(DENIED);
    expect(called(empty, { tier: '' })).toEqual(ALLOWED);
    expect(called(empty, { tier: 'gpu' })).toEqual(DENIED);
  });
});

describe('ports', () => {
  const on = (...ports: PolicyPort[]) => ask([from([], ports)]);

  test('3: a port without protocol is one of TCP', () => {
    expect(on({ port: 80 })('ml/bert', 'ml/mlflow', 80, TCP)).toEqual(ALLOWED);
    expect(on({ port: 80 })('ml/bert', 'ml/mlflow', 80, UDP)).toEqual(DENIED);
  });

  test('4: endPort is inclusive, and a range of one is one port', () => {
    for (const one of [on({ port: 80, endPort: 80 }), on({ port: 80 })]) {
      const answers = [79, 80, 81].map((port) => one('ml/bert', 'ml/mlflow', port));
      expect(answers).toEqual([DENIED, ALLOWED, DENIED]);
    }
    const last = on({ port: 65000, endPort: 65535 });
    const answers = [64999, 65000, 65535].map((port) => last('ml/bert', 'ml/mlflow', port));
    expect(answers).toEqual([DENIED, ALLOWED, ALLOWED]);
  });

  test("5: a name is each destination's own number", () => {
    const other: Pod = { ...mlflow, name: 'other', ports: [{ name: 'http', containerPort: 81 }] };
    const pods = [bert, mlflow, other];
    const ingress = ask([from([], [{ port: 'http' }])], { pods });
    const egress = ask([to([], [{ port: 'http' }])], { pods });
    for (const asked of [ingress, egress]) {
      expect(asked('ml/bert', 'ml/mlflow', 80)).toEqual(ALLOWED);
      expect(asked('ml/bert', 'ml/mlflow', 81)).toEqual(DENIED);
      expect(asked('ml/bert', 'ml/other', 81)).toEqual(ALLOWED);
      expect(asked('ml/bert', 'ml/other', 80)).toEqual(DENIED);
    }
  });

  test('6: a name on TCP and UDP of one pod is told apart by protocol', () => {
    const both: Pod = {
      ...mlflow,
      ports: [
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
        { name: 'dns', containerPort: 54, protocol: 'TCP' },
      ],
    };
    const asked = ask([from([], [{ port: 'dns', protocol: 'UDP' }])], { pods: [bert, both] });
    expect(asked('ml/bert', 'ml/mlflow', 53, UDP)).toEqual(ALLOWED);
    expect(asked('ml/bert', 'ml/mlflow', 54, TCP)).toEqual(DENIED);
  });

  test('7: a name admits nothing towards an address', () => {
    const asked = ask([to([{ ipBlock: { cidr: '0.0.0.0/0' } }], [{ port: 'http' }])]);
    expect(asked('ml/bert', '203.0.113.5', 80)).toEqual(DENIED);
    expect(asked('ml/bert', 'ml/mlflow', 80)).toEqual(ALLOWED);
  });

  test('8: a name that only the source has admits nothing', () => {
    const pods = [{ ...bert, ports: [{ name: 'grpc', containerPort: 80 }] }, mlflow];
    const asked = ask([to([], [{ port: 'grpc' }])], { pods });
    expect(asked('ml/bert', 'ml/mlflow', 80)).toEqual(DENIED);
  });

  test("20: the pod's port counts, whatever port a Service has", () => {
    const asked = ask([from([], [{ port: 8080 }])]);
    expect(asked('ml/bert', 'ml/mlflow', 80)).toEqual(DENIED);
    expect(asked('ml/bert', 'ml/mlflow', 8080)).toEqual(ALLOWED);
  });

  test('30: an empty list of ports opens all of them', () => {
    expect(on()('ml/bert', 'ml/mlflow', 22)).toEqual(ALLOWED);
  });
});

describe('addresses', () => {
  const block = (cidr: string, ...except: string[]): Peer => ({ ipBlock: { cidr, except } });

  test('9: exceptions may overlap, and another policy may admit what one excepts', () => {
    const holed = to([block('10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/24')]);
    expect(ask([holed])('ml/bert', 'ml/mlflow')).toEqual(DENIED);
    expect(ask([holed])('ml/bert', '10.2.0.9')).toEqual(ALLOWED);
    const readmitted = { ...to([block('10.1.0.2/32')]), metadata: { name: 'b', namespace: 'ml' } };
    expect(ask([holed, readmitted])('ml/bert', 'ml/mlflow')).toEqual(ALLOWED);
  });

  test('10: each address family for itself, and one that passes on both sides is enough', () => {
    const dual = { ...mlflow, ip: '', ips: ['10.1.0.2', 'fd00::2'] };
    const source = { ...bert, ip: '', ips: ['10.1.0.1', 'fd00::1'] };
    const between = (...policies: NetworkPolicy[]): Answer =>
      ask(policies, { pods: [source, dual] })('ml/bert', 'ml/mlflow');
    expect(between(to([block('fd00::/64')]))).toEqual(ALLOWED);
    expect(between(to([block('fd00::/64')]), from([block('fd00::/64')]))).toEqual(ALLOWED);
    expect(between(to([block('fd00::/64')]), from([block('10.0.0.0/8')]))).toEqual(DENIED);
    expect(ask([to([block('0.0.0.0/0')])])('ml/bert', '2001:db8::1')).toEqual(DENIED);
  });

  test('11: a pod of unknown address is in 0.0.0.0/0, and maybe in 10.0.0.0/8', () => {
    const pods = [bert, { ...mlflow, ip: '' }];
    const between = (cidr: string, podRanges?: string[]): Answer =>
      ask([to([block(cidr)])], { pods, ...(podRanges ? { profile: { podRanges } } : {}) })(
        'ml/bert',
        'ml/mlflow',
      );
    expect(between('0.0.0.0/0')).toEqual(ALLOWED);
    expect(between('10.0.0.0/8')).toEqual(unknown('pod-address'));
    expect(between('10.0.0.0/8', ['10.244.0.0/16'])).toEqual(ALLOWED);
    expect(between('192.168.0.0/16', ['10.244.0.0/16'])).toEqual(DENIED);
    expect(between('10.244.1.0/24', ['10.244.0.0/16'])).toEqual(unknown('pod-address'));
  });

  test('a rule about one family opens no port by its name to a connection of the other one', () => {
    const pods = [bert, { ...mlflow, ip: '' }];
    const between = (cidr: string): Answer =>
      ask([to([block(cidr)], [{ port: 'http' }])], { pods })('ml/bert', 'ml/mlflow', 80);
    expect(between('0.0.0.0/0')).toEqual(ALLOWED);
    expect(between('::/0')).toEqual(DENIED);
  });

  test('a pod of unknown address speaks only families that its cluster and its peer have', () => {
    const pods = [bert, { ...mlflow, ip: '' }];
    expect(ask([to([block('::/0')])], { pods })('ml/bert', 'ml/mlflow')).toEqual(DENIED);
    const six = [
      { ...bert, ip: 'fd00::1' },
      { ...mlflow, ip: '' },
    ];
    expect(ask([to([block('::/0')])], { pods: six })('ml/bert', 'ml/mlflow')).toEqual(ALLOWED);
  });
});

describe('pods of the host network', () => {
  const exporter: Pod = { ...bert, name: 'exporter', ip: '192.0.2.7', hostNetwork: true };
  const pods = [bert, mlflow, exporter];

  test('12: as source they may be on the node of the pod that they call', () => {
    expect(
      ask([from([{ podSelector: { matchLabels: { app: 'no' } } }])], { pods })(
        'ml/exporter',
        'ml/mlflow',
      ),
    ).toEqual(unknown('host-network'));
    const profile = { cni: { name: 'strict', nodeTrafficImplicit: false } };
    const strict = ask([from([{ podSelector: { matchLabels: { app: 'no' } } }])], {
      pods,
      profile,
    });
    expect(strict('ml/exporter', 'ml/mlflow')).toEqual(DENIED);
  });

  test('12: as target and as peer it is up to the network whether they are pods', () => {
    const deny = policy('ml', { podSelector: { matchLabels: { app: 'bert' } } });
    expect(ask([deny], { pods })('ml/mlflow', 'ml/exporter')).toEqual(unknown('host-network'));
    const peer = to([{ podSelector: {} }]);
    expect(ask([peer], { pods })('ml/bert', 'ml/exporter')).toEqual(unknown('host-network'));
  });

  test('their addresses are of nodes, not of pod ranges', () => {
    const unplaced = [bert, mlflow, { ...exporter, ip: '' }];
    const range = to([{ ipBlock: { cidr: '10.244.0.0/16' } }]);
    const profile = { podRanges: ['10.244.0.0/16'] };
    expect(ask([range], { pods: unplaced, profile })('ml/mlflow', 'ml/exporter')).toEqual(ALLOWED);
    expect(ask([range], { pods: unplaced, profile })('ml/bert', 'ml/exporter')).toEqual(
      unknown('node-address'),
    );
  });

  test("a pod's own node reaches it; a node reaches a pod of unknown node, or not", () => {
    const placed = [bert, { ...mlflow, hostIP: '192.0.2.7' }];
    const asked = ask([from([{ podSelector: {} }])], { pods: placed });
    expect(asked('192.0.2.7', 'ml/mlflow')).toEqual(ALLOWED);
    expect(asked('192.0.2.8', 'ml/mlflow')).toEqual(DENIED);
    const nodes = [{ labels: {}, ips: ['192.0.2.7'] }];
    const unplaced = ask([from([{ podSelector: {} }])], { nodes });
    expect(unplaced('192.0.2.7', 'ml/mlflow')).toEqual(unknown('node-address'));
    expect(unplaced('192.0.2.8', 'ml/mlflow')).toEqual(DENIED);
  });
});

describe("a network plug-in to which a cluster's own addresses are not outside", () => {
  const cilium = { cni: Cni.CILIUM._data };
  const everywhere: Peer = { ipBlock: { cidr: '0.0.0.0/0' } };

  test('takes no pod for a part of a block, nor of networks', () => {
    expect(ask([to([everywhere])], { profile: cilium })('ml/bert', 'ml/mlflow')).toEqual(DENIED);
    const egress: ClusterRule[] = [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }];
    const asked = ask([], { clusterPolicies: [clusterPolicy('a', { egress })], profile: cilium });
    expect(asked('ml/bert', 'ml/mlflow')).toEqual(ALLOWED);
    expect(asked('ml/bert', '203.0.113.7')).toEqual(DENIED);
  });

  test('takes no node for a part of a block, whoever tells that it is one', () => {
    const called = (ip: string, story: Partial<Story>): Answer =>
      ask([to([everywhere])], { ...story, profile: { ...cilium, ...story.profile } })(
        'ml/bert',
        ip,
      );
    const nodes = [{ labels: {}, ips: ['192.0.2.7'] }];
    expect(called('192.0.2.7', { nodes })).toEqual(DENIED);
    expect(called('192.0.2.8', { nodes })).toEqual(ALLOWED);
    expect(called('192.0.2.8', { profile: { nodeRanges: ['192.0.2.0/24'] } })).toEqual(DENIED);
    const pods = [bert, { ...mlflow, hostIP: '192.0.2.9' }];
    expect(called('192.0.2.9', { pods })).toEqual(DENIED);
  });

  test('takes pods of the host network for nodes, which rules about nodes still mean', () => {
    const exporter: Pod = { ...bert, name: 'exporter', ip: '192.0.2.7', hostNetwork: true };
    const story = { pods: [bert, exporter], profile: cilium };
    expect(ask([to([everywhere])], story)('ml/bert', 'ml/exporter')).toEqual(DENIED);
    const nodes = [{ labels: { pool: 'gpu' }, ips: ['192.0.2.7'] }];
    const gpu = { nodes: { matchLabels: { pool: 'gpu' } } };
    const deny = clusterPolicy('a', { egress: [{ action: 'Deny', to: [gpu] }] });
    const asked = ask([], { ...story, nodes, clusterPolicies: [deny] });
    expect([asked('ml/bert', 'ml/exporter'), asked('ml/bert', '192.0.2.7')]).toEqual([
      DENIED,
      DENIED,
    ]);
  });
});

describe('ClusterNetworkPolicy', () => {
  const every = [{ namespaces: {} }];
  const ingress = (action: ClusterRule['action']): ClusterRule[] => [{ action, from: every }];
  const between = (
    clusterPolicies: readonly ClusterNetworkPolicy[],
    policies: readonly NetworkPolicy[] = [],
  ): Answer => ask(policies, { clusterPolicies })('ml/bert', 'ml/mlflow');
  const baseline = (name: string, priority: number, action: ClusterRule['action']) =>
    clusterPolicy(name, { tier: 'Baseline', priority, ingress: ingress(action) });

  test('13: Baseline decides ingress though NetworkPolicy isolates egress', () => {
    const egress = policy('ml', { policyTypes: ['Egress'], egress: [{}] });
    expect(between([baseline('b', 1, 'Deny')], [egress])).toEqual(DENIED);
  });

  test('14: what Admin passes, Baseline denies, unless NetworkPolicy decides', () => {
    const pass = clusterPolicy('a', { ingress: ingress('Pass') });
    expect(between([pass, baseline('b', 1, 'Deny')])).toEqual(DENIED);
    expect(between([pass, baseline('b', 1, 'Deny')], [from([{ podSelector: {} }])])).toEqual(
      ALLOWED,
    );
  });

  test('15: equal priorities are undefined only where they decide differently', () => {
    const accept = clusterPolicy('a', { ingress: ingress('Accept') });
    const deny = clusterPolicy('b', { ingress: ingress('Deny') });
    const elsewhere = {
      ...deny,
      spec: { ...deny.spec, subject: { namespaces: { matchLabels: { team: 'x' } } } },
    };
    expect(between([accept, deny])).toEqual(unknown('equal-priority'));
    expect(between([accept, elsewhere])).toEqual(ALLOWED);
  });

  test('16: a rule that is not understood fails closed', () => {
    const strange = (action: ClusterRule['action']): ClusterNetworkPolicy[] => [
      clusterPolicy('a', { ingress: [{ action, from: [{ other: {} } as object] }] }),
      clusterPolicy('z', { priority: 9, ingress: ingress('Deny') }),
    ];
    const alone = (action: ClusterRule['action']): Answer => between(strange(action).slice(0, 1));
    expect([alone('Accept'), alone('Deny'), alone('Pass')]).toEqual([ALLOWED, DENIED, DENIED]);
    expect(between(strange('Accept'))).toEqual(DENIED);
  });

  test('17: of two Baseline policies the lower priority number comes first', () => {
    expect(between([baseline('a', 9, 'Deny'), baseline('b', 1, 'Accept')])).toEqual(ALLOWED);
    expect(between([baseline('a', 1, 'Deny'), baseline('b', 9, 'Accept')])).toEqual(DENIED);
  });

  test('18: networks hold pods', () => {
    const egress: ClusterRule[] = [{ action: 'Deny', to: [{ networks: ['10.1.0.0/24'] }] }];
    expect(between([clusterPolicy('a', { egress })])).toEqual(DENIED);
  });
});

test('19: a pod is no subject of policies about itself: the same place is another pod of its class', () => {
  const alone = policy('ml', { policyTypes: ['Ingress'] });
  const reach = new Reach(clusterOf({ pods: [bert], policies: [alone] }));
  expect([...reach.pairs()]).toEqual([]);
});

test('replies need no rule: who may call need not be callable', () => {
  const both = ['Ingress', 'Egress'] as const;
  const called = policy('ml', {
    podSelector: { matchLabels: { app: 'mlflow' } },
    policyTypes: [...both],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'bert' } } }] }],
  });
  const calling = policy('ml', {
    podSelector: { matchLabels: { app: 'bert' } },
    policyTypes: [...both],
    egress: [{ to: [{ podSelector: { matchLabels: { app: 'mlflow' } } }] }],
  });
  const asked = ask([called, calling]);
  expect(asked('ml/bert', 'ml/mlflow')).toEqual(ALLOWED);
  expect(asked('ml/mlflow', 'ml/bert')).toEqual(DENIED);
});

describe('rules', () => {
  const called = (spec: NetworkPolicy['spec']): Answer =>
    ask([policy('ml', spec)])('ml/bert', 'ml/mlflow');

  test('27: rules of a direction that policyTypes leaves out are dead', () => {
    expect(called({ policyTypes: ['Egress'], ingress: [], egress: [{}] })).toEqual(ALLOWED);
    expect(called({ policyTypes: ['Ingress'], ingress: [{}], egress: [] })).toEqual(ALLOWED);
  });

  test('28: one empty rule admits everything, an empty list nothing', () => {
    const ingress = (...rules: Rule[]): Answer => called({ ingress: rules });
    expect(ingress({})).toEqual(ALLOWED);
    expect(ingress()).toEqual(DENIED);
  });

  test('29: an empty list of egress rules without policyTypes isolates no egress', () => {
    expect(called({ egress: [], ingress: [{}] })).toEqual(ALLOWED);
    expect(called({ egress: [{ to: [], ports: [{ port: 81 }] }], ingress: [{}] })).toEqual(DENIED);
  });
});
