/**
 * Which stories are told at random? Raw choices are numbers that pick from small pools (names of one
 * ML platform), so that ends meet often; `storyOf` makes a story of them that must be accepted, by
 * leaving out or completing what the library refuses. Fewer and smaller choices make a smaller
 * story: counterexamples shrink.
 */

import * as fc from 'fast-check';
import type { Labels } from '../naive/world';
import { metadataAddresses } from './declared';
import type {
  Cluster,
  Direction,
  Namespace,
  Peer,
  Port,
  Statement,
  Story,
  Terms,
  Workload,
} from './story';
import { isWritable, keyOf, workloadOf } from './story';
import { inCidr } from '../naive/cidr';
import {
  BLOCKS,
  ENVIRONMENTS,
  EXTRA_LABELS,
  FLOW_PORTS,
  NAMES,
  NAMESPACES,
  NAMESPACE_LABELS,
  POD_LABELS,
  SELECTORS,
  WORKLOAD_PORTS,
} from './pools';

const nat = fc.nat({ max: 9999 });

const rawPeer = fc.tuple(nat, nat, nat);
const rawTerms = fc.tuple(nat, nat, nat, nat);
const rawNamespace = fc.record({
  kind: nat,
  labels: nat,
  isolated: nat,
  group: nat,
  environment: nat,
  platformPeers: fc.array(rawPeer, { maxLength: 1 }),
  platformPorts: nat,
});
const rawWorkload = fc.record({
  namespace: nat,
  name: nat,
  labels: nat,
  podLabels: nat,
  account: nat,
  ports: fc.array(nat, { maxLength: 4 }),
  component: nat,
});
const rawStatement = fc.record({
  say: nat,
  a: nat,
  b: nat,
  peers: fc.array(rawPeer, { minLength: 1, maxLength: 3 }),
  terms: rawTerms,
});
const rawStory = fc.record({
  app: nat,
  environment: nat,
  suffixed: nat,
  cluster: fc.tuple(nat, nat, nat, nat, nat),
  namespaces: fc.array(rawNamespace, { minLength: 2, maxLength: 5 }),
  workloads: fc.array(rawWorkload, { minLength: 1, maxLength: 5 }),
  statements: fc.array(rawStatement, { maxLength: 9 }),
  salt: nat,
});

type Raw<T> = T extends fc.Arbitrary<infer U> ? U : never;
type RawPeer = Raw<typeof rawPeer>;

export const anyStory: fc.Arbitrary<Story> = rawStory.map(storyOf);

/** Seeds of two orders of declaration. */
export const anyOrders = fc.tuple(nat, nat);

function storyOf(raw: Raw<typeof rawStory>): Story {
  const app = raw.app % 3 === 0 ? 'plain' : 'platform';
  const environment = pick(ENVIRONMENTS, raw.environment);
  const suffixed = app === 'platform' && raw.suffixed % 3 === 0;
  const cluster = clusterOf(raw.cluster);
  const suffix = suffixed ? `-${environment.name}` : '';
  const namespaces = grouped(
    raw.namespaces,
    raw.namespaces.map((one, index) => namespaceOf(one, index, app, suffix)),
  );
  const workloads = raw.workloads.map((one) => workloadFrom(one, namespaces));
  const story = {
    app,
    environment,
    suffixed,
    cluster,
    namespaces,
    workloads: distinct(workloads, keyOf),
    statements: [],
    salt: raw.salt,
  } satisfies Story;
  const statements = raw.statements.flatMap((one) => statementOf(story, one));
  return { ...story, statements: withoutEqualNames(namespaces, statements) };
}

/** Baselines with their peers; some of them hold for several namespaces. */
function grouped(
  raw: readonly Raw<typeof rawNamespace>[],
  namespaces: readonly Namespace[],
): Namespace[] {
  const result: Namespace[] = [];
  for (const [index, namespace] of namespaces.entries()) {
    const leader = result.find(
      ({ kind }) => kind === namespace.kind && (kind === 'module' || kind === 'baseline'),
    );
    const one = raw[index] as Raw<typeof rawNamespace>;
    const joins = leader !== undefined && one.group % 3 === 0;
    const { name, kind } = namespace;
    result.push(joins ? { ...leader, name, kind } : withPlatformPeers(namespaces, namespace, one));
  }
  return result;
}

