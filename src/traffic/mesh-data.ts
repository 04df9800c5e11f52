/**
 * What is declared for the mesh beyond flows, as plain data: mTLS, egress gateways, and everything
 * about requests. Each names the workload or namespace that it is about.
 */
import type { PeerData } from '../values/peer';
import type { RequestDeclaration } from './request-data';

/** Mutual TLS is required of everybody but declared callers from outside the mesh. */
export interface MtlsDeclaration {
  readonly kind: 'mtls';
  readonly namespace: string;
  /** Absent: the whole namespace. */
  readonly workload?: string;
  readonly by: string;
}

/** Some pods leave the cluster for hosts through an egress gateway, and not by themselves. */
export interface EgressGatewayDeclaration {
  readonly kind: 'egress-gateway';
  readonly from: PeerData;
  /** Exact host names, sorted. */
  readonly hosts: readonly string[];
  readonly gateway: { readonly namespace: string; readonly name: string };
  /** Construct path; the flows to the hosts name it too. */
  readonly by: string;
}

/** Everything that may be declared for the mesh. */
export type MeshDeclaration = MtlsDeclaration | RequestDeclaration | EgressGatewayDeclaration;
