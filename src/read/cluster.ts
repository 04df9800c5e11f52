/**
 * What a cluster is made of, as far as the text tells: decoded, but not judged. The engine sees this
 * and nothing else. Absent facts are unknown, never guessed.
 */
import type { IdentityData } from '../values/peer';
import type { Protocol } from '../values/port';
import type { SelectorData } from '../values/selector';
import type { FieldPath, JsonObject, NotAnalyzed, Resource, Unclear } from './resource';

export type { Unclear } from './resource';

export type Labels = Readonly<Record<string, string>>;

/** Everything that was read. */
export interface Cluster {
  readonly namespaces: readonly NamespaceFacts[];
  readonly workloads: readonly WorkloadFacts[];
  readonly nodes: readonly NodeFacts[];
  readonly services: readonly ServiceFacts[];
  readonly networkPolicies: readonly NetworkPolicyFacts[];
  readonly clusterNetworkPolicies: readonly ClusterNetworkPolicyFacts[];
  /** Objects of security.istio.io, valid by Istio's own rules. */
  readonly authorizationPolicies: readonly IstioFacts[];
  readonly peerAuthentications: readonly IstioFacts[];
  readonly requestAuthentications: readonly IstioFacts[];
  /** Sidecar, ServiceEntry, VirtualService, DestinationRule, Gateway, … of networking.istio.io. */
  readonly istioNetworking: readonly IstioFacts[];
  /** Ingress, IngressClass, Gateway, HTTPRoute, ReferenceGrant, webhooks, APIService, CustomResourceDefinition, monitors, RoleBinding, … */
  readonly others: readonly Resource[];
  readonly declared: DeclaredFacts;
  readonly profile: ClusterFacts;
  /** What no evaluator understands; policies among them make verdicts UNKNOWN. */
  readonly notAnalyzed: readonly NotAnalyzed[];
}

export interface NamespaceFacts {
  readonly name: string;
  /** `kubernetes.io/metadata.name` included. */
  readonly labels: Labels;
  /** Whether all labels are known: they are where a Namespace object was read. */
  readonly labelsKnown: boolean;
  readonly annotations: Labels;
  readonly resource?: Resource;
}

/** Pods that one controller owns, or one pod, or a declared workload. */
export interface WorkloadFacts {
  /** `namespace/Kind/name` */
  readonly id: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** At least one; several where pods of one owner differ. */
  readonly pods: readonly PodFacts[];
  readonly resource?: Resource;
}

/** Pods that no policy can tell apart. */
export interface PodFacts {
  readonly labels: Labels;
  /** Keys whose values a controller makes up, so that no text shows them; `*`: any key. */
  readonly openLabels?: readonly string[];
  readonly annotations: Labels;
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly ContainerPort[];
  /** Whether `ports` are all there are: false where only a model tells of the pods. */
  readonly portsKnown: boolean;
  /** Addresses of one pod, one per family; empty: not known. */
  readonly addresses: readonly string[];
  /** Of its node; empty: not known. */
  readonly nodeAddresses: readonly string[];
  /** What a traffic model says; absent: injection labels and the profile decide. */
  readonly inMesh?: boolean;
  /** How many pods; absent: not known. */
  readonly replicas?: number;
  readonly containers: readonly ContainerFacts[];
}

export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** Of a declared port: http, http2, grpc, …; absent: a Service tells, or nothing does. */
  readonly appProtocol?: string;
}

export interface ContainerFacts {
  readonly name: string;
  readonly init: boolean;
  readonly command: readonly string[];
  /** Ports that the kubelet asks over HTTP or gRPC; absent: none. */
  readonly probed?: readonly number[];
}

export interface NodeFacts {
  readonly name: string;
  readonly labels: Labels;
  readonly addresses: readonly string[];
  readonly resource?: Resource;
}

export interface ServiceFacts {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Absent: no selector, endpoints are elsewhere. */
  readonly selector?: Labels;
  /** ClusterIP, NodePort, LoadBalancer, ExternalName. */
  readonly type: string;
  readonly ports: readonly ServicePort[];
  readonly clusterAddresses: readonly string[];
  /** `externalIPs`; absent: none. */
  readonly externalAddresses?: readonly string[];
  /** Blocks whose clients the load balancer takes, where it can tell; absent: all of them. */
  readonly clientRanges?: readonly string[];
  /** `externalTrafficPolicy: Local`: pods see the addresses of clients outside. */
  readonly keepsClientAddress?: boolean;
  readonly resource?: Resource;
  /** The declared workload that it stands before, where a traffic model tells of it. */
  readonly workload?: string;
}

export interface ServicePort {
  readonly name?: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Number, or name of a container port. */
  readonly targetPort: number | string;
  readonly appProtocol?: string;
}

export interface NetworkPolicyFacts {
  readonly namespace: string;
  readonly name: string;
  readonly pods: SelectorData;
  /** Present where the policy isolates the direction. */
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
  /** Not empty: the policy isolates, and what it allows is not known. */
  readonly unclear: readonly Unclear[];
  readonly resource: Resource;
}