function clusterOf([distribution, cni, dns, apiServer, ranges]: Raw<
  typeof rawStory
>['cluster']): Cluster {
  const probes = cni % 5 === 4;
  const clusterIp = '10.96.0.1';
  return {
    distribution: pick(['generic', 'generic', 'eks', 'gke', 'aks'] as const, distribution),
    cni: pick(['unknown', 'calico', 'aws-vpc', 'unknown', 'probes-need-a-rule'] as const, cni),
    dns: pick<Cluster['dns']>(
      [
        { kind: 'kube-dns' },
        { kind: 'coredns-chart' },
        { kind: 'openshift' },
        { kind: 'addresses', addresses: ['10.0.0.2', 'fd00:ec2::253'] },
        { kind: 'node-local' },
        { kind: 'node-local', clusterIp: '10.96.0.10' },
        { kind: 'service-address', clusterIp: '10.96.0.10' },
        { kind: 'addresses', addresses: ['169.254.169.254'] },
      ],
      dns,
    ),
    apiServer: pick<Cluster['apiServer']>(
      [
        { addresses: [] },
        { addresses: ['172.20.0.10/32', '172.20.0.11/32'] },
        { addresses: ['172.20.0.10/32'], clusterIp },
      ],
      apiServer,
    ),
    nodeRanges: probes || ranges % 2 === 1 ? ['172.20.0.0/24', 'fd00:172:20::/64'] : [],
    podRanges: pick([[], ['10.244.0.0/16'], ['198.51.100.0/24']], ranges),
    monitoring: ranges % 4 !== 3,
  };
}

function namespaceOf(
  raw: Raw<typeof rawNamespace>,
  index: number,
  app: Story['app'],
  suffix: string,
): Namespace {
  const kinds =
    app === 'platform'
      ? (['module', 'module', 'module', 'own', 'existing', 'foreign'] as const)
      : (['own', 'own', 'baseline', 'baseline', 'existing', 'foreign'] as const);
  // the first one is ours, so that there is something to write
  const kind = index === 0 ? kinds[0] : pick(kinds, raw.kind);
  const hasBaseline = kind === 'module' || kind === 'baseline';
  const directions = pick<readonly Direction[]>(
    hasBaseline ? [BOTH, BOTH, ['ingress'], ['egress']] : [BOTH, BOTH, ['ingress'], ['egress'], []],
    raw.isolated,
  );
  const name = pick(NAMESPACES, index);
  return {
    name: kind === 'module' ? `${name}${suffix}` : name,
    kind,
    labels: pick(NAMESPACE_LABELS, raw.labels),
    isolated: hasBaseline || kind === 'existing' ? directions : [],
    group: name,
    environment:
      app === 'plain' && raw.environment % 2 === 1
        ? pick(ENVIRONMENTS, Math.floor(raw.environment / 2))
        : undefined,
    platformPeers: [],
    platformPorts: raw.platformPorts % 3 === 1 ? pick(FLOW_PORTS, raw.platformPorts) : undefined,
  };
}

const BOTH: readonly Direction[] = ['ingress', 'egress'];

function withPlatformPeers(
  namespaces: readonly Namespace[],
  namespace: Namespace,
  raw: Raw<typeof rawNamespace>,
): Namespace {
  if (namespace.kind !== 'module' && namespace.kind !== 'baseline') return namespace;
  const platformPeers = raw.platformPeers.map(([a, b]): Peer => {
    const other = pick(namespaces, a);
    // a module cannot be named before it is there
    return b % 3 === 0
      ? { kind: 'namespaces', labels: { zone: 'dmz' } }
      : { kind: 'name', namespace: b % 3 === 1 ? other.name : 'seldon-system' };
  });
  const named = (namespace.platformPorts ?? []).some(({ port, name }) => !port && name);
  return {
    ...namespace,
    platformPeers,
    platformPorts: named ? undefined : namespace.platformPorts,
  };
}

