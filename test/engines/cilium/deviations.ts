/**
 * Where Cilium decides against the text of an API: what is known, each with a cluster that shows it,
 * and how random clusters are told so that it does not matter. What a profile can say of it is in
 * `Cni.CILIUM`; nothing that this library writes meets the others.
 */
import type {
  ClusterNetworkPolicy,
  ClusterRule,
  PodsPeer,
  ClusterWorld,
} from '../../naive/cluster-network-policy';
import type { NetworkPolicy, Peer, Pod, Rule, Selector } from '../../naive/world';

export interface Deviation {
  readonly name: string;
  /** `owner/repo:path` */
  readonly source: string;
  /** The same world told otherwise, or without what Cilium decides otherwise. */
  readonly without: (world: ClusterWorld) => ClusterWorld;
  /** Whether bert reaches mlflow on TCP 80: yes or no by the API, and otherwise by Cilium. */
  readonly shown: { readonly world: ClusterWorld; readonly allowed: boolean; readonly to?: string };
}

const bert: Pod = { namespace: 'ml', name: 'bert', labels: { app: 'bert' }, ip: '10.1.0.1' };
const mlflow: Pod = { namespace: 'ml', name: 'mlflow', labels: { app: 'mlflow' }, ip: '10.1.0.2' };

function worldWith(parts: Partial<ClusterWorld>): ClusterWorld {
  return { namespaces: { ml: {} }, pods: [bert, mlflow], policies: [], ...parts };
}

function policy(spec: NetworkPolicy['spec']): NetworkPolicy {
  return { metadata: { name: 'np', namespace: 'ml' }, spec };
}

function clusterPolicy(
  tier: 'Admin' | 'Baseline',
  rules: Pick<ClusterNetworkPolicy['spec'], 'ingress' | 'egress'>,
): ClusterNetworkPolicy {
  const spec = { tier, priority: 1, subject: { namespaces: {} }, ...rules };
  return { metadata: { name: 'cnp' }, spec };
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    name: 'rules of a direction that policyTypes leaves out are obeyed, and isolate',
    source: 'cilium/cilium:pkg/k8s/network_policy.go',
    without: (world) => ({ ...world, policies: world.policies.map(withoutDeadRules) }),
    shown: {
      world: worldWith({
        policies: [
          policy({ policyTypes: ['Egress'], egress: [{}], ingress: [{ from: [never()] }] }),
        ],
      }),
      allowed: true,
    },
  },
  {
    name: 'Baseline is asked after NetworkPolicy, though that isolates',
    source: 'cilium/cilium:pkg/policy/repository.go',
    without: (world) => ({
      ...world,
      clusterPolicies: (world.clusterPolicies ?? []).filter(
        ({ spec }) => spec.tier === 'Admin' || world.policies.length === 0,
      ),
    }),
    shown: {
      world: worldWith({
        policies: [policy({ policyTypes: ['Ingress'] })],
        clusterPolicies: [
          clusterPolicy('Baseline', {
            ingress: [{ action: 'Accept', from: [{ namespaces: {} }] }],
          }),
        ],
      }),
      allowed: false,
    },
  },
  {
    name: 'NotIn and DoesNotExist alone in a selector of namespaces select what is no pod, too',
    source: 'cilium/cilium:pkg/k8s/network_policy.go',
    without: inNamespaces,
    shown: {
      world: worldWith({
        clusterPolicies: [
          clusterPolicy('Admin', {
            egress: [{ action: 'Deny', to: [{ namespaces: lacking('team') }] }],
          }),
        ],
      }),
      allowed: true,
      to: '203.0.113.5',
    },
  },
  {
    name: 'of a rule with a peer of no known kind the other peers count',
    source: 'cilium/cilium:pkg/k8s/cluster_network_policy.go',
    without: (world) => withRules(world, (rules) => rules.filter(isUnderstood)),
    shown: {
      world: worldWith({
        clusterPolicies: [
          clusterPolicy('Admin', {
            egress: [{ action: 'Accept', to: [{ other: {} } as object, { namespaces: {} }] }],
          }),
          { ...clusterPolicy('Admin', {}), metadata: { name: 'deny' } },
        ].map((one, index) => ({
          ...one,
          spec: {
            ...one.spec,
            priority: index,
            egress: one.spec.egress ?? [{ action: 'Deny', to: [{ namespaces: {} }] }],
          },
        })),
      }),
      allowed: false,
    },
  },
];

