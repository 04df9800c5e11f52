/**
 * Which callers does a proxy let in for a declared flow? It knows accounts and namespaces, where
 * NetworkPolicy knows labels: whoever carries a caller's labels under another account was not meant,
 * however wide the rule for the labels is.
 */
import type { PodClass } from '../engine/pods';
import type { RenderContext } from '../render/context';
import { participationsOf } from '../render/istio/participation';
import { WAYPOINT } from '../render/istio/waypoints';
import type { FlowData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { PeerData } from '../values/peer';

/** Peers of whom a proxy can tell who they are. */
type NamedPeer = Extract<PeerData, { kind: 'workload' | 'pods' | 'identity' }>;

/** Whether the flow lets these pods in, as far as they can prove who they are. */
export function mayProve(
  context: RenderContext,
  { from, origin }: FlowData,
  pods: PodClass,
  proves: boolean,
): boolean {
  // what the platform itself needs goes around proxies; of whom only a token or an address is known, anybody may be one
  if (origin === 'mesh' || origin === 'implied' || !isNamed(from)) return true;
  const said = participationsOf(context, from);
  if (said.has(undefined) || isWaypoint(pods)) return true;
  if (!proves) return said.has(false);
  // a rule for callers without identity is one for everybody to a sidecar
  if (said.has(false) && context.profile.mesh.mode !== 'ambient') return true;
  return isAs(context, from, pods);
}

/** Callers come through a waypoint, and to the pods behind it have its account. */
function isWaypoint({ pods }: PodClass): boolean {
  return pods.serviceAccount === WAYPOINT;
}

function isNamed(from: PeerData): from is NamedPeer {
  if (from.kind === 'identity') return from.identity.kind !== 'jwt';
  return from.kind === 'workload' || from.kind === 'pods';
}

function isAs({ model }: RenderContext, from: NamedPeer, { workload, pods }: PodClass): boolean {
  const { namespace } = workload;
  const runsAs = (account: string | undefined): boolean =>
    account === undefined || account === pods.serviceAccount;
  switch (from.kind) {
    case 'workload': {
      const known = model.workloads.get(workloadKey(from.namespace, from.name));
      return from.namespace === namespace && runsAs(known?.serviceAccount);
    }
    case 'pods':
      if (from.serviceAccount !== undefined) {
        return from.serviceAccount === `${namespace}/${pods.serviceAccount}`;
      }
      return from.namespaces.kind !== 'names' || from.namespaces.names.includes(namespace);
    case 'identity': {
      const { identity } = from;
      if (identity.kind === 'jwt') return true;
      const account = identity.kind === 'namespace' ? undefined : identity.name;
      return identity.namespace === namespace && runsAs(account);
    }
  }
}