function workloadFrom(raw: Raw<typeof rawWorkload>, namespaces: readonly Namespace[]): Workload {
  const namespace = pick(namespaces, raw.namespace);
  const name = pick(NAMES, raw.name);
  const account = raw.account % 3 === 0 ? undefined : `${name}-runner`;
  if (isFirstOfModule(namespaces, namespace) && raw.component % 4 === 0) {
    return component(namespace, name, raw.component % 8 === 0 ? 'pytorch' : 'mlflow', account);
  }
  const labels = pick<Labels>(
    [
      { app: name },
      { app: name, team: 'nlp' },
      { app: name, team: 'vision', tier: 'batch' },
      { 'app.kubernetes.io/name': 'ml-suite', 'app.kubernetes.io/component': name },
    ],
    raw.labels,
  );
  const ports = distinct(
    raw.ports.map((one) => pick(WORKLOAD_PORTS, one)),
    (port) => JSON.stringify(port),
  );
  const podLabels = { ...pick(EXTRA_LABELS, raw.podLabels), ...labels };
  return { namespace: namespace.name, name, labels, podLabels, account, ports };
}

/** Where components are added. */
function isFirstOfModule(
  namespaces: readonly Namespace[],
  { kind, name, group }: Namespace,
): boolean {
  return kind === 'module' && namespaces.find((one) => one.group === group)?.name === name;
}

/** As the catalogue's doc comments say. */
function component(
  { name: namespace }: Namespace,
  name: string,
  kind: 'pytorch' | 'mlflow',
  account: string | undefined,
): Workload {
  const [labels, port]: [Labels, Port] =
    kind === 'pytorch'
      ? [
          { 'training.kubeflow.org/job-name': name },
          { protocol: 'TCP', port: 23456, name: 'pytorchjob-port', purpose: 'peer' },
        ]
      : [
          { 'app.kubernetes.io/name': 'mlflow' },
          { protocol: 'TCP', port: 5000, name: 'mlflow', purpose: 'service' },
        ];
  const own = kind === 'mlflow' ? 'mlflow' : name;
  return {
    namespace,
    name: own,
    labels,
    podLabels: labels,
    account,
    ports: [port],
    component: kind,
  };
}

function statementOf(story: Story, raw: Raw<typeof rawStatement>): Statement[] {
  const writable = story.namespaces.filter(isWritable);
  const ours = story.workloads.filter(({ namespace }) =>
    writable.some(({ name }) => name === namespace),
  );
  const workload = keyOf(pick(story.workloads, raw.a));
  const peers = raw.peers.flatMap((one) => peerOf(story, one));
  switch (raw.say % 12) {
    case 0:
    case 1:
      return [defaultDeny(pick(writable, raw.a), ours, raw)];
    case 2: {
      const { namespace } = pick(story.workloads, raw.a);
      return [{ say: 'dns-egress', namespace, workload: raw.b % 2 === 0 ? undefined : workload }];
    }
    case 3:
    case 4: {
      const to = targetOf(story, ours, raw);
      const from = peers.filter(canCall).filter((peer) => isKnownCaller(story, peer));
      const terms = termsOf(story, raw.terms, from, [to]);
      return from.length === 0 ? [] : [{ say: 'module-ingress', to, from, terms }];
    }
    case 5:
    case 6: {
      const from = targetOf(story, ours, raw);
      const to = peers.flatMap((peer) => calleeOf(story, peer));
      const terms = termsOf(story, raw.terms, [from], to);
      return to.length === 0 ? [] : [{ say: 'module-egress', from, to, terms }];
    }
    case 7: {
      const from = targetOf(story, ours, raw);
      const outside = [...peers, { kind: 'internet' } as const].filter(({ kind }) =>
        ['cidr', 'fqdn', 'internet'].includes(kind),
      );
      const to = outside.flatMap((peer) => calleeOf(story, peer));
      const terms = termsOf(story, raw.terms, [from], to);
      return to.length === 0 ? [] : [{ say: 'external-egress', from, to, terms }];
    }
    case 8:
      return [
        {
          say: 'allow-among',
          workload,
          terms: termsOf(story, raw.terms, [], [{ kind: 'workload', workload }]),
        },
      ];
    case 9:
      return peers
        .filter(canCall)
        .filter((peer) => isKnownCaller(story, peer))
        .map((peer) => {
          const terms = termsOf(story, raw.terms, [peer], [{ kind: 'workload', workload }]);
          return { say: 'allow-from', workload, peer, terms };
        });
    default:
      return peers.flatMap((peer) =>
        calleeOf(story, peer).map((callee): Statement => {
          const terms = termsOf(story, raw.terms, [{ kind: 'workload', workload }], [callee]);
          return { say: 'allow-to', workload, peer: callee, terms };
        }),
      );
  }
}

