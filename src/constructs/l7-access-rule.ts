/**
 * Who may send which requests to a workload.
 */
import { Construct } from 'constructs';
import type { IPeer } from '../values/peer';
import { refuse } from '../values/problem';
import { declareFlow } from './declare';
import type { FlowOptions } from './flow-options';
import { flowOf } from './flow-options';
import { checkPeers, isolateTarget } from './isolate-target';

/** Callers and their requests. */
export interface L7AccessRuleProps extends FlowOptions {
  /** The workload, or one of its endpoints. */
  readonly to: IPeer;

  /** Who may call. */
  readonly from: IPeer[];
}

/**
 * Lets callers send some requests to a workload, and narrows what grants without HTTP rules mean
 * for them: where such a grant's peer contains a caller of this rule, it means on these ports no
 * more than the rules inside it say. Alone it also opens L3/L4. It isolates the workload for ingress.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
export class L7AccessRule extends Construct {
  constructor(scope: Construct, id: string, props: L7AccessRuleProps) {
    super(scope, id);
    const { to, from, ...options } = props;
    checkPeers(this, 'from', from);
    if (to._peer().kind !== 'workload') {
      refuse({
        code: 'target-not-workload',
        where: `${this.node.path}: to`,
        got: to.peerName,
        expected: 'a workload or one of its endpoints: requests are limited for single workloads',
        fix: 'declare a Workload for the pods that are meant',
      });
    }
    isolateTarget(this, to, 'ingress');
    for (const peer of from) {
      const ends = { from: peer, to, by: this.node.path, narrows: true };
      declareFlow(this, flowOf(ends, options));
    }
  }
}
