/**
 * The facts about a cluster that no manifest shows, as plain data.
 *
 * Absent means unknown: whatever needs the fact says so by name, nothing is guessed.
 * The traffic model file records this shape, and two copies of the package share it.
 */
import type { PortData } from '../values/port';

export interface ProfileData {
  /** Distribution, for reports: `generic`, `eks`, … */
  readonly name: string;
  readonly cni: CniData;
  readonly dns: DnsData;
  /** DNS domain of the cluster: Services are `name.namespace.svc.<domain>`. */
  readonly clusterDomain: string;
  readonly apiServer: ApiServerData;
  /** CIDRs of pods; absent: unknown. */
  readonly podRanges?: readonly string[];
  /** CIDRs of Service addresses; absent: unknown. */
  readonly serviceRanges?: readonly string[];
  /** CIDRs of nodes; absent: unknown. */
  readonly nodeRanges?: readonly string[];
  /** CIDRs (/32, /128) of cloud metadata services. */
  readonly metadataAddresses: readonly string[];
  readonly mesh: MeshData;
  /** The gateway through which users come in. */
  readonly gateway?: PodGroupData;
  /** Further entry points, by name. */
  readonly ingressControllers: readonly (PodGroupData & { readonly name: string })[];
  /** Whoever scrapes metrics. */
  readonly monitoring?: PodGroupData;
}

/** Pods that a platform component runs as. */
export interface PodGroupData {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  /** Ports on which it is called. */
  readonly ports: readonly PortData[];
  /** Whether it takes part in the mesh; absent: unknown. */
  readonly inMesh?: boolean;
}

export interface CniData {
  readonly name: string;
  /** Whether NetworkPolicy is enforced at all; absent: unknown. */
  readonly enforces?: boolean;
  /** Whether an ipBlock matches pod addresses; absent: unknown. */
  readonly ipBlockMatchesPods?: boolean;
  /** Whether it matches addresses of nodes; absent: unknown. */
  readonly ipBlockMatchesNodes?: boolean;
  /** Whether a pod's own node always reaches it (kubelet probes); absent: unknown. */
  readonly nodeTrafficImplicit?: boolean;
  /** Whether egress policy sees the Service address instead of the pod address. */
  readonly policyBeforeDnat: boolean;
}

export interface DnsData {
  /** Pods that answer DNS: a union. */
  readonly pods: readonly {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
  /** Pod port of these pods, UDP and TCP. */
  readonly port: number;
  /** CIDRs (/32, /128) of DNS servers that are no pods, on port 53. */
  readonly addresses: readonly string[];
  /** Address of the DNS Service, where it is known. */
  readonly clusterIp?: string;
  /** Whether a node-local cache listens on the cluster IP, so that policy sees that address. */
  readonly nodeLocalInterceptsClusterIp: boolean;
}

export interface ApiServerData {
  /** CIDRs of the endpoints (not the Service address); empty: unknown. */
  readonly addresses: readonly string[];
  /** Ports of the endpoints. */
  readonly ports: readonly number[];
  /** Address of the `kubernetes` Service (port 443), for a CNI that judges egress before DNAT. */
  readonly clusterIp?: string;
  /** Pods through which the API server calls webhooks, where it does not call them itself. */
  readonly webhookCallers?: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
}

export type MeshMode = 'none' | 'sidecar' | 'ambient';

/** A component by its name. */
export interface NamedPodGroupData extends PodGroupData {
  readonly name: string;
}

export interface MeshData {
  readonly mode: MeshMode;
  readonly trustDomain: string;
  readonly rootNamespace: string;
  /** Pods of istiod. */
  readonly controlPlaneLabels: Readonly<Record<string, string>>;
  /** Back ends that proxies report to; absent: none. */
  readonly telemetry?: readonly NamedPodGroupData[];
}
