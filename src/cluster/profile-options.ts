/**
 * What may be said about one cluster, and how it is laid over what its distribution is known for.
 */
import { refuse } from '../values/problem';
import {
  checkedAddress,
  checkedDomain,
  checkedHostCidr,
  checkedNamespace,
  checkedPodLabels,
  checkedPortNumber,
  checkedRanges,
} from './checks';
import type { Cni } from './cni';
import type { ProfileDefaults } from './distributions/defaults';
import type { ClusterDns } from './dns';
import { Mesh } from './mesh';
import { PodGroup } from './pod-group';
import type { ApiServerData, ProfileData } from './profile-data';

/** Pods through which the API server calls webhooks. */
export interface WebhookCallerOptions {
  /** Namespace that they run in. */
  readonly namespace: string;

  /** Labels that they carry. */
  readonly labels: Record<string, string>;
}

/** Where the Kubernetes API server is, seen from a pod. */
export interface ApiServerOptions {
  /**
   * Blocks of its endpoints: `kubectl get endpointslices -n default -l
   * kubernetes.io/service-name=kubernetes`. The Service's own address is not one of them.
   *
   * @default - unknown: flows to it cannot be written
   */
  readonly addresses?: string[];

  /**
   * Ports of its endpoints.
   *
   * @default - those of the distribution: 443 where it is managed, else 6443
   */
  readonly ports?: number[];

  /**
   * Address of the Service `kubernetes` in namespace default, for a CNI that acts before DNAT.
   *
   * @default - unknown
   */
  readonly clusterIp?: string;

  /**
   * Pods through which it calls webhooks.
   *
   * @default - konnectivity agents on AKS and GKE; elsewhere it calls them itself
   */
  readonly webhookCallers?: WebhookCallerOptions;

  /**
   * Whether it calls webhooks itself, though its distribution uses agents (AKS with API server
   * VNet integration).
   *
   * @default false
   */
  readonly callsWebhooksItself?: boolean;
}

/** Facts about one cluster. What is left out is as its distribution has it, or unknown. */
export interface ClusterProfileOptions {
  /**
   * The network plug-in.
   *
   * @default - that of the distribution where it has only one, else `Cni.UNKNOWN`
   */
  readonly cni?: Cni;

  /**
   * How pods resolve names.
   *
   * @default - as the distribution installs it
   */
  readonly dns?: ClusterDns;

  /**
   * DNS domain of the cluster, the end of its Services' names: `kubelet --cluster-domain`. Routes
   * and proxies know Services by their full names.
   *
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;

  /**
   * The service mesh.
   *
   * @default Mesh.none()
   */
  readonly mesh?: Mesh;

  /**
   * Where the API server is.
   *
   * @default - addresses unknown, ports of the distribution
   */
  readonly apiServer?: ApiServerOptions;

  /**
   * Blocks of the pods' addresses.
   *
   * @default - unknown
   */
  readonly podRanges?: string[];

  /**
   * Blocks of the Services' addresses.
   *
   * @default - unknown
   */
  readonly serviceRanges?: string[];

  /**
   * Blocks of the nodes' addresses.
   *
   * @default - unknown
   */
  readonly nodeRanges?: string[];

  /**
   * Addresses of metadata services beyond those of the distribution. They stay closed unless a
   * flow names them.
   *
   * @default - only those of the distribution
   */
  readonly metadataAddresses?: string[];

  /**
   * The gateway through which users come in.
   *
   * @default - with a mesh Istio's ingress gateway in the root namespace, else none
   */
  readonly gateway?: PodGroup;

  /**
   * Further entry points, with distinct names.
   *
   * @default - none
   */
  readonly ingressControllers?: PodGroup[];

  /**
   * Whoever scrapes metrics.
   *
   * @default - none
   */
  readonly monitoring?: PodGroup;
}

