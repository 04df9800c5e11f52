/**
 * What do random mesh models say? An ML platform as plain data, in its own words: nothing from src/,
 * so that `mesh-declared.ts` can read it independently of what src makes of it.
 */

import type { Labels, Protocol } from '../naive/world';

export type Direction = 'ingress' | 'egress';

export interface MeshStory {
  readonly mesh: 'sidecar' | 'ambient' | 'none';
  /** Whether the environment lets all pods of one namespace talk to each other. */
  readonly withinNamespace: boolean;
  readonly monitoring: boolean;
  readonly namespaces: readonly Namespace[];
  readonly workloads: readonly Workload[];
  readonly grants: readonly Grant[];
  readonly denies: readonly Deny[];
  readonly mtls: readonly Mtls[];
  readonly tokens: readonly Tokens[];
}

export interface Namespace {
  readonly name: string;
  /** `unseen`: named by peers only, without a construct. */
  readonly kind: 'ours' | 'existing' | 'foreign' | 'unseen';
  /** What the cluster has; of foreign and unseen ones the model does not know. */
  readonly labels: Labels;
  /** Whether pods take part in the mesh, where it is said. */
  readonly mesh?: boolean;
  /** Of an existing one. */
  readonly isolated: readonly Direction[];
}

export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly account?: string;
  readonly ports: readonly DeclaredPort[];
  readonly mesh?: boolean;
}

export interface DeclaredPort {
  readonly port: number;
  readonly kind: 'http' | 'grpc' | 'tcp' | 'udp';
  readonly purpose: 'service' | 'metrics';
}

export type Ports = readonly PortRange[] | 'all';
export interface PortRange {
  readonly protocol: Protocol;
  readonly port: number;
  readonly endPort?: number;
}

export type Peer =
  | { readonly kind: 'workload'; readonly workload: Workload }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'namespaces'; readonly labels: Labels }
  | {
      readonly kind: 'pods';
      readonly namespace: string;
      readonly labels: Labels;
      readonly account?: string;
      readonly mesh?: boolean;
    }
  | { readonly kind: 'any' | 'nodes' | 'gateway' | 'monitoring' | 'all-pods' }
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'account'; readonly namespace: string; readonly account: string }
  | { readonly kind: 'authenticated'; readonly namespace: string }
  | {
      readonly kind: 'principal';
      readonly trustDomain: string;
      readonly namespace: string;
      readonly account: string;
    }
  | { readonly kind: 'subject'; readonly issuer: string; readonly subject: string };

export interface Grant {
  readonly say: 'allowFrom' | 'allowTo' | 'ModuleIngress' | 'ModuleEgress' | 'L7AccessRule';
  readonly from: Peer;
  readonly to: Peer;
  readonly ports?: Ports;
  readonly http?: readonly HttpRule[];
  /** `withoutMesh: 'l4'` */
  /** Whether an environment's baseline says it, and nobody else. */
  readonly relaxes?: boolean;
  readonly waived: boolean;
}

export interface HttpRule {
  readonly methods: readonly string[];
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
  readonly jwt?: TokenRule;
}

export interface TokenRule {
  readonly issuer: string;
  readonly subjects: readonly string[];
  readonly audiences: readonly string[];
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

export interface Deny {
  readonly namespace: string;
  readonly labels?: Labels;
  readonly workload?: Workload;
  readonly directions: readonly Direction[];
}

export interface Mtls {
  readonly namespace: string;
  readonly workload?: Workload;
}

/** JwtAuthentication */
export interface Tokens {
  readonly workload: Workload;
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly claims: Readonly<Record<string, readonly string[]>>;
  readonly withoutToken: readonly HttpRule[];
  /** Nobody needs to hold it where no proxy sees the requests. */
  readonly waived?: boolean;
}

export const TRUST_DOMAIN = 'cluster.local';
export const NODES = '192.168.7.0/24';
export const GATEWAY = {
  namespace: 'istio-system',
  labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
  account: 'istio-ingressgateway-service-account',
};
/** Out of the mesh. */
export const MONITORING = { namespace: 'monitoring', labels: { app: 'prometheus' } };

export function namespaceOf(story: MeshStory, name: string): Namespace | undefined {
  return story.namespaces.find((one) => one.name === name);
}

export function isWritable(story: MeshStory, namespace: string): boolean {
  return ['ours', 'existing'].includes(namespaceOf(story, namespace)?.kind ?? '');
}

/** Whether pods of a namespace take part: ours do unless told, of others nothing is known. */
export function namespaceInMesh(story: MeshStory, name: string): boolean | undefined {
  const namespace = namespaceOf(story, name);
  return namespace?.mesh ?? (isWritable(story, name) ? true : undefined);
}

export function workloadInMesh(story: MeshStory, workload: Workload): boolean | undefined {
  return workload.mesh ?? namespaceInMesh(story, workload.namespace);
}

export function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Ports of a workload's Service in ambient, each of which leads to another pod port. */
export function servedPorts({ ports }: Workload): { port: number; targetPort: number }[] {
  return ports
    .filter(({ kind }) => kind !== 'udp')
    .map(({ port }) => ({ port: port + 1000, targetPort: port }));
}
