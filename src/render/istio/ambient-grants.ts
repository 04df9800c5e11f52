/**
 * What NetworkPolicy sees of traffic inside an ambient mesh: HBONE on TCP 15008 instead of the
 * inner port, to and from the waypoint where there is one. The inner port is held by ztunnel.
 */
import type { Direction, FlowData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { PortData } from '../../values/port';
import { PortPurpose, Protocol } from '../../values/port';
import { isEverything } from '../../values/selector';
import type { RenderContext } from '../context';
import type { Grant, PolicyPeer } from '../grant';
import { peerInMesh } from './participation';
import {
  HBONE,
  hasWaypoint,
  limitsRequests,
  portsBehindWaypoint,
  WAYPOINT_LABELS,
} from './waypoints';

/** Whether traffic of the flow goes from proxy to proxy. */
export function overHbone(context: RenderContext, { from, to, origin }: FlowData): boolean {
  if (context.profile.mesh.mode !== 'ambient' || origin === 'mesh' || origin === 'implied') {
    return false;
  }
  return peerInMesh(context, from) === true && peerInMesh(context, to) === true;
}

/** The grant as the nodes see it. UDP and SCTP are never captured. */
export function overAmbient(
  context: RenderContext,
  flow: FlowData,
  { direction, namespace }: { readonly direction: Direction; readonly namespace?: string },
  grant: Grant,
): Grant[] {
  if (!overHbone(context, flow)) return [grant];
  const plain = grant.ports.flatMap(uncaptured);
  const captured = grant.ports.some(
    ({ protocol }) => protocol === undefined || protocol === Protocol.TCP,
  );
  const peers = hbonePeers(context, flow, namespace, grant);
  return [
    ...(captured ? [{ peers, ports: [tcpPort(HBONE)] }] : []),
    ...(plain.length > 0 ? [{ peers: grant.peers, ports: plain }] : []),
  ].filter((one) => direction === 'ingress' || one.peers.length > 0);
}

function hbonePeers(
  context: RenderContext,
  { to }: FlowData,
  namespace: string | undefined,
  grant: Grant,
): readonly PolicyPeer[] {
  if (to.kind === 'workload') {
    const workload = context.model.workloads.get(workloadKey(to.namespace, to.name));
    if (workload === undefined) return grant.peers;
    const behind = new Set(portsBehindWaypoint(context, workload));
    const via = grant.ports.some((port) => coversAny(port, behind));
    const direct =
      !limitsRequests(context, workload) || grant.ports.some((port) => !coveredBy(port, behind));
    return [...(direct ? grant.peers : []), ...(via ? [waypointPods(to.namespace)] : [])];
  }
  // of a whole namespace the waypoint's pods are a part; its own pods hear from the waypoint
  const own = to.kind === 'pods' && isEverything(to.pods) ? namespace : undefined;
  return own !== undefined && hasWaypoint(context, own)
    ? [...grant.peers, waypointPods(own)]
    : grant.peers;
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

function coversAny(port: PortData, numbers: ReadonlySet<number>): boolean {
  const { port: low, endPort: high = low } = port;
  if (!isTcp(port)) return false;
  if (low === undefined || high === undefined) return numbers.size > 0;
  return [...numbers].some((number) => low <= number && number <= high);
}

/** Whether every TCP port that is meant stands behind the waypoint. */
function coveredBy(port: PortData, numbers: ReadonlySet<number>): boolean {
  if (!isTcp(port)) return true;
  const { port: low, endPort: high = low } = port;
  if (low === undefined || high === undefined) return false;
  for (let number = low; number <= high; number += 1) if (!numbers.has(number)) return false;
  return true;
}
