/**
 * Who takes part in the mesh: has an identity and is protected by a proxy.
 *
 * Workloads say so themselves, else their namespace, else namespaces of ours are in and others'
 * are unknown. Unknown is never taken for either.
 */
import type { NamespaceScope, PeerData } from '../../values/peer';
import type { WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { ModelState } from '../../traffic/model';
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
  if (context.profile.mesh.mode === 'none') return false;
  switch (peer.kind) {
    case 'workload': {
      const workload = context.model.workloads.get(workloadKey(peer.namespace, peer.name));
      return workload === undefined ? undefined : workloadInMesh(context, workload);
    }
    case 'pods':
      return peer.inMesh ?? scopeInMesh(context.model, peer.namespaces);
    case 'identity':
      return peer.identity.kind === 'jwt' ? undefined : true;
    case 'any':
      return undefined;
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'kube-apiserver':
    case 'dns':
    case 'nodes':
      return false;
  }
}

function scopeInMesh(model: ModelState, scope: NamespaceScope): boolean | undefined {
  if (scope.kind !== 'names') return undefined;
  const [first, ...others] = scope.names.map((name) => namespaceInMesh(model, name));
  return others.every((other) => other === first) ? first : undefined;
}
