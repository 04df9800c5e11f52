/**
 * Is a NetworkPolicy field by field what was declared? Random flows of one workload; the text that was
 * written is compared with a table of what each peer and port has to look like.
 */

import * as fc from 'fast-check';
import { Cni } from '../../src/cluster/cni';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import type { IPeer } from '../../src/values/peer';
import { Port, Protocol } from '../../src/values/port';
import { LabelSelector } from '../../src/values/selector';
import type { NetworkPolicy, Peer as PeerSpec, PolicyPort, Rule } from '../naive/world';
import { clusterOf } from '../support/cluster';
import { chartOf } from '../support/synth';

const PROFILE = ClusterProfile.generic({
  cni: Cni.CALICO,
  nodeRanges: ['172.20.0.0/24', 'fd00:172:20::/64'],
  podRanges: ['10.244.0.0/16', '198.51.100.0/24'],
  serviceRanges: ['10.96.0.0/12'],
  apiServer: { addresses: ['172.20.0.10/32'], ports: [6443] },
});

const nameIs = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });

/** Each peer, what has to stand for it, and how it differs as a caller. */
interface Row {
  readonly peer: IPeer;
  readonly is: readonly PeerSpec[];
  readonly asCaller?: readonly PeerSpec[];
}

const PUBLIC: readonly PeerSpec[] = [
  {
    ipBlock: {
      cidr: '0.0.0.0/0',
      except: [
        ...['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
        '198.51.100.0/24',
      ],
    },
  },
  { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] } },
];

