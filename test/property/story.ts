/**
 * What do random models say? An ML platform as plain data, in its own words: nothing from src/, so
 * that `declared.ts` can read it independently of what src makes of it. Names are final: environment
 * suffixes included.
 */

import type { Labels, Protocol } from '../naive/world';

export type Direction = 'ingress' | 'egress';
export type Purpose = 'service' | 'metrics' | 'health' | 'peer';

export interface Story {
  /** An MlPlatform with modules, or a plain App with plain Charts. */
  readonly app: 'platform' | 'plain';
  /** Of an MlPlatform; in a plain App namespaces have their own. */
  readonly environment: EnvironmentOf;
  /** Whether the names of modules' namespaces and of all policies end in the environment's name. */
  readonly suffixed: boolean;
  readonly cluster: Cluster;
  readonly namespaces: readonly Namespace[];
  readonly workloads: readonly Workload[];
  readonly statements: readonly Statement[];
  /** Where sampling of questions starts. */
  readonly salt: number;
}

export interface EnvironmentOf {
  readonly name: string;
  readonly withinNamespace: boolean;
  readonly internetEgress: boolean;
}

/** What is known about the cluster; `distribution` alone says what is not listed here. */
export interface Cluster {
  readonly distribution: 'generic' | 'eks' | 'gke' | 'aks';
  readonly cni: 'unknown' | 'calico' | 'aws-vpc' | 'probes-need-a-rule';
  readonly dns: DnsOf;
  readonly apiServer: { readonly addresses: readonly string[]; readonly clusterIp?: string };
  readonly nodeRanges: readonly string[];
  readonly podRanges: readonly string[];
  readonly monitoring: boolean;
}

export type DnsOf =
  | { readonly kind: 'kube-dns' | 'coredns-chart' | 'openshift' }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'service-address'; readonly clusterIp: string }
  | { readonly kind: 'node-local'; readonly clusterIp?: string };

export interface Namespace {
  readonly name: string;
  /** Made by a module, by PlatformBaseline, by itself; others' that we write into; others'. */
  readonly kind: 'module' | 'baseline' | 'own' | 'existing' | 'foreign';
  readonly labels: Labels;
  /** Of a baseline or module; of an existing namespace what its owner isolates. */
  readonly isolated: readonly Direction[];
  /** Namespaces of one module share it. */
  readonly group: string;
  readonly environment?: EnvironmentOf;
  readonly platformPeers: readonly Peer[];
  readonly platformPorts?: readonly Port[];
}

export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly podLabels: Labels;
  readonly account?: string;
  readonly ports: readonly Port[];
  /** Made by the catalogue, which says labels and ports. */
  readonly component?: 'pytorch' | 'mlflow';
}

export interface Port {
  /** Absent: every protocol. */
  readonly protocol?: Protocol;
  readonly port?: number;
  readonly endPort?: number;
  readonly name?: string;
  readonly purpose: Purpose;
}

export interface Selector {
  readonly labels?: Labels;
  readonly oneOf?: Readonly<Record<string, readonly string[]>>;
  readonly noneOf?: Readonly<Record<string, readonly string[]>>;
  readonly present?: readonly string[];
  readonly absent?: readonly string[];
}

export type Peer =
  | { readonly kind: 'workload'; readonly workload: string }
  | { readonly kind: 'endpoint'; readonly workload: string; readonly ports: readonly Port[] }
  /** The construct; by name; a reference made by fromName. */
  | { readonly kind: 'namespace' | 'name' | 'reference'; readonly namespace: string }
  | { readonly kind: 'module'; readonly group: string }
  | { readonly kind: 'namespaces'; readonly labels: Labels }
  | { readonly kind: 'pods'; readonly pods: Selector; readonly in: string | Labels }
  | { readonly kind: 'all-pods' | 'any' | 'internet' | 'nodes' | 'kube-apiserver' | 'dns' }
  | { readonly kind: 'cidr'; readonly cidr: string; readonly except: readonly string[] }
  | { readonly kind: 'fqdn'; readonly names: readonly string[] }
  | { readonly kind: 'account' | 'principal'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'members'; readonly namespace: string }
  | { readonly kind: 'monitoring' };

/** What a statement says beside its two ends. */
export interface Terms {
  readonly ports?: readonly Port[];
  readonly reason?: string;
  /** HTTP requests, with the waiver that L4 must do. */
  readonly http: boolean;
}

export type Statement =
  | {
      readonly say: 'default-deny';
      readonly namespace: string;
      readonly workload?: string;
      readonly pods?: Labels;
      readonly directions: readonly Direction[];
    }
  | { readonly say: 'dns-egress'; readonly namespace: string; readonly workload?: string }
  | {
      readonly say: 'module-ingress';
      readonly to: Peer;
      readonly from: readonly Peer[];
      readonly terms: Terms;
    }
  | {
      readonly say: 'module-egress' | 'external-egress';
      readonly from: Peer;
      readonly to: readonly Peer[];
      readonly terms: Terms;
    }
  | {
      readonly say: 'allow-from' | 'allow-to';
      readonly workload: string;
      readonly peer: Peer;
      readonly terms: Terms;
    }
  | { readonly say: 'allow-among'; readonly workload: string; readonly terms: Terms };

export function keyOf({ namespace, name }: Workload): string {
  return `${namespace}/${name}`;
}

export function workloadOf(story: Story, key: string): Workload {
  const found = story.workloads.find((workload) => keyOf(workload) === key);
  if (found === undefined) throw new Error(`no workload ${key} in this story`);
  return found;
}

/** Whether we write policies there. */
export function isWritable({ kind }: Namespace): boolean {
  return kind !== 'foreign';
}

/** The story on a few lines, for a failure. */
export function tell({ statements, workloads, namespaces, ...rest }: Story): string {
  const lines = [...namespaces, ...workloads, ...statements].map((one) => JSON.stringify(one));
  return [JSON.stringify(rest), ...lines].map((line) => `  ${line}`).join('\n');
}
