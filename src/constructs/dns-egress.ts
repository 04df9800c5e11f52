/**
 * Name resolution for isolated pods.
 */
import { Construct } from 'constructs';
import { Peer } from '../traffic/peer';
import { declareFlow } from './declare';
import { flowOf } from './flow-options';
import type { IMlNamespace } from './ml-namespace';
import type { Workload } from './workload';

/** Who may resolve names. */
export interface DnsEgressProps {
  /** Namespace whose pods may resolve names. */
  readonly namespace: IMlNamespace;

  /**
   * Lets one workload resolve names only.
   *
   * @default - all pods of the namespace
   */
  readonly workload?: Workload;
}

/**
 * Lets pods ask the cluster's DNS, over UDP and TCP, as the cluster profile knows it. Writes
 * `allow-dns` where the pods are isolated for egress; it isolates nobody.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
export class DnsEgress extends Construct {
  constructor(scope: Construct, id: string, props: DnsEgressProps) {
    super(scope, id);
    const from = props.workload ?? props.namespace;
    declareFlow(
      this,
      flowOf({ from, to: Peer.dns(), by: this.node.path, origin: 'dns' }, { reason: 'DNS' }),
    );
  }
}
