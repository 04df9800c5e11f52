/**
 * What some pods may reach.
 */
import { Construct } from 'constructs';
import { Peer } from '../traffic/peer';
import type { IPeer } from '../values/peer';
import { declareFlow } from './declare';
import type { FlowOptions } from './flow-options';
import { flowOf } from './flow-options';
import { checkPeers, isolateTarget } from './isolate-target';

/** Callers, callees, and what goes between them. */
export interface ModuleEgressProps extends FlowOptions {
  /** Pods that call: a workload, or a whole namespace or module. */
  readonly from: IPeer;

  /** Whom they may reach. */
  readonly to: IPeer[];
}

/**
 * Lets some pods reach modules, namespaces and workloads, and isolates these pods for egress: they
 * reach nothing else unless granted. Their policy brings DNS with it.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class ModuleEgress extends Construct {
  constructor(scope: Construct, id: string, props: ModuleEgressProps) {
    super(scope, id);
    const { from, to, ...options } = props;
    checkPeers(this, 'to', to);
    isolateTarget(this, from, 'egress');
    for (const peer of to) {
      declareFlow(this, flowOf({ from, to: peer, by: this.node.path }, options));
    }
    declareFlow(this, flowOf({ from, to: Peer.dns(), by: this.node.path }, { reason: 'DNS' }));
  }
}
