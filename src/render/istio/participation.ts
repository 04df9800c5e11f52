/**
 * Who takes part in the mesh: has an identity and is protected by a proxy.
 *
 * Workloads say so themselves, else their namespace, else namespaces of ours are in and others'
 * are unknown. Unknown is never taken for either.
 */
import type { PeerData, PodsPeer } from '../../values/peer';
import { selectorMatches } from '../../values/selector';
import type { WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { ModelState } from '../../traffic/model';
import { workloadsIn } from '../../traffic/model';
import type { RenderContext } from '../context';

/** Whether a workload takes part; undefined: unknown. */
export function workloadInMesh(
  { model, profile }: RenderContext,
  { inMesh, namespace }: WorkloadData,
): boolean | undefined {
  if (profile.mesh.mode === 'none') return false;
  return inMesh ?? namespaceInMesh(model, namespace);
}

/** Whether the pods of a namespace take part unless they say otherwise. */
export function namespaceInMesh(model: ModelState, namespace: string): boolean | undefined {
  const known = model.namespaces.get(namespace);
  if (known?.inMesh !== undefined) return known.inMesh;
  return known === undefined || known.ownership === 'foreign' ? undefined : true;
}

/** Whether a peer takes part; undefined where it is unknown, or where some do and some do not. */
export function peerInMesh(context: RenderContext, peer: PeerData): boolean | undefined {
  const [first, ...others] = participationsOf(context, peer);
  return others.length === 0 ? first : undefined;
}

/** How the ends that a peer means take part, each way once; undefined among them: unknown. */
export function participationsOf(
  context: RenderContext,
  peer: PeerData,
): ReadonlySet<boolean | undefined> {
  if (context.profile.mesh.mode === 'none') return new Set([false]);
  switch (peer.kind) {
    case 'workload': {
      const workload = context.model.workloads.get(workloadKey(peer.namespace, peer.name));
      return new Set([workload === undefined ? undefined : workloadInMesh(context, workload)]);
    }
    case 'pods':
      return peer.inMesh === undefined ? ofPods(context, peer) : new Set([peer.inMesh]);
    case 'identity':
      return new Set([true]);
    case 'any':
      return new Set([true, false]);
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return new Set([false]);
  }
}

/** As their namespaces, and as the workloads among them that say otherwise. */
function ofPods(
  context: RenderContext,
  { namespaces, pods }: PodsPeer,
): ReadonlySet<boolean | undefined> {
  if (namespaces.kind !== 'names') return new Set([undefined]);
  return new Set(
    namespaces.names.flatMap((name) => [
      namespaceInMesh(context.model, name),
      ...workloadsIn(context.model, name)
        .filter(({ podLabels }) => selectorMatches(pods, podLabels))
        .map((workload) => workloadInMesh(context, workload)),
    ]),
  );
}
