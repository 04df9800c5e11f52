/**
 * The waypoint of a namespace itself: its Gateway, what it denies by default, and NetworkPolicies
 * for its pods, which are pods of the namespace like any other.
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { isIsolated, isolationsIn, workloadsIn } from '../../traffic/model';
import { Protocol } from '../../values/port';
import { holdsPort, rangesOf } from '../../values/port-ranges';
import { isEverything } from '../../values/selector';
import type { RenderContext } from '../context';
import { portsOf } from '../flow-ports';
import { proxyFlows } from '../implied';
import { renderPolicy, NETWORK_POLICY } from '../network-policy';
import type { Assignment } from '../subjects';
import { overHbone, tcpPort } from './ambient-grants';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { HBONE, portsBehindWaypoint, WAYPOINT, WAYPOINT_LABELS, waypointPeer } from './waypoints';

/** Everything that makes a waypoint work in an isolated namespace. */
export function waypointObjects(
  context: RenderContext,
  namespace: string,
  assignments: readonly Assignment[],
): MeshObject[] {
  const here = assignments.filter(({ subject }) => subject.namespace === namespace);
  const behind = workloadsBehind(context, namespace);
  return [
    gateway(namespace),
    ...(isolatedWhole(context, namespace, 'ingress') ? [waypointDenial(namespace)] : []),
    ...waypointPolicies(context, namespace, { here, behind }),
  ];
}

/** Workloads of a namespace whose Services its waypoint serves. */
export function workloadsBehind(context: RenderContext, namespace: string): WorkloadData[] {
  return workloadsIn(context.model, namespace).filter(
    (one) => portsBehindWaypoint(context, one).length > 0,
  );
}

function gateway(namespace: string): MeshObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    namespace,
    name: WAYPOINT,
    labels: { 'istio.io/waypoint-for': 'service' },
    spec: {
      gatewayClassName: 'istio-waypoint',
      listeners: [{ name: 'mesh', port: HBONE, protocol: 'HBONE' }],
    },
    flows: [],
    baseline: true,
    allows: true,
  };
}

/** Services without callers are closed at the waypoint too, as their pods are at ztunnel. */
function waypointDenial(namespace: string): MeshObject {
  const target = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: WAYPOINT };
  return {
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace,
    name: 'default-deny-waypoint',
    spec: { targetRefs: [target] },
    flows: [],
    baseline: true,
    allows: false,
  };
}

/** The waypoint's pods are pods of the namespace: isolated with it, they need both ends as well. */
function waypointPolicies(
  context: RenderContext,
  namespace: string,
  {
    here,
    behind,
  }: { readonly here: readonly Assignment[]; readonly behind: readonly WorkloadData[] },
): MeshObject[] {
  const waypoint = { peer: waypointPeer(namespace), name: `${namespace}/${WAYPOINT}` };
  const callers = here
    .flatMap(({ flows }) => flows)
    .filter((flow) => entersWaypoint(context, flow, behind))
    .map((flow) => plumbing(flow, { ...waypoint, end: 'to' }));
  const callees = behind.map((workload) =>
    plumbing(flowTo(workload), { ...waypoint, end: 'from' }),
  );
  const control = proxyFlows(context.profile.mesh, { ...waypoint, by: waypoint.name });
  const pods = { matchLabels: WAYPOINT_LABELS, matchExpressions: [] };
  const policies = [
    { direction: 'ingress', flows: callers },
    { direction: 'egress', flows: [...callees, ...control] },
  ] as const;
  return policies
    .filter(({ direction }) =>
      direction === 'ingress'
        ? !isOpenWaypoint(context, namespace)
        : isolatedWhole(context, namespace, direction),
    )
    .map(({ direction, flows }) => {
      const subject = { namespace, direction, group: 'mesh', pods } as const;
      const { spec, flows: lines } = renderPolicy(context, subject, flows);
      const identity = { ...NETWORK_POLICY, namespace, name: `${WAYPOINT}-${direction}` };
      return { ...identity, spec: { ...spec }, flows: lines, baseline: true, allows: true };
    });
}

/** Whether anybody may come to the waypoint: nobody isolates it, and one behind it is not isolated. */
export function isOpenWaypoint(context: RenderContext, namespace: string): boolean {
  if (isolatedWhole(context, namespace, 'ingress')) return false;
  return !workloadsBehind(context, namespace).every((one) =>
    isIsolated(context.model, one, 'ingress'),
  );
}

/** Whether callers of the flow come to the waypoint: from the mesh, to a port behind a Service. */
export function entersWaypoint(
  context: RenderContext,
  flow: FlowData,
  behind: readonly WorkloadData[],
): boolean {
  if (!overHbone(context, flow)) return false;
  const { to } = flow;
  const targets = to.kind === 'workload' ? behind.filter(({ name }) => name === to.name) : behind;
  const ports = rangesOf(portsOf(context, flow).ports, Protocol.TCP);
  return targets.some((target) =>
    portsBehindWaypoint(context, target).some((port) => holdsPort(ports, port)),
  );
}

/** A flow of the mesh's own, with the waypoint at one end and HBONE as its port. */
function plumbing(
  flow: FlowData,
  waypoint: { readonly peer: FlowData['to']; readonly name: string; readonly end: 'from' | 'to' },
): FlowData {
  const { peer, name, end } = waypoint;
  const ends = end === 'to' ? { to: peer, toName: name } : { from: peer, fromName: name };
  return { ...flow, ...ends, ports: [tcpPort(HBONE)], http: [], origin: 'mesh', narrows: false };
}

function flowTo(workload: WorkloadData | undefined): FlowData {
  const name = workload === undefined ? '' : workloadKey(workload.namespace, workload.name);
  return {
    from: { kind: 'any' },
    fromName: '',
    to: { kind: 'workload', namespace: workload?.namespace ?? '', name: workload?.name ?? '' },
    toName: name,
    http: [],
    origin: 'mesh',
    narrows: false,
    reasons: [{ reason: 'mesh plumbing', by: name }],
    withoutMesh: false,
    withoutFqdn: false,
  };
}

function isolatedWhole(
  { model }: RenderContext,
  namespace: string,
  direction: 'ingress' | 'egress',
): boolean {
  return isolationsIn(model, namespace).some(
    ({ pods, directions }) => isEverything(pods) && directions.includes(direction),
  );
}
