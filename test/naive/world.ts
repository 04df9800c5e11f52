/**
 * What does the naive evaluator look at? Plain objects: namespaces, pods, and NetworkPolicy manifests
 * as a YAML parser returns them, so `null` stands beside absent. Hand-written from kubernetes/api
 * 1ff8524 networking/v1/types.go, and never shared with src/, so that a slip in one is seen by the
 * other.
 */

export type Direction = 'Ingress' | 'Egress';
export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export type Labels = Readonly<Record<string, string>>;
export type Endpoint = Pod | Address;

export interface World {
  readonly namespaces: Readonly<Record<string, { readonly labels?: Labels | null }>>;
  readonly pods: readonly Pod[];
  readonly policies: readonly NetworkPolicy[];
}

/** Anything that is not a pod: a client outside, the internet, a node or a metadata address. */
export interface Address {
  readonly ip: string;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Labels | null;
  /** One address, or `ips` with one per family; neither means that the address is not known. */
  readonly ip?: string;
  readonly ips?: readonly string[];
  /** Address of the pod's own node, in the text form that the node's endpoint uses. */
  readonly hostIP?: string;
  readonly hostNetwork?: boolean;
  readonly ports?: readonly ContainerPort[];
}

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  /** @default 'TCP' */
  readonly protocol?: Protocol;
}

export interface NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly podSelector?: Selector | null;
    readonly policyTypes?: readonly Direction[] | null;
    readonly ingress?: readonly Rule[] | null;
    readonly egress?: readonly Rule[] | null;
  };
}

/** `from` belongs to ingress rules, `to` to egress rules. */
export interface Rule {
  readonly from?: readonly Peer[] | null;
  readonly to?: readonly Peer[] | null;
  readonly ports?: readonly PolicyPort[] | null;
}

export interface Peer {
  readonly podSelector?: Selector | null;
  readonly namespaceSelector?: Selector | null;
  readonly ipBlock?: IpBlock | null;
}

export interface PolicyPort {
  readonly protocol?: Protocol | null;
  readonly port?: number | string | null;
  /** Inclusive. */
  readonly endPort?: number | null;
}

export interface IpBlock {
  readonly cidr: string;
  readonly except?: readonly string[] | null;
}

export interface Selector {
  readonly matchLabels?: Labels | null;
  readonly matchExpressions?: readonly Requirement[] | null;
}

export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | null;
}

/** The pod `namespace/name`. */
export function podOf(world: World, id: string): Pod {
  const pod = world.pods.find(({ namespace, name }) => `${namespace}/${name}` === id);
  if (pod === undefined) throw new Error(`no pod ${id} in this world`);
  return pod;
}
