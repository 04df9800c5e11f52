/**
 * Isolation: nothing in or out but what is granted.
 */
import { Construct } from 'constructs';
import { podsName } from '../render/subjects';
import { renderDefaultDeny } from '../render/network-policy';
import type { Direction } from '../traffic/data';
import type { SelectorData } from '../values/selector';
import { EVERYTHING, selectorFromOptions } from '../values/selector';
import { declareIsolation } from './declare';
import type { IMlNamespace } from './ml-namespace';
import { policyLabels, policyName } from './names';
import { PolicyObject } from './policy-object';
import { treeOf } from './tree';
import type { Workload } from './workload';
import { refuse } from '../values/problem';

/** Directions in which pods are isolated. */
export enum IsolationDirections {
  /** Incoming and outgoing traffic. */
  BOTH = 'both',
  /** Incoming traffic only. */
  INGRESS = 'ingress',
  /** Outgoing traffic only. */
  EGRESS = 'egress',
}

/** Who is isolated. */
export interface DefaultDenyProps {
  /** Namespace whose pods are isolated. */
  readonly namespace: IMlNamespace;

  /**
   * Isolates the pods of one workload only.
   *
   * @default - all pods of the namespace
   */
  readonly workload?: Workload;

  /**
   * Isolates the pods with these labels only.
   *
   * @default - all pods of the namespace
   */
  readonly pods?: Record<string, string>;

  /**
   * Directions in which they are isolated.
   *
   * @default IsolationDirections.BOTH
   */
  readonly directions?: IsolationDirections;
}

/**
 * Isolates a namespace, or some of its pods. Writes `default-deny`, or `default-deny-<what>`.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
 */
export class DefaultDeny extends Construct {
  constructor(scope: Construct, id: string, props: DefaultDenyProps) {
    super(scope, id);
    const { path } = this.node;
    const namespace = props.namespace.namespaceName;
    const pods = isolatedPods(path, namespace, props);
    const directions = directionsOf(props.directions ?? IsolationDirections.BOTH);
    const whole = pods === EVERYTHING;
    const what = whole ? '' : `-${podsName(pods, props.workload?.workloadName)}`;
    const name = `default-deny${what}`;
    declareIsolation(this, { namespace, pods, directions, denied: true, name, by: path });
    const tree = treeOf(this);
    this.node.defaultChild = new PolicyObject(this, 'Resource', {
      namespace,
      name: policyName(tree, namespace, name, 'baseline'),
      labels: policyLabels(tree, namespace, true),
      allows: false,
      spec: () => renderDefaultDeny(pods, directions),
      annotations: () => ({}),
      changed: () => {
        tree.model.revision += 1;
      },
    });
  }
}

function isolatedPods(path: string, namespace: string, props: DefaultDenyProps): SelectorData {
  const { workload, pods } = props;
  if (workload !== undefined && pods !== undefined) {
    refuse({
      code: 'isolation-ambiguous',
      where: path,
      got: { workload: workload.peerName, pods },
      expected: 'a workload or labels, not both',
      fix: 'declare two DefaultDeny',
    });
  }
  if (workload === undefined) {
    return pods === undefined ? EVERYTHING : selectorFromOptions(`${path}: pods`, { labels: pods });
  }
  if (workload.namespaceName !== namespace) {
    refuse({
      code: 'isolation-elsewhere',
      where: path,
      got: workload.peerName,
      expected: `a workload of namespace ${namespace}`,
      fix: 'name the workload’s own namespace',
    });
  }
  const data = treeOf(workload).model.workloads.get(workload.peerName);
  return { matchLabels: data?.labels ?? {}, matchExpressions: [] };
}

function directionsOf(directions: IsolationDirections): readonly Direction[] {
  switch (directions) {
    case IsolationDirections.BOTH:
      return ['ingress', 'egress'];
    case IsolationDirections.INGRESS:
      return ['ingress'];
    case IsolationDirections.EGRESS:
      return ['egress'];
  }
}