export interface PolicyRule {
  /** Absent: everybody. */
  readonly peers?: readonly PolicyPeer[];
  /** Absent: every port of every protocol. */
  readonly ports?: readonly PolicyPort[];
  readonly path: FieldPath;
}

export type PolicyPeer =
  | {
      readonly kind: 'pods';
      /** Absent: the policy's own namespace. */
      readonly namespaces?: SelectorData;
      readonly pods: SelectorData;
    }
  | { readonly kind: 'block'; readonly cidr: string; readonly except: readonly string[] };

export interface PolicyPort {
  readonly protocol: Protocol;
  /** First and last, inclusive; absent with `name` absent: all ports of the protocol. */
  readonly range?: readonly [low: number, high: number];
  /** Name of a container port of the destination. */
  readonly name?: string;
}

export interface ClusterNetworkPolicyFacts {
  readonly name: string;
  readonly tier: 'Admin' | 'Baseline';
  readonly priority: number;
  /** Absent namespaces: all of them. */
  readonly subject: ClusterPods;
  readonly ingress: readonly ClusterRule[];
  readonly egress: readonly ClusterRule[];
  /** Not empty: fails closed, verdicts of its subject are UNKNOWN. */
  readonly unclear: readonly Unclear[];
  readonly resource: Resource;
}

export interface ClusterPods {
  readonly namespaces: SelectorData;
  readonly pods: SelectorData;
}

export interface ClusterRule {
  readonly name?: string;
  readonly action: 'Accept' | 'Deny' | 'Pass';
  readonly peers: readonly ClusterPeer[];
  /** Absent: every port of every protocol. */
  readonly ports?: readonly ClusterPort[];
  /** Peers or ports that are not understood: Accept matches nothing, Deny and Pass deny all. */
  readonly unclear: readonly Unclear[];
  readonly path: FieldPath;
}

export type ClusterPeer =
  | { readonly kind: 'pods'; readonly pods: ClusterPods }
  | { readonly kind: 'networks'; readonly cidrs: readonly string[] }
  | { readonly kind: 'nodes'; readonly nodes: SelectorData }
  | { readonly kind: 'names'; readonly names: readonly string[] };

export interface ClusterPort {
  /** Absent with a name: the protocol is the container port's. */
  readonly protocol?: Protocol;
  readonly range?: readonly [low: number, high: number];
  readonly name?: string;
}

/** An Istio object whose spec Istio's own rules accept. */
export interface IstioFacts {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Labels;
  /** ISO time, where the text has one. */
  readonly created?: string;
  readonly spec: JsonObject;
  /** Not empty: Istio refuses it, so that it decides nothing that could be known. */
  readonly unclear: readonly Unclear[];
  readonly resource: Resource;
}

/** What traffic models declare besides workloads. */
export interface DeclaredFacts {
  readonly flows: readonly DeclaredFlow[];
  readonly waivers: readonly { readonly flow: string; readonly what: string }[];
  /** Declared workloads that gave way, each with the ids of the manifests' workloads. */
  readonly replaced: readonly { readonly id: string; readonly by: readonly string[] }[];
}

export interface DeclaredFlow {
  readonly from: string;
  readonly to: string;
  readonly reasons: readonly string[];
  readonly identity?: IdentityData;
  readonly record: JsonObject;
}

/** Facts that no manifest shows, from a model or `--profile`; absent: unknown. */
export interface ClusterFacts {
  readonly name: string;
  readonly cni: {
    readonly name: string;
    readonly enforces?: boolean;
    readonly ipBlockMatchesPods?: boolean;
    readonly ipBlockMatchesNodes?: boolean;
    readonly nodeTrafficImplicit?: boolean;
  };
  readonly dns: {
    readonly pods: readonly PodGroup[];
    readonly port: number;
    /** CIDRs of DNS servers that are no pods. */
    readonly addresses: readonly string[];
    readonly clusterAddress?: string;
  };
  readonly apiServer: {
    /** CIDRs of the endpoints; empty: unknown. */
    readonly addresses: readonly string[];
    readonly ports: readonly number[];
    readonly clusterAddress?: string;
    /** Pods through which the API server calls webhooks. */
    readonly webhookCallers?: PodGroup;
  };
  readonly podRanges?: readonly string[];
  readonly serviceRanges?: readonly string[];
  readonly nodeRanges?: readonly string[];
  readonly metadataAddresses: readonly string[];
  /** Gateways and controllers through which users come in. */
  readonly gateways: readonly PodGroup[];
  readonly monitoring?: PodGroup;
  readonly mesh: MeshFacts;
}

export interface PodGroup {
  readonly namespace: string;
  readonly labels: Labels;
  readonly serviceAccount?: string;
  readonly inMesh?: boolean;
}

export interface MeshFacts {
  /** Absent: not known; Istio objects or injection labels then make it a sidecar mesh. */
  readonly mode?: 'none' | 'sidecar' | 'ambient';
  readonly trustDomain: string;
  readonly rootNamespace: string;
}
