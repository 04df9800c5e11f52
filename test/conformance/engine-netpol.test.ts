/**
 * Does the engine agree with the upstream tests of NetworkPolicy and ClusterNetworkPolicy? Every cell of
 * SIG Network's e2e suite (kubernetes/kubernetes:test/e2e/network/netpol) and every verdict of the
 * conformance suite (kubernetes-sigs/network-policy-api:conformance), as data in ../shared/oracles.
 */
import { readFileSync } from 'node:fs';
import type { ClusterPeer, ClusterPort, ClusterRule } from '../../src/read/cluster';
import { Network } from '../../src/engine/network';
import type { Protocol } from '../../src/values/port';
import type { NetworkPolicy, Selector, World } from '../naive/world';
import { describeShared, sharedPath } from '../shared';
import type { ClusterNetworkPolicyFacts } from '../support/cluster-of-world';
import {
  clusterOfWorld,
  clusterWith,
  protocolOf,
  resourceNamed,
  selectorOf,
} from '../support/cluster-of-world';

interface Table {
  readonly name: string;
  readonly step: number;
  readonly pods: Readonly<
    Record<string, { labels: Record<string, string>; ip: string; ports: [] }>
  >;
  readonly namespaces: World['namespaces'];
  readonly policies: readonly NetworkPolicy[];
  readonly port: number;
  readonly protocol: string;
  readonly expect: Readonly<Record<string, boolean>>;
}

interface Suite {
  readonly pods: readonly (Omit<Table['pods'][string], 'ports'> & {
    ns: string;
    name: string;
    hostNetwork: boolean;
    ports: { containerPort: number; protocol: string; name: string }[];
  })[];
  readonly nodes: readonly { labels: Record<string, string>; ip: string }[];
  readonly states: readonly {
    namespaces: Readonly<Record<string, Record<string, string>>>;
    policies: readonly Policy[];
  }[];
  readonly cases: readonly {
    test: string;
    subtest: string;
    src: string;
    dst: string;
    protocol: string;
    port: number;
    expected: boolean;
    state: number;
  }[];
}

