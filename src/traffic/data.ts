/**
 * What is declared, as plain data: namespaces, workloads, isolation, flows and their reasons.
 *
 * This is the shape that two copies of the package share and that the traffic model file records.
 * Whoever changes a field here changes `MODEL_SCHEMA`.
 */
import type { HttpData } from '../values/http';
import type { PeerData } from '../values/peer';
import type { PortData } from '../values/port';
import type { SelectorData } from '../values/selector';

/** Raised when the fields below change their meaning. */
export const MODEL_SCHEMA = 1;

/** Direction of traffic, seen from a pod. */
export type Direction = 'ingress' | 'egress';

/** Both directions, in written order. */
export const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** Who owns a namespace: we do, others do but we add policies, or it only occurs as a peer. */
export type NamespaceOwnership = 'ours' | 'existing' | 'foreign';

export interface NamespaceData {
  readonly name: string;
  readonly ownership: NamespaceOwnership;
  /** Known labels, `kubernetes.io/metadata.name` included. */
  readonly labels: Readonly<Record<string, string>>;
  readonly module?: string;
  readonly environment?: string;
  /** Appended to the names of the policies written here. */
  readonly policySuffix: string;
  /** Whether its pods take part in the mesh unless they say otherwise; absent: the profile decides. */
  readonly inMesh?: boolean;
  /** Who owns the namespace's baseline, and which version of it this is. */
  readonly owner?: string;
  readonly baselineVersion?: string;
  readonly by: string;
}

export interface ServiceData {
  readonly name: string;
  readonly ports: readonly ServicePortData[];
}

export interface ServicePortData {
  readonly port: number;
  /** Number or name of the container port. */
  readonly targetPort: number | string;
  readonly protocol: string;
  readonly name?: string;
  readonly appProtocol?: string;
}

export interface WorkloadData {
  readonly namespace: string;
  readonly name: string;
  /** Labels that policies select the pods by. */
  readonly labels: Readonly<Record<string, string>>;
  /** All labels that the pods are known to carry; `labels` among them. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly ports: readonly PortData[];
  readonly services: readonly ServiceData[];
  /** What some of the pods carry besides `labels`, by variant; no pod carries those of two. */
  readonly variants?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Absent: as its namespace. */
  readonly inMesh?: boolean;
  readonly by: string;
}

/** Pods that are isolated in some directions. */
export interface IsolationData {
  readonly namespace: string;
  /** Without requirements: the whole namespace. */
  readonly pods: SelectorData;
  /** The workload whose pods these are, when its own policy isolates them. */
  readonly workload?: string;
  readonly directions: readonly Direction[];
  /** Whether a default deny of ours isolates them, and not somebody else's or a grant's own policy. */
  readonly denied: boolean;
  /** What the default deny is called, without the namespace's suffix; where there is one. */
  readonly name?: string;
  /** Construct path, or the traffic model file that says so. */
  readonly by: string;
}

/** Why a flow exists and who says so. */
export interface ReasonData {
  readonly reason?: string;
  readonly owner?: string;
  readonly ticket?: string;
  /** ISO date; the flow is expired from the day after. */
  readonly expires?: string;
  /** `file:line` of the declaration. */
  readonly at?: string;
  /** Construct path of the declaration. */
  readonly by: string;
}

/** Which policies a flow is written into: the workload's own, the DNS policy, or the baseline. */
export type FlowOrigin = 'declared' | 'dns' | 'baseline' | 'environment' | 'mesh' | 'implied';

export interface FlowData {
  readonly from: PeerData;
  readonly to: PeerData;
  /** Readable names of both ends. */
  readonly fromName: string;
  readonly toName: string;
  /** Absent: the callee's service ports. */
  readonly ports?: readonly PortData[];
  /** Empty: every request. */
  readonly http: readonly HttpData[];
  readonly origin: FlowOrigin;
  readonly reasons: readonly ReasonData[];
  /**
   * Whether grants without HTTP rules whose peer contains the caller mean no more than this
   * (`L7AccessRule`).
   */
  readonly narrows: boolean;
  /** L3/L4 may stand in for HTTP, identity and token limits where the profile has no mesh. */
  readonly withoutMesh: boolean;
  /** Public internet may stand in for names where nothing enforces names. */
  readonly withoutFqdn: boolean;
}

/** `namespace/name`, unique for workloads. */
export function workloadKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Equal for flows that say the same, whatever their reasons. */
export function flowKey(flow: FlowData): string {
  return JSON.stringify([
    flow.from,
    flow.to,
    flow.ports ?? null,
    flow.http,
    flow.origin,
    flow.narrows,
    flow.withoutMesh,
    flow.withoutFqdn,
  ]);
}

/** `from -> to`, for messages. */
export function describeFlow(flow: FlowData): string {
  return `${flow.fromName} -> ${flow.toName}`;
}
