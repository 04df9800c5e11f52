/**
 * What some pods may reach outside the cluster.
 */
import { Construct } from 'constructs';
import type { IPeer } from '../values/peer';
import { refuse } from '../values/problem';
import type { FlowOptions } from './flow-options';
import { ModuleEgress } from './module-egress';

/** Callers, what lies outside, and why. */
export interface ExternalEgressProps extends FlowOptions {
  /** Pods that call: a workload, or a whole namespace or module. */
  readonly from: IPeer;

  /** `Peer.cidr`, `Peer.internet` or `Peer.fqdn`. */
  readonly to: IPeer[];
}

/**
 * Lets some pods leave the cluster, and isolates them for egress. A reason is required. Where the profile cannot enforce
 * host names, they need the waiver `withoutFqdn: 'internet'`.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
 */
export class ExternalEgress extends Construct {
  constructor(scope: Construct, id: string, props: ExternalEgressProps) {
    super(scope, id);
    for (const peer of props.to) {
      const { kind } = peer._peer();
      if (kind === 'cidr' || kind === 'internet' || kind === 'fqdn') continue;
      refuse({
        code: 'peer-not-external',
        where: `${this.node.path}: to`,
        got: peer.peerName,
        expected: 'Peer.cidr, Peer.internet or Peer.fqdn',
        fix: 'ModuleEgress for peers inside the cluster',
      });
    }
    new ModuleEgress(this, 'egress', props);
  }
}