function defaultDeny(
  { name: namespace }: Namespace,
  ours: readonly Workload[],
  raw: Raw<typeof rawStatement>,
): Statement {
  const [, turn] = raw.terms;
  const directions = pick<readonly Direction[]>([BOTH, BOTH, ['ingress'], ['egress']], turn);
  const workload = ours.length === 0 ? undefined : pick(ours, raw.b);
  if (raw.b % 3 === 0 && workload !== undefined) {
    const { namespace: home } = workload;
    return { say: 'default-deny', namespace: home, workload: keyOf(workload), directions };
  }
  if (raw.b % 3 === 1) {
    return { say: 'default-deny', namespace, pods: pick(POD_LABELS, turn), directions };
  }
  return { say: 'default-deny', namespace, directions };
}

/** Pods of ours that a construct isolates. */
function targetOf(story: Story, ours: readonly Workload[], raw: Raw<typeof rawStatement>): Peer {
  const namespace = pick(story.namespaces.filter(isWritable), raw.a);
  const workload = ours.length === 0 ? undefined : pick(ours, raw.a);
  const module = story.namespaces.find(({ kind }) => kind === 'module');
  switch (raw.b % 6) {
    case 0:
      return { kind: 'namespace', namespace: namespace.name };
    case 1:
      return { kind: 'pods', pods: pick(SELECTORS, raw.b), in: namespace.name };
    case 2:
      if (module !== undefined) return { kind: 'module', group: module.group };
      break;
    case 3:
      if (workload !== undefined && workload.ports.length > 0) {
        return { kind: 'endpoint', workload: keyOf(workload), ports: workload.ports.slice(0, 1) };
      }
      break;
    default:
  }
  if (workload === undefined) return { kind: 'namespace', namespace: namespace.name };
  return { kind: 'workload', workload: keyOf(workload) };
}

function peerOf(story: Story, [kind, a, b]: RawPeer): Peer[] {
  const namespace = pick(story.namespaces, a);
  const workload = pick(story.workloads, a);
  const accounts = story.workloads.filter(({ account }) => account !== undefined);
  switch (kind % 24) {
    case 0:
    case 1:
    case 2:
      return [{ kind: 'workload', workload: keyOf(workload) }];
    case 3:
      if (workload.ports.length === 0) return [];
      return [{ kind: 'endpoint', workload: keyOf(workload), ports: [pick(workload.ports, b)] }];
    case 4:
      return [{ kind: 'namespace', namespace: namespace.name }];
    case 5:
      return [{ kind: 'name', namespace: b % 3 === 0 ? 'batch-lab' : namespace.name }];
    case 6:
      return [{ kind: 'reference', namespace: b % 3 === 0 ? 'batch-lab' : namespace.name }];
    case 7:
      return namespace.kind === 'module' ? [{ kind: 'module', group: namespace.group }] : [];
    case 8:
      return [{ kind: 'namespaces', labels: pick(NAMESPACE_LABELS.slice(1), b) }];
    case 9:
    case 10:
      return [{ kind: 'pods', pods: pick(SELECTORS, b), in: namespace.name }];
    case 11:
      return [{ kind: 'pods', pods: pick(SELECTORS, b), in: pick(NAMESPACE_LABELS.slice(1), a) }];
    case 12:
      return [{ kind: 'all-pods' }];
    case 13:
      return [{ kind: 'any' }];
    case 14:
      return [{ kind: 'cidr', ...pick(BLOCKS, b) }];
    case 15:
      return [{ kind: 'internet' }];
    case 16:
      return [{ kind: 'fqdn', names: ['*.hf.co', 'huggingface.co'] }];
    case 17:
      return story.cluster.nodeRanges.length === 0 ? [] : [{ kind: 'nodes' }];
    case 18:
      return [{ kind: 'kube-apiserver' }];
    case 19:
      return [{ kind: 'dns' }];
    case 20:
    case 21:
    case 22: {
      const { namespace: home, account } = accounts.length > 0 ? pick(accounts, a) : workload;
      const name = b % 4 === 0 || account === undefined ? 'job-runner' : account;
      const identity = pick(['account', 'principal', 'members'] as const, b);
      if (identity === 'members') return [{ kind: identity, namespace: home }];
      return [{ kind: identity, namespace: home, name }];
    }
    default:
      return story.cluster.monitoring ? [{ kind: 'monitoring' }] : [];
  }
}