const PEERS: readonly Row[] = [
  {
    peer: Peer.namespace('ml-jobs'),
    is: [{ namespaceSelector: nameIs('ml-jobs') }],
  },
  { peer: Peer.namespace('llm-serving'), is: [{ podSelector: {} }] },
  {
    peer: Peer.namespaces({ team: 'nlp', zone: 'dmz' }),
    is: [{ namespaceSelector: { matchLabels: { team: 'nlp', zone: 'dmz' } } }],
  },
  { peer: Peer.allPods(), is: [{ namespaceSelector: {} }] },
  {
    peer: Peer.pods({ labels: { app: 'gateway' }, namespace: 'llm-serving' }),
    is: [{ podSelector: { matchLabels: { app: 'gateway' } } }],
  },
  {
    peer: Peer.pods({ labels: { app: 'gateway' }, namespace: 'web' }),
    is: [{ namespaceSelector: nameIs('web'), podSelector: { matchLabels: { app: 'gateway' } } }],
  },
  {
    peer: Peer.pods({
      selector: LabelSelector.of({
        labels: { 'app.kubernetes.io/name': 'triton' },
        oneOf: { tier: ['gpu', 'cpu'] },
        noneOf: { stage: ['canary'] },
        present: ['team'],
        absent: ['debug'],
      }),
      namespaceLabels: { team: 'vision' },
    }),
    is: [
      {
        namespaceSelector: { matchLabels: { team: 'vision' } },
        podSelector: {
          matchLabels: { 'app.kubernetes.io/name': 'triton' },
          matchExpressions: [
            { key: 'debug', operator: 'DoesNotExist' },
            { key: 'stage', operator: 'NotIn', values: ['canary'] },
            { key: 'team', operator: 'Exists' },
            { key: 'tier', operator: 'In', values: ['cpu', 'gpu'] },
          ],
        },
      },
    ],
  },
  {
    peer: Peer.cidr('203.0.113.0/24'),
    is: [{ ipBlock: { cidr: '203.0.113.0/24' } }],
  },
  {
    peer: Peer.cidr('2001:DB8::/32', { except: ['2001:db8:2::/48', '2001:db8:1::/48'] }),
    is: [{ ipBlock: { cidr: '2001:db8::/32', except: ['2001:db8:1::/48', '2001:db8:2::/48'] } }],
  },
  { peer: Peer.internet(), is: PUBLIC },
  {
    peer: Peer.nodes(),
    is: ['172.20.0.0/24', 'fd00:172:20::/64'].map((cidr) => ({ ipBlock: { cidr } })),
  },
  { peer: Peer.kubeApiserver(), is: [{ ipBlock: { cidr: '172.20.0.10/32' } }] },
  {
    peer: Peer.dns(),
    is: [
      {
        namespaceSelector: nameIs('kube-system'),
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
  },
  {
    peer: Peer.any(),
    is: [
      { namespaceSelector: {} },
      { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } },
      { ipBlock: { cidr: '::/0' } },
    ],
    asCaller: [],
  },
];

/** Disjoint, so that none of them makes another one superfluous. */
const PORTS: readonly (readonly [Port, PolicyPort])[] = [
  [Port.tcp(1), { protocol: 'TCP', port: 1 }],
  [Port.http(8080, { name: 'http' }), { protocol: 'TCP', port: 8080 }],
  [Port.tcpRange(9000, 9100), { protocol: 'TCP', port: 9000, endPort: 9100 }],
  [Port.tcpRange(9200, 9200), { protocol: 'TCP', port: 9200 }],
  [Port.tcp(65535), { protocol: 'TCP', port: 65535 }],
  [Port.named('grpc'), { protocol: 'TCP', port: 'grpc' }],
  [Port.named('stats', { protocol: Protocol.UDP }), { protocol: 'UDP', port: 'stats' }],
  [Port.udpRange(30000, 32767), { protocol: 'UDP', port: 30000, endPort: 32767 }],
  [Port.allSctp(), { protocol: 'SCTP' }],
];

interface Choice {
  readonly row: Row;
  readonly ports: readonly (readonly [Port, PolicyPort])[];
}

const anyChoices = fc
  .uniqueArray(fc.nat({ max: PEERS.length - 1 }), { minLength: 1, maxLength: 4 })
  .chain((rows) =>
    fc.tuple(
      ...rows.map((at) =>
        fc.subarray([...PORTS], { minLength: 1 }).map((ports): Choice => {
          return { row: PEERS[at] as Row, ports };
        }),
      ),
    ),
  );

/** What the workload's policy of that direction says, from the text. */
function specOf(choices: readonly Choice[], caller: boolean): NetworkPolicy['spec'] {
  const chart = chartOf(PROFILE);
  const namespace = new MlNamespace(chart, 'llm-serving');
  new DefaultDeny(chart, 'deny', { namespace });
  const api = new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' } });
  for (const { row, ports } of choices) {
    const options = { ports: ports.map(([port]) => port), reason: 'because' };
    if (caller) api.allowFrom(row.peer, options);
    else api.allowTo(row.peer, options);
  }
  const name = caller ? 'model-api-ingress' : 'model-api-egress';
  const found = clusterOf(chart).policies.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found.spec;
}

/** Every peer with every port that it may use, as lines. */
function pairs(rules: readonly Rule[]): string[] {
  return rules
    .flatMap(({ from, to, ports }) =>
      (from ?? to ?? ['everybody']).flatMap((peer) =>
        (ports ?? ['every port']).map((port) => JSON.stringify([peer, port], sortedKeys)),
      ),
    )
    .sort();
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Names stand for numbers only at pods. */
function withoutNames({ row, ports }: Choice, caller: boolean): Choice {
  const selectable = row.is.every(({ ipBlock }) => ipBlock === undefined);
  const named = caller || (selectable && row.peer.peerName !== 'cluster DNS');
  const usable = ports.filter(([, { port }]) => named || typeof port !== 'string');
  return { row, ports: usable.length > 0 ? usable : PORTS.slice(0, 1) };
}

describe('a NetworkPolicy', () => {
  it.each([['ingress', 'Ingress', true] as const, ['egress', 'Egress', false] as const])(
    'says for %s the declared peers and ports, field by field',
    (field, type, caller) => {
      fc.assert(
        fc.property(anyChoices, (all) => {
          const choices = all.map((choice) => withoutNames(choice, caller));
          const { [field]: rules, ...rest } = specOf(choices, caller);
          expect(rest).toEqual({
            podSelector: { matchLabels: { app: 'model-api' } },
            policyTypes: [type],
          });
          const expected = choices.map(({ row, ports }): Rule => {
            const { is, asCaller = is } = row;
            const peers = caller ? asCaller : is;
            return {
              ...(peers.length > 0 && { from: peers }),
              ports: ports.map(([, port]) => port),
            };
          });
          expect(pairs(rules ?? [])).toEqual([...new Set(pairs(expected))]);
          // an empty list would mean everybody, or every port
          for (const { from, to, ports } of rules ?? []) {
            for (const list of [from, to, ports]) expect(list).not.toEqual([]);
          }
        }),
        { numRuns: 150 },
      );
    },
  );

  it('knows every row of the table as caller and as callee', () => {
    for (const row of PEERS) {
      const ports = PORTS.slice(0, 1);
      const { is, asCaller = is } = row;
      const [ingress] = specOf([{ row, ports }], true).ingress ?? [];
      const [egress] = specOf([{ row, ports }], false).egress ?? [];
      expect(ingress?.from ?? []).toEqual(sorted(asCaller));
      expect(egress?.to ?? []).toEqual(sorted(is));
    }
  });

  it('says every port of every protocol by no ports at all, and everybody by no peers', () => {
    const everybody = PEERS.find(({ asCaller }) => asCaller !== undefined) as Row;
    const all = [[Port.all(), {}] as const, ...PORTS];
    expect(specOf([{ row: everybody, ports: all }], true).ingress).toEqual([{}]);
    const jobs = PEERS[0] as Row;
    expect(specOf([{ row: jobs, ports: all }], true).ingress).toEqual([{ from: jobs.is }]);
  });

  it('says a port once, however many flows and ranges contain it', () => {
    const jobs = PEERS[0] as Row;
    const ports = [
      Port.tcp(80),
      Port.tcpRange(80, 80),
      Port.tcpRange(70, 90),
      Port.tcp(443),
      Port.udp(80),
    ].map((port) => [port, {}] as const);
    expect(specOf([{ row: jobs, ports }], true).ingress?.[0]?.ports).toEqual([
      { protocol: 'TCP', port: 70, endPort: 90 },
      { protocol: 'TCP', port: 443 },
      { protocol: 'UDP', port: 80 },
    ]);
  });

  it('has one rule per set of ports, with all peers that share it', () => {
    const [jobs, own, teams] = PEERS as [Row, Row, Row];
    const [a, b] = [PORTS.slice(0, 2), PORTS.slice(2, 3)];
    const choices = [
      { row: jobs, ports: a },
      { row: own, ports: b },
      { row: teams, ports: a },
    ];
    expect(specOf(choices, true).ingress).toEqual([
      { from: [...jobs.is, ...teams.is], ports: a.map(([, port]) => port) },
      { from: own.is, ports: b.map(([, port]) => port) },
    ]);
  });

  it('does not let everybody in on the ports of somebody', () => {
    const everybody = PEERS.find(({ asCaller }) => asCaller !== undefined) as Row;
    const jobs = PEERS[0] as Row;
    const choices = [
      { row: everybody, ports: PORTS.slice(0, 1) },
      { row: jobs, ports: PORTS.slice(0, 1) },
      { row: jobs, ports: PORTS.slice(1, 2) },
    ];
    expect(specOf(choices, true).ingress).toEqual([
      { from: jobs.is, ports: PORTS.slice(0, 2).map(([, port]) => port) },
      { ports: PORTS.slice(0, 1).map(([, port]) => port) },
    ]);
  });
});

/** Lists of peers are written in the order of their JSON. */
function sorted(peers: readonly PeerSpec[]): PeerSpec[] {
  return [...peers].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
