/**
 * Which callers does a proxy let in for a declared flow? It knows accounts and namespaces, where
 * NetworkPolicy knows labels: whoever carries a caller's labels under another account was not meant,
 * however wide the rule for the labels is.
 */
import type { PodClass } from '../engine/pods';
import type { RenderContext } from '../render/context';
import { participationsOf } from '../render/istio/participation';
import { hasWaypoint, WAYPOINT } from '../render/istio/waypoints';
import type { FlowData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { PeerData } from '../values/peer';

/** Who is asked, and who calls. */
interface Ends {
  readonly own: PodClass;
  readonly peer: PodClass;
}

/** Peers of whom a proxy can tell who they are. */
type NamedPeer = Extract<PeerData, { kind: 'workload' | 'pods' | 'identity' }>;

/** Whether the flow lets these pods in, as far as they can prove who they are. */
export function mayProve(
  context: RenderContext,
  { from, origin }: FlowData,
  { own, peer: pods }: Ends,
  proves: boolean,
): boolean {
  // what the platform itself needs goes around proxies, and is written for none
  if (origin === 'mesh' || origin === 'implied') return false;
  // of whom a token or an address is known, anybody may be one
  if (!isNamed(from)) return true;
  const said = participationsOf(context, from);
  if (said.has(undefined) || isWaypointOf(context, own, pods)) return true;
  if (!proves) return said.has(false);
  // a rule for callers without identity is one for everybody to a sidecar
  if (said.has(false) && context.profile.mesh.mode !== 'ambient') return true;
  return isAs(context, from, pods);
}

/** Whether callers get in who prove nothing: some are outside the mesh, or may be. */
export function admitsPlain(context: RenderContext, flow: FlowData, strict: boolean): boolean {
  const { from } = flow;
  // where mutual TLS was asked for, only what somebody declared is an exception
  if (strict && !mayBeException(flow)) return false;
  if (from.kind === 'identity' && from.identity.kind === 'jwt') {
    return context.profile.mesh.mode !== 'ambient';
  }
  return [...participationsOf(context, from)].some((takesPart) => takesPart !== true);
}

/** A token says nothing about the connection: its bearer comes with the flows that let it connect. */
export function mayBeException({ from, origin }: FlowData): boolean {
  if (from.kind === 'identity' && from.identity.kind === 'jwt') return false;
  return ['declared', 'dns', 'baseline'].includes(origin);
}

/** Callers come through the waypoint of a namespace, and to the pods behind it have its account. */
function isWaypointOf(
  context: RenderContext,
  own: PodClass,
  { workload, pods }: PodClass,
): boolean {
  return (
    context.profile.mesh.mode === 'ambient' &&
    workload.namespace === own.workload.namespace &&
    pods.serviceAccount === WAYPOINT &&
    hasWaypoint(context, workload.namespace)
  );
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