describeShared('the upstream suites', () => {
  test('506 of 506 cells of the NetworkPolicy e2e suite', () => {
    const tables = read<Table[]>('k8s-e2e-netpol.json');
    let cells = 0;
    const wrong: string[] = [];
    for (const table of tables) {
      const pods = Object.entries(table.pods).map(([id, pod]) => {
        const [namespace = '', name = ''] = id.split('/');
        return { ...pod, namespace, name };
      });
      const ask = asking(clusterOfWorld({ ...table, pods }));
      for (const [pair, expected] of Object.entries(table.expect)) {
        const [src = '', dst = ''] = pair.split('->');
        cells += 1;
        if (ask(src, dst, table.protocol, table.port) !== expected) {
          wrong.push(`${table.name} #${String(table.step)} ${pair}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(cells).toBe(506);
  });

  test('301 of 301 verdicts of the ClusterNetworkPolicy conformance suite', () => {
    const suite = read<Suite>('cnp-conformance.json');
    const asked = suite.states.map((state) => asking(clusterOfState(suite, state)));
    const wrong = suite.cases.filter(
      ({ src, dst, protocol, port, expected, state }) =>
        asked[state]?.(src, dst, protocol, port) !== expected,
    );
    expect(wrong.map(({ test: name, subtest }) => `${name} / ${subtest}`)).toEqual([]);
    expect(suite.cases).toHaveLength(301);
  });
});

function read<T>(file: string): T {
  return JSON.parse(readFileSync(sharedPath('oracles', file), 'utf8')) as T;
}

type Ask = (src: string, dst: string, protocol: string, port: number) => boolean;

/** Whether a connection is certainly allowed; UNKNOWN is not. */
function asking(cluster: Parameters<typeof clusterWith>[0]): Ask {
  const network = new Network(clusterWith(cluster));
  const { pods, pool } = network.compilation;
  const place = (id: string): number =>
    pods.classes.findIndex(({ workload }) => `${workload.namespace}/${workload.name}` === id);
  return (src, dst, protocol, port) => {
    const { sure } = network.between({ place: place(src) }, { place: place(dst) });
    return pool.has(sure, protocol as Protocol, port);
  };
}

interface Policy {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly tier: 'Admin' | 'Baseline';
    readonly priority: number;
    readonly subject: RawPods;
    readonly ingress?: readonly RawRule[];
    readonly egress?: readonly RawRule[];
  };
}

interface RawPods {
  readonly namespaces?: Selector;
  readonly pods?: { readonly namespaceSelector?: Selector; readonly podSelector: Selector };
}

interface RawRule {
  readonly action: ClusterRule['action'];
  readonly from?: readonly RawPeer[];
  readonly to?: readonly RawPeer[];
  readonly protocols?: readonly RawPort[];
}

type RawPeer = RawPods & { readonly networks?: readonly string[]; readonly nodes?: Selector };

interface RawPort {
  readonly destinationNamedPort?: string;
  readonly tcp?: RawNumber;
  readonly udp?: RawNumber;
  readonly sctp?: RawNumber;
}

interface RawNumber {
  readonly destinationPort?: { number?: number; range?: { start: number; end: number } };
}

function clusterOfState({ pods, nodes }: Suite, { namespaces, policies }: Suite['states'][number]) {
  const world = clusterOfWorld({
    namespaces: Object.fromEntries(
      Object.entries(namespaces).map(([name, labels]) => [name, { labels }]),
    ),
    pods: pods.map(({ ns, ports, ...pod }) => ({
      ...pod,
      namespace: ns,
      ports: ports.map((port) => ({ ...port, protocol: protocolOf(port.protocol) })),
    })),
    policies: policies.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as NetworkPolicy[],
  });
  return {
    ...world,
    nodes: nodes.map(({ labels, ip }, index) => ({
      ...{ name: `node-${String(index)}`, labels, addresses: [ip] },
    })),
    clusterNetworkPolicies: policies.filter(({ kind }) => kind !== 'NetworkPolicy').map(policyOf),
  };
}

function policyOf({ metadata: { name }, spec }: Policy): ClusterNetworkPolicyFacts {
  const { tier, priority, subject, ingress = [], egress = [] } = spec;
  return {
    ...{ name, tier, priority, unclear: [], subject: podsOf(subject) },
    ingress: ingress.map((rule) => ruleOf(rule, rule.from)),
    egress: egress.map((rule) => ruleOf(rule, rule.to)),
    resource: resourceNamed('ClusterNetworkPolicy', name),
  };
}

function podsOf({ namespaces, pods }: RawPods) {
  const own = pods?.namespaceSelector ?? namespaces;
  return { namespaces: selectorOf(own), pods: selectorOf(pods?.podSelector) };
}

function ruleOf({ action, protocols }: RawRule, peers: readonly RawPeer[] = []): ClusterRule {
  return {
    ...{ action, unclear: [], path: [] },
    peers: peers.map((peer): ClusterPeer => {
      if (peer.networks) return { kind: 'networks', cidrs: peer.networks };
      if (peer.nodes) return { kind: 'nodes', nodes: selectorOf(peer.nodes) };
      return { kind: 'pods', pods: podsOf(peer) };
    }),
    ...(protocols ? { ports: protocols.map(portOf) } : {}),
  };
}

function portOf({ destinationNamedPort: name, ...numbers }: RawPort): ClusterPort {
  if (name !== undefined) return { name };
  const [[protocol, own] = ['tcp', {}]] = Object.entries(numbers) as [string, RawNumber][];
  const { number, range } = own.destinationPort ?? {};
  return {
    protocol: protocolOf(protocol.toUpperCase()),
    ...(number === undefined ? {} : { range: [number, number] as const }),
    ...(range === undefined ? {} : { range: [range.start, range.end] as const }),
  };
}
