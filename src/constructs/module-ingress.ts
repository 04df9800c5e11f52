/**
 * Who may reach some pods.
 */
import { Construct } from 'constructs';
import type { IPeer } from '../values/peer';
import { declareFlow } from './declare';
import type { FlowOptions } from './flow-options';
import { flowOf } from './flow-options';
import { checkPeers, isolateTarget } from './isolate-target';

/** Callees, callers, and what goes between them. */
export interface ModuleIngressProps extends FlowOptions {
  /** Pods that may be reached: a workload, or a whole namespace or module. */
  readonly to: IPeer;

  /** Who may reach them. */
  readonly from: IPeer[];
}

/**
 * Lets modules, namespaces and workloads reach some pods, and isolates these pods for ingress: nobody
 * else reaches them unless granted.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class ModuleIngress extends Construct {
  constructor(scope: Construct, id: string, props: ModuleIngressProps) {
    super(scope, id);
    const { to, from, ...options } = props;
    checkPeers(this, 'from', from);
    isolateTarget(this, to, 'ingress');
    for (const peer of from) {
      declareFlow(this, flowOf({ from: peer, to, by: this.node.path }, options));
    }
  }
}
