/**
 * What may stand at either end of a connection, as plain data.
 *
 * Two copies of the package may meet in one app, so peers are recognised by their data and never
 * by `instanceof`.
 */
import type { CidrData } from './cidr';
import type { PortData } from './port';
import type { SelectorData } from './selector';

/** An identity as plain data. */
export type IdentityData =
  | { readonly kind: 'service-account'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | {
      readonly kind: 'principal';
      readonly trustDomain: string;
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly kind: 'jwt'; readonly issuer: string; readonly subject: string };

/** The namespaces in which pods are meant. */
export type NamespaceScope =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'labels'; readonly selector: SelectorData }
  | { readonly kind: 'all' };

/** Pods that a workload declares; `ports` narrows them to one role (an endpoint). */
export interface WorkloadPeer {
  readonly kind: 'workload';
  readonly namespace: string;
  readonly name: string;
  readonly ports?: readonly PortData[];
}

/** Pods by label in namespaces by name or label: one AND-ed peer. */
export interface PodsPeer {
  readonly kind: 'pods';
  readonly namespaces: NamespaceScope;
  readonly pods: SelectorData;
  /** Ports that a flow to this peer uses when it names none. */
  readonly ports?: readonly PortData[];
  /** Service account of these pods, `namespace/name`, where it is known. */
  readonly serviceAccount?: string;
  /** Whether these pods take part in the mesh, where it is known. */
  readonly inMesh?: boolean;
}

/** One end of a connection. */
export type PeerData =
  | WorkloadPeer
  | PodsPeer
  | { readonly kind: 'cidr'; readonly block: CidrData }
  | { readonly kind: 'fqdn'; readonly names: readonly string[] }
  | { readonly kind: 'internet' }
  | { readonly kind: 'kube-apiserver' }
  | { readonly kind: 'dns' }
  | { readonly kind: 'nodes' }
  | { readonly kind: 'any' }
  | { readonly kind: 'identity'; readonly identity: IdentityData };

/**
 * Anything that may stand at the other end of a connection: a workload, a namespace, a module,
 * a component or one of its endpoints, a `Peer` or an `Identity`.
 */
export interface IPeer {
  /** How this peer is named in annotations, reports and errors. */
  readonly peerName: string;

  /** @internal */
  _peer(): PeerData;
}