/** Names are no callers: an address says nothing about them. */
function canCall({ kind }: Peer): boolean {
  return kind !== 'fqdn';
}

/** Where egress may be ours to open, the pods of an account must be known. */
function isKnownCaller({ namespaces, workloads }: Story, peer: Peer): boolean {
  if (peer.kind !== 'account' && peer.kind !== 'principal') return true;
  const home = namespaces.find(({ name }) => name === peer.namespace);
  const ours = home !== undefined && home.kind !== 'foreign';
  const known = workloads.some(
    ({ namespace, account }) => namespace === peer.namespace && account === peer.name,
  );
  return !ours || known;
}

/** What may be called: metadata addresses inside blocks are excepted, unknown addresses left out. */
function calleeOf({ cluster }: Story, peer: Peer): Peer[] {
  if (peer.kind === 'kube-apiserver' && cluster.apiServer.addresses.length === 0) return [];
  if (peer.kind !== 'cidr') return [peer];
  const exposed = metadataAddresses(cluster)
    .map((address) => `${address}/${address.includes(':') ? '128' : '32'}`)
    .filter((block) => block !== peer.cidr && inCidr(peer.cidr, block.replace(/\/.*/, '')))
    .filter((block) => !peer.except.some((one) => inCidr(one, block.replace(/\/.*/, ''))));
  return [{ ...peer, except: [...peer.except, ...exposed] }];
}

function termsOf(
  story: Story,
  [ports, reason, http, fallback]: Raw<typeof rawTerms>,
  from: readonly Peer[],
  to: readonly Peer[],
): Terms {
  const identity = from.some(({ kind }) => ['account', 'principal', 'members'].includes(kind));
  const told = from.concat(to).some(({ kind }) => NEEDS_REASON.includes(kind));
  const limited = http % 6 === 0;
  const named = (one: readonly Port[]): boolean =>
    one.every(
      (port) => port.name === undefined || to.every((peer) => knowsName(story, peer, port.name!)),
    );
  const usable = FLOW_PORTS.filter(named);
  const wanted = ports % 2 === 0 ? undefined : pick(usable, ports);
  const needed = to.some((peer) => !offersPorts(story, peer));
  return {
    ports: wanted ?? (needed ? pick(usable, fallback) : undefined),
    reason: told || identity || limited || reason % 2 === 0 ? `reason ${reason % 3}` : undefined,
    http: limited,
  };
}

const NEEDS_REASON: readonly string[] = [
  ...['any', 'all-pods', 'internet', 'cidr', 'fqdn', 'kube-apiserver'],
];

function knowsName(story: Story, peer: Peer, name: string): boolean {
  switch (peer.kind) {
    case 'workload':
    case 'endpoint': {
      const { ports } = workloadOf(story, peer.workload);
      return ports.length === 0 || ports.some((port) => port.name === name);
    }
    case 'namespace':
    case 'name':
    case 'reference':
    case 'module':
    case 'namespaces':
    case 'pods':
    case 'all-pods':
    case 'monitoring':
      return true;
    default:
      return false;
  }
}

function offersPorts(story: Story, peer: Peer): boolean {
  switch (peer.kind) {
    case 'workload':
      return workloadOf(story, peer.workload).ports.some(({ purpose }) => purpose === 'service');
    case 'endpoint':
    case 'fqdn':
    case 'kube-apiserver':
    case 'dns':
    case 'monitoring':
      return true;
    default:
      return false;
  }
}

/** Two default denies of one name are refused. */
function withoutEqualNames(
  namespaces: readonly Namespace[],
  statements: readonly Statement[],
): Statement[] {
  const baselines = namespaces.filter(({ kind }) => kind === 'module' || kind === 'baseline');
  const seen = new Set(baselines.map(({ name }) => JSON.stringify([name])));
  return statements.filter((statement) => {
    if (statement.say !== 'default-deny') return true;
    const { namespace, workload, pods } = statement;
    const key = JSON.stringify([namespace, workload ?? pods].filter((part) => part !== undefined));
    return !seen.has(key) && seen.add(key);
  });
}

function pick<T>(pool: readonly T[], choice: number): T {
  return pool[choice % pool.length] as T;
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
