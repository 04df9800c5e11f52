/**
 * Isolation that comes with a construct's own policy: `ModuleIngress` and its kin isolate their
 * target in their direction, as the NetworkPolicy that they stand for does.
 */
import type { Construct } from 'constructs';
import type { Direction } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { IPeer } from '../values/peer';
import { refuse } from '../values/problem';
import { declareIsolation } from './declare';
import { treeOf } from './tree';

/** Isolates the pods that a peer stands for; refuses peers that are no pods of ours. */
export function isolateTarget(scope: Construct, target: IPeer, direction: Direction): void {
  const tree = treeOf(scope);
  const { path: by } = scope.node;
  const peer = target._peer();
  if (peer.kind === 'workload') {
    const { namespace, name } = peer;
    const labels = tree.model.workloads.get(workloadKey(namespace, name))?.labels ?? {};
    const pods = { matchLabels: labels, matchExpressions: [] };
    declareIsolation(scope, {
      namespace,
      pods,
      workload: name,
      directions: [direction],
      denied: false,
      by,
    });
    return;
  }
  if (peer.kind === 'pods' && peer.namespaces.kind === 'names') {
    for (const namespace of peer.namespaces.names) {
      declareIsolation(scope, {
        namespace,
        pods: peer.pods,
        directions: [direction],
        denied: false,
        by,
      });
    }
    return;
  }
  refuse({
    code: 'target-not-pods',
    where: by,
    got: target.peerName,
    expected: 'a workload, a namespace, a module, or pods of a named namespace',
    fix: 'name the workload or namespace whose pods are meant',
  });
}

/** Refuses an empty list of peers: the policy would isolate its target and allow nothing. */
export function checkPeers(scope: Construct, field: string, peers: readonly IPeer[]): void {
  if (peers.length > 0) return;
  refuse({
    code: 'empty-list',
    where: `${scope.node.path}: ${field}`,
    got: [],
    expected: 'at least one peer',
    fix: `${field}: [Peer.namespace('ml-jobs')], or new DefaultDeny to allow nobody`,
  });
}
