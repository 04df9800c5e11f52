/**
 * What does the naive mesh evaluator look at? Pods with an identity, requests, and Istio's security
 * manifests as a YAML parser returns them. Hand-written from security.istio.io/v1, and never shared
 * with src/, so that a slip in one is seen by the other.
 */

import type { Manifest } from './load-yaml';
import type { Address, Labels, Pod, Protocol } from './world';

export interface MeshPod extends Pod {
  /** @default 'default' */
  readonly serviceAccount?: string;
  /** Whether it has a proxy: an identity, and somebody who enforces. */
  readonly inMesh: boolean;
  /** Ports on which its proxy sees requests; on all others it sees bytes. */
  readonly httpPorts: readonly number[];
}

export interface MeshRequest {
  readonly from: MeshPod | Address;
  readonly to: MeshPod;
  /** Pod port. */
  readonly port: number;
  /** @default 'TCP' */
  readonly protocol?: Protocol;
  readonly method?: string;
  readonly path?: string;
  /** The raw authority, with a port where the client writes one. */
  readonly host?: string;
  readonly jwt?: Token;
  /** A caller in the mesh that goes around its own proxy. */
  readonly plaintext?: boolean;
}

export interface Token {
  readonly issuer: string;
  readonly subject?: string;
  readonly audiences?: readonly string[];
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Whether signature and dates hold. */
  readonly valid: boolean;
}

export interface MeshWorld {
  /** Whether every port passes a proxy: the pods have none of their own that would serve some. */
  readonly capturesAll?: boolean;
  readonly trustDomain: string;
  readonly rootNamespace: string;
  readonly authorizations: readonly Policy<AuthorizationSpec>[];
  readonly peerAuthentications: readonly Policy<PeerAuthenticationSpec>[];
  readonly requestAuthentications: readonly Policy<RequestAuthenticationSpec>[];
}

export interface Policy<Spec> {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Labels | null;
    readonly creationTimestamp?: string | null;
  };
  readonly spec?: (Attachment & Spec) | null;
}

/** Sidecars are found by selector; a policy with targetRefs is not for them. */
export interface Attachment {
  readonly selector?: { readonly matchLabels?: Labels | null } | null;
  readonly targetRef?: unknown;
  readonly targetRefs?: unknown;
}

export type Action = 'ALLOW' | 'DENY' | 'CUSTOM' | 'AUDIT';

export interface AuthorizationSpec {
  /** @default 'ALLOW' */
  readonly action?: Action | null;
  readonly provider?: { readonly name: string };
  readonly rules?: readonly MeshRule[] | null;
}

export interface MeshRule {
  readonly from?: readonly { readonly source: Fields }[] | null;
  readonly to?: readonly { readonly operation: Fields }[] | null;
  readonly when?: readonly Condition[] | null;
}

/** `principals`, `notPrincipals`, `paths`, …: names of lists of values. */
export type Fields = Readonly<Record<string, readonly string[] | null | undefined>>;

export interface Condition {
  readonly key: string;
  readonly values?: readonly string[] | null;
  readonly notValues?: readonly string[] | null;
}

export type Mode = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface PeerAuthenticationSpec {
  readonly mtls?: { readonly mode?: Mode | null } | null;
  readonly portLevelMtls?: Readonly<Record<string, { readonly mode?: Mode | null }>> | null;
}

export interface RequestAuthenticationSpec {
  readonly jwtRules?: readonly JwtRule[] | null;
}

export interface JwtRule {
  readonly issuer: string;
  readonly audiences?: readonly string[] | null;
}

/** Istio kinds that decide nothing about who may send what to a pod that has been found. */
const ROUTING = ['VirtualService', 'DestinationRule', 'ServiceEntry', 'Sidecar', 'EnvoyFilter'];

/** The security policies among some manifests, `others` of loadYaml for instance. */
export function meshWorld(
  manifests: readonly Manifest[],
  { trustDomain = 'cluster.local', rootNamespace = 'istio-system' } = {},
): MeshWorld {
  const istio = manifests.filter(({ apiVersion }) => /\bistio\.io\//.test(apiVersion));
  const known = ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication', ...ROUTING];
  const unknown = istio.find(({ kind }) => !known.includes(kind));
  if (unknown !== undefined) throw new Error(`the naive evaluator does not know ${unknown.kind}`);
  const of = (kind: string): Manifest[] => istio.filter((manifest) => manifest.kind === kind);
  return {
    trustDomain,
    rootNamespace,
    authorizations: of('AuthorizationPolicy'),
    peerAuthentications: of('PeerAuthentication'),
    requestAuthentications: of('RequestAuthentication'),
  };
}
