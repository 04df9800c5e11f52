/**
 * What was read -> a cluster: every object goes to the list of its kind, or is named as not analysed,
 * or is of no concern to traffic. One line a kind.
 */
import type {
  Cluster,
  ClusterFacts,
  IstioFacts,
  NamespaceFacts,
  ServiceFacts,
  WorkloadFacts,
} from './cluster';
import { declaredBy } from './declared';
import { clusterNetworkPolicy } from './kinds/cluster-network-policy';
import { istioObject } from './kinds/istio';
import { networkPolicy } from './kinds/network-policy';
import { namespace, namespaceByName, node } from './kinds/nodes';
import { notAnalyzed } from './kinds/not-analyzed';
import { service } from './kinds/services';
import { workloadsOf } from './kinds/workloads';
import { UNKNOWN_CLUSTER } from './profile';
import type { NotAnalyzed, Resource } from './resource';
import { groupOf } from './resources';
import type { ReadResult } from './result';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] };
type Lists = Pick<
  Mutable<Cluster>,
  | 'nodes'
  | 'services'
  | 'networkPolicies'
  | 'clusterNetworkPolicies'
  | 'authorizationPolicies'
  | 'peerAuthentications'
  | 'requestAuthentications'
  | 'istioNetworking'
  | 'others'
  | 'notAnalyzed'
> & { ownNamespaces: NamespaceFacts[] };

type Sorter = (lists: Lists, resource: Resource) => void;

const others: Sorter = (lists, one) => lists.others.push(one);
const networking: Sorter = (lists, one) => lists.istioNetworking.push(istioObject(one));

const BY_VERSION: ReadonlyMap<string, Sorter> = new Map<string, Sorter>([
  ['v1/Namespace', (lists, one) => lists.ownNamespaces.push(namespace(one))],
  ['v1/Node', (lists, one) => lists.nodes.push(node(one))],
  ['v1/Service', (lists, one) => lists.services.push(service(one))],
  [
    'networking.k8s.io/v1/NetworkPolicy',
    (lists, one) => lists.networkPolicies.push(networkPolicy(one)),
  ],
  [
    'policy.networking.k8s.io/v1alpha2/ClusterNetworkPolicy',
    (lists, one) => lists.clusterNetworkPolicies.push(clusterNetworkPolicy(one)),
  ],
]);

/** Whatever the version: Istio serves the same fields in each; the rest is kept as it stands. */
const BY_GROUP: ReadonlyMap<string, Sorter> = new Map<string, Sorter>([
  [
    'security.istio.io/AuthorizationPolicy',
    (lists, one) => lists.authorizationPolicies.push(istioObject(one)),
  ],
  [
    'security.istio.io/PeerAuthentication',
    (lists, one) => lists.peerAuthentications.push(istioObject(one)),
  ],
  [
    'security.istio.io/RequestAuthentication',
    (lists, one) => lists.requestAuthentications.push(istioObject(one)),
  ],
  ...['Sidecar', 'ServiceEntry', 'VirtualService', 'DestinationRule', 'Gateway'].map(
    (kind): [string, Sorter] => [`networking.istio.io/${kind}`, networking],
  ),
  ...['WorkloadEntry', 'EnvoyFilter'].map((kind): [string, Sorter] => [
    `networking.istio.io/${kind}`,
    networking,
  ]),
  ...[
    'Gateway',
    'HTTPRoute',
    'GRPCRoute',
    'TLSRoute',
    'TCPRoute',
    'UDPRoute',
    'ReferenceGrant',
  ].map((kind): [string, Sorter] => [`gateway.networking.k8s.io/${kind}`, others]),
  ['monitoring.coreos.com/ServiceMonitor', others],
  ['monitoring.coreos.com/PodMonitor', others],
  ['networking.k8s.io/Ingress', others],
  ['networking.k8s.io/IngressClass', others],
  ['extensions/Ingress', others],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', others],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', others],
  ['apiregistration.k8s.io/APIService', others],
  ['apiextensions.k8s.io/CustomResourceDefinition', others],
  ['rbac.authorization.k8s.io/RoleBinding', others],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', others],
]);

/** Everything that was read; a profile given here counts instead of the models'. */
export function clusterOf(input: ReadResult, profile?: ClusterFacts): Cluster {
  const { ownNamespaces, ...lists } = sorted(input.resources);
  const declared = declaredBy(input.models, workloadsOf(input.resources), lists.services);
  const { workloads, services, facts } = declared;
  const lost = input.problems.flatMap((problem): NotAnalyzed[] =>
    problem.lost === undefined ? [] : [problem.lost],
  );
  return {
    ...lists,
    services,
    workloads,
    namespaces: namespacesOf(ownNamespaces, declared.namespaces, [
      ...workloads,
      ...services,
      ...lists.networkPolicies,
      ...lists.authorizationPolicies,
      ...lists.peerAuthentications,
      ...lists.requestAuthentications,
      ...lists.istioNetworking,
    ]),
    declared: facts,
    profile: profile ?? input.models.find((model) => model.profile)?.profile ?? UNKNOWN_CLUSTER,
    notAnalyzed: [...lists.notAnalyzed, ...lost],
  };
}

function sorted(resources: readonly Resource[]): Lists {
  const lists: Lists = {
    ownNamespaces: [],
    nodes: [],
    services: [],
    networkPolicies: [],
    clusterNetworkPolicies: [],
    authorizationPolicies: [],
    peerAuthentications: [],
    requestAuthentications: [],
    istioNetworking: [],
    others: [],
    notAnalyzed: [],
  };
  for (const resource of resources) {
    const { apiVersion, kind } = resource;
    const sorter =
      BY_VERSION.get(`${apiVersion}/${kind}`) ?? BY_GROUP.get(`${groupOf(apiVersion)}/${kind}`);
    if (sorter !== undefined) sorter(lists, resource);
    else {
      const unknown = notAnalyzed(resource);
      if (unknown !== undefined) lists.notAnalyzed.push(unknown);
    }
  }
  return lists;
}

/** Namespaces that were read, and those that anything lives in, sorted by name. */
function namespacesOf(
  own: readonly NamespaceFacts[],
  declared: readonly Pick<NamespaceFacts, 'name' | 'labels'>[],
  inhabitants: readonly Pick<WorkloadFacts | ServiceFacts | IstioFacts, 'namespace'>[],
): NamespaceFacts[] {
  const byName = new Map<string, NamespaceFacts>();
  for (const { name, labels } of declared) {
    const known = byName.get(name)?.labels;
    byName.set(name, namespaceByName(name, { ...known, ...labels }));
  }
  for (const one of own) byName.set(one.name, one);
  for (const { namespace: name } of inhabitants) {
    if (!byName.has(name)) byName.set(name, namespaceByName(name));
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