/** The facts of a distribution with those of one cluster laid over them. */
export function profileData(
  defaults: ProfileDefaults,
  options: ClusterProfileOptions,
): ProfileData {
  const where = `ClusterProfile.${defaults.name}`;
  const mesh = options.mesh ?? Mesh.none();
  const gateway = options.gateway ?? defaultGateway(mesh);
  return {
    name: defaults.name,
    cni: (options.cni ?? defaults.cni)._data,
    dns: (options.dns ?? defaults.dns)._data,
    clusterDomain: checkedDomain(`${where}: clusterDomain`, options.clusterDomain),
    apiServer: apiServerData(`${where}: apiServer`, defaults, options.apiServer ?? {}),
    podRanges: knownRanges(`${where}: podRanges`, options.podRanges),
    serviceRanges: knownRanges(`${where}: serviceRanges`, options.serviceRanges),
    nodeRanges: knownRanges(`${where}: nodeRanges`, options.nodeRanges),
    metadataAddresses: hostCidrs(`${where}: metadataAddresses`, [
      ...defaults.metadataAddresses,
      ...(options.metadataAddresses ?? []),
    ]),
    mesh: mesh._data,
    gateway: gateway?._data,
    ingressControllers: namedGroups(`${where}: ingressControllers`, options.ingressControllers),
    monitoring: options.monitoring?._data,
  };
}

function defaultGateway(mesh: Mesh): PodGroup | undefined {
  if (!mesh.enabled) return undefined;
  return PodGroup.istioIngressGateway({ namespace: mesh._data.rootNamespace });
}

function apiServerData(
  where: string,
  defaults: ProfileDefaults,
  options: ApiServerOptions,
): ApiServerData {
  const { addresses = [], ports = defaults.apiServerPorts, clusterIp } = options;
  if (ports.length === 0) {
    refuse({
      code: 'api-server-ports',
      where: `${where}.ports`,
      got: ports,
      expected: 'at least one port: a rule without ports would open all of them',
      fix: 'ports: [6443]',
    });
  }
  const numbers = ports.map((port) => checkedPortNumber(`${where}.ports`, port));
  return {
    addresses: checkedRanges(`${where}.addresses`, addresses),
    ports: [...new Set(numbers)].sort((a, b) => a - b),
    clusterIp:
      clusterIp === undefined ? undefined : checkedAddress(`${where}.clusterIp`, clusterIp),
    webhookCallers: webhookCallers(where, defaults, options),
  };
}

function webhookCallers(
  where: string,
  defaults: ProfileDefaults,
  { webhookCallers: callers, callsWebhooksItself = false }: ApiServerOptions,
): ApiServerData['webhookCallers'] {
  if (callers === undefined) return callsWebhooksItself ? undefined : defaults.webhookCallers;
  if (callsWebhooksItself) {
    refuse({
      code: 'webhook-callers',
      where: `${where}.callsWebhooksItself`,
      got: true,
      expected: 'false or nothing where webhookCallers names the pods that call',
      fix: 'leave out one of the two',
    });
  }
  return {
    namespace: checkedNamespace(`${where}.webhookCallers.namespace`, callers.namespace),
    labels: checkedPodLabels(`${where}.webhookCallers.labels`, callers.labels),
  };
}

/** An empty list says as much as none: unknown. */
function knownRanges(where: string, ranges: readonly string[] = []): string[] | undefined {
  return ranges.length === 0 ? undefined : checkedRanges(where, ranges);
}

function hostCidrs(where: string, addresses: readonly string[]): string[] {
  return [...new Set(addresses.map((address) => checkedHostCidr(where, address)))].sort();
}

function namedGroups(
  where: string,
  groups: readonly PodGroup[] = [],
): ProfileData['ingressControllers'] {
  const names = groups.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    refuse({
      code: 'ingress-controller-twice',
      where,
      got: repeated,
      expected: 'each name once: flows find their controller by it',
      fix: `PodGroup.ingressNginx({ name: '${repeated}-internal' })`,
    });
  }
  const named = groups.map((group) => ({ name: group.name, ...group._data }));
  return named.sort((a, b) => (a.name < b.name ? -1 : 1));
}