/** A random world in which the API's reading and Cilium's are the same. */
export function undisputed(world: ClusterWorld): ClusterWorld {
  return DEVIATIONS.reduce((told, { without }) => without(told), world);
}

function never(): Peer {
  return { podSelector: { matchLabels: { app: 'nobody' } } };
}

function lacking(key: string): Selector {
  return { matchExpressions: [{ key, operator: 'DoesNotExist' }] };
}

function withoutDeadRules(one: NetworkPolicy): NetworkPolicy {
  const { policyTypes, ingress, egress, ...rest } = one.spec;
  if (!policyTypes?.length) return one;
  return {
    ...one,
    spec: {
      ...rest,
      policyTypes,
      ...(policyTypes.includes('Ingress') ? { ingress } : {}),
      ...(policyTypes.includes('Egress') ? { egress } : {}),
    },
  };
}

/** Every namespace has its name as a label, and nothing else has. */
function ofNamespaces(selector: Selector): Selector {
  const named = { key: 'kubernetes.io/metadata.name', operator: 'Exists' };
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), named] };
}

function inNamespaces(world: ClusterWorld): ClusterWorld {
  const told = (peer: Peer): Peer =>
    peer.namespaceSelector
      ? { ...peer, namespaceSelector: ofNamespaces(peer.namespaceSelector) }
      : peer;
  const peers = ({ from, to, ...rest }: Rule): Rule => ({
    ...rest,
    ...(from ? { from: from.map(told) } : {}),
    ...(to ? { to: to.map(told) } : {}),
  });
  const policies = world.policies.map((one) => ({
    ...one,
    spec: {
      ...one.spec,
      ...(one.spec.ingress ? { ingress: one.spec.ingress.map(peers) } : {}),
      ...(one.spec.egress ? { egress: one.spec.egress.map(peers) } : {}),
    },
  }));
  const clusterPolicies = (world.clusterPolicies ?? []).map((one) => ({
    ...one,
    spec: { ...one.spec, subject: podsPeer(one.spec.subject) },
  }));
  return withRules({ ...world, policies, clusterPolicies }, (rules) => rules.map(rulePeers));
}

function rulePeers({ from, to, ...rest }: ClusterRule): ClusterRule {
  return {
    ...rest,
    ...(from ? { from: from.map(podsPeer) } : {}),
    ...(to ? { to: to.map(podsPeer) } : {}),
  };
}

function podsPeer<T extends PodsPeer>(peer: T): T {
  const { namespaces, pods } = peer;
  const inAny = pods && {
    ...pods,
    namespaceSelector: ofNamespaces(pods.namespaceSelector ?? {}),
  };
  return {
    ...peer,
    ...(namespaces ? { namespaces: ofNamespaces(namespaces) } : {}),
    ...(inAny ? { pods: inAny } : {}),
  };
}

function withRules(
  world: ClusterWorld,
  change: (rules: readonly ClusterRule[]) => readonly ClusterRule[],
): ClusterWorld {
  const clusterPolicies = (world.clusterPolicies ?? []).map((one) => ({
    ...one,
    spec: {
      ...one.spec,
      ingress: change(one.spec.ingress ?? []),
      egress: change(one.spec.egress ?? []),
    },
  }));
  return { ...world, clusterPolicies };
}

const PODS = ['namespaces', 'pods'];
const ELSEWHERE = ['networks', 'nodes', 'domainNames'];
const PORTS = ['tcp', 'udp', 'sctp', 'destinationNamedPort'];

function isUnderstood({ action, from = [], to = [], protocols }: ClusterRule): boolean {
  const has = (keys: readonly string[]) => (it: object) =>
    Object.keys(it).some((key) => keys.includes(key));
  // names elsewhere than in an Accept rule are refused by the API server (CN-10)
  const names = action !== 'Accept' && to.some(({ domainNames }) => domainNames !== undefined);
  const peers = from.every(has(PODS)) && to.every(has([...PODS, ...ELSEWHERE]));
  return peers && (protocols ?? []).every(has(PORTS)) && !names;
}
