/**
 * What NetworkPolicy sees of traffic inside an ambient mesh: HBONE on TCP 15008 instead of the
 * inner port, to and from the waypoint where there is one. The inner port is held by ztunnel.
 */
import type { Direction, FlowData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { PortData } from '../../values/port';
import { PortPurpose, Protocol } from '../../values/port';
import type { PeerData } from '../../values/peer';
import type { PortRange } from '../../values/port-ranges';
import { holdsPort, rangesOf, rangesWithout } from '../../values/port-ranges';
import type { RenderContext } from '../context';
import type { Grant, PolicyPeer } from '../grant';
import { participationsOf } from './participation';
import {
  HBONE,
  hasWaypoint,
  limitedPorts,
  portsBehindWaypoint,
  WAYPOINT_LABELS,
} from './waypoints';

/** Whose policy is written. */
interface Place {
  readonly direction: Direction;
  readonly namespace?: string;
}

/** Whether some traffic of the flow goes from proxy to proxy. */
export function overHbone(context: RenderContext, flow: FlowData): boolean {
  return (
    isCaptured(context, flow) && [flow.from, flow.to].every((end) => mayTakePart(context, end))
  );
}

/** Whether some traffic of the flow has the inner port, because an end has no proxy or may have none. */
export function inPlain(context: RenderContext, { from, to }: FlowData): boolean {
  return [from, to].some((end) =>
    [...participationsOf(context, end)].some((takesPart) => takesPart !== true),
  );
}

function mayTakePart(context: RenderContext, end: PeerData): boolean {
  return [...participationsOf(context, end)].some((takesPart) => takesPart !== false);
}

function isCaptured({ profile }: RenderContext, { origin }: FlowData): boolean {
  return profile.mesh.mode === 'ambient' && origin !== 'mesh' && origin !== 'implied';
}

/** The grant as the nodes see it. UDP and SCTP are never captured. */
export function overAmbient(
  context: RenderContext,
  flow: FlowData,
  place: Place,
  grant: Grant,
): Grant[] {
  if (!overHbone(context, flow)) return [grant];
  const plain = inPlain(context, flow) ? grant.ports : grant.ports.flatMap(uncaptured);
  const peers = hbonePeers(context, flow, place, grant);
  return [
    ...(grant.ports.some(isTcp) ? [{ peers, ports: [tcpPort(HBONE)] }] : []),
    ...(plain.length > 0 ? [{ peers: grant.peers, ports: plain }] : []),
  ].filter((one) => place.direction === 'ingress' || one.peers.length > 0);
}

function hbonePeers(
  context: RenderContext,
  { to }: FlowData,
  place: Place,
  grant: Grant,
): readonly PolicyPeer[] {
  if (to.kind === 'workload') {
    const workload = context.model.workloads.get(workloadKey(to.namespace, to.name));
    if (workload === undefined) return grant.peers;
    const ports = rangesOf(grant.ports, Protocol.TCP);
    const via = portsBehindWaypoint(context, workload).some((port) => holdsPort(ports, port));
    const only = limitedPorts(context, workload).map((port): PortRange => [port, port]);
    const direct = rangesWithout(ports, only).length > 0;
    return [...(direct ? grant.peers : []), ...(via ? [waypointPods(to.namespace)] : [])];
  }
  // groups of pods hear from the waypoints of their namespaces, and their callers speak to those
  const waypoints = namespacesOf(to, place).filter((name) => hasWaypoint(context, name));
  return [...grant.peers, ...waypoints.map(waypointPods)];
}

/** Namespaces of a group of pods, as far as the policy of that place can name them. */
function namespacesOf(to: PeerData, { direction, namespace }: Place): readonly string[] {
  if (to.kind !== 'pods') return [];
  if (direction === 'ingress') return namespace === undefined ? [] : [namespace];
  return to.namespaces.kind === 'names' ? to.namespaces.names : [];
}

/** The pods of a namespace's waypoint. */
export function waypointPods(namespace: string): PolicyPeer {
  return {
    kind: 'pods',
    namespaces: { kind: 'names', names: [namespace] },
    pods: { matchLabels: WAYPOINT_LABELS, matchExpressions: [] },
  };
}

export function tcpPort(port: number): PortData {
  return { protocol: Protocol.TCP, port, purpose: PortPurpose.SERVICE };
}

function uncaptured(port: PortData): PortData[] {
  if (port.protocol === Protocol.TCP) return [];
  if (port.protocol !== undefined) return [port];
  const { purpose } = port;
  return [
    { protocol: Protocol.UDP, purpose },
    { protocol: Protocol.SCTP, purpose },
  ];
}

function isTcp({ protocol }: PortData): boolean {
  return protocol === undefined || protocol === Protocol.TCP;
}
