/**
 * The mesh dialect for ambient: ztunnel holds identities and pod ports, because NetworkPolicy sees
 * HBONE only; the waypoint of a namespace holds requests, and where requests are limited ztunnel
 * admits nobody else.
 *
 * Each pair of policies is written as one unit: a waypoint that is missing enforces nothing.
 * Source: istio/ztunnel:src/rbac.rs, istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { isolationsIn, workloadsIn } from '../../traffic/model';
import { isEverything, selectorMatches } from '../../values/selector';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import { flowProblem, portsOf } from '../grants';
import { renderPolicy, NETWORK_POLICY } from '../network-policy';
import type { Assignment } from '../subjects';
import { subjectName } from '../subjects';
import { overHbone, tcpPort } from './ambient-grants';
import type { Permission } from './authorization';
import { describePermissions, listedPorts, permissionsOf, rulesOf } from './authorization';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { workloadInMesh } from './participation';
import { selectorOf, servicesOf } from './selectors';
import {
  HBONE,
  hasWaypoint,
  limitsRequests,
  portsBehindWaypoint,
  servicePorts,
  WAYPOINT,
  WAYPOINT_LABELS,
  waypointPeer,
} from './waypoints';

/** All policies, waypoints and their plumbing. */
export function ambientObjects(
  context: RenderContext,
  assignments: readonly Assignment[],
): MeshObject[] {
  const namespaces = [...context.model.namespaces.values()]
    .filter(({ ownership }) => ownership !== 'foreign')
    .map(({ name }) => name)
    .filter((name) => hasWaypoint(context, name));
  return [
    ...assignments.map((assignment) => atZtunnel(context, assignment)),
    ...namespaces.flatMap((namespace) => waypointObjects(context, namespace, assignments)),
  ];
}

/** Limits that neither ztunnel nor the waypoint would see. */
export function ambientProblems(context: RenderContext, { subject, flows }: Assignment): Problem[] {
  const workload = workloadOf(context, subject);
  if (workload === undefined) return [];
  const behind = portsBehindWaypoint(context, workload);
  return permissionsOf(context, subject, flows)
    .filter(({ requests }) => requests.length > 0)
    .flatMap(({ flow, ports, caller }) => {
      const bypassing = ports.filter((port) => !behind.includes(port));
      return [
        ...(bypassing.length > 0 || ports.length === 0 ? [noService(flow, bypassing)] : []),
        ...(caller.kind === 'anybody' && !isToken(flow) ? [aroundWaypoint(flow)] : []),
        ...(context.model.namespaces.get(workload.namespace)?.ownership === 'ours'
          ? []
          : [noLabel(flow, workload.namespace)]),
      ];
    });
}

/** Identities and pod ports; the waypoint's traffic has the waypoint's identity. */
function atZtunnel(context: RenderContext, { subject, flows }: Assignment): MeshObject {
  const permissions = permissionsOf(context, subject, flows);
  const workload = workloadOf(context, subject);
  const behind = workload === undefined ? [] : portsBehindWaypoint(context, workload);
  const only = workload !== undefined && limitsRequests(context, workload) ? behind : [];
  const viaWaypoint =
    workload === undefined ? hasWaypoint(context, subject.namespace) : behind.length > 0;
  const direct = permissions.flatMap((permission) => directly(permission, only));
  const via = viaWaypoint
    ? permissions.flatMap((one) =>
        fromWaypoint(one, subject.namespace, workload === undefined ? undefined : behind),
      )
    : [];
  const rules = rulesOf([...direct, ...via]);
  return {
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace: subject.namespace,
    name: subjectName(subject),
    spec: {
      ...selectorOf(subject.pods),
      action: 'ALLOW',
      ...(rules.length > 0 && { rules }),
    },
    flows: describePermissions(permissions),
    baseline: subject.group !== 'own',
    allows: true,
  };
}

/** What the caller may reach without the waypoint: callers out of the mesh always go directly. */
function directly(permission: Permission, only: readonly number[]): Permission[] {
  if (isToken(permission.flow)) return [];
  const plain = { ...permission, requests: [] };
  if (permission.caller.kind === 'anybody' || only.length === 0) return [plain];
  if (permission.ports.length === 0) {
    return [{ ...plain, exceptPorts: [...new Set([...permission.exceptPorts, ...only])] }];
  }
  const ports = permission.ports.filter((port) => !only.includes(port));
  return ports.length === 0 ? [] : [{ ...plain, ports }];
}

/** The same ports for the waypoint, as far as a Service stands before them. */
function fromWaypoint(
  permission: Permission,
  namespace: string,
  behind: readonly number[] | undefined,
): Permission[] {
  const ports =
    behind === undefined
      ? permission.ports
      : permission.ports.length === 0
        ? behind
        : permission.ports.filter((port) => behind.includes(port));
  if (ports.length === 0 && behind !== undefined) return [];
  const source = { serviceAccounts: [`${namespace}/${WAYPOINT}`] };
  return [{ ...permission, ports, requests: [], caller: { kind: 'identified', source } }];
}

function waypointObjects(
  context: RenderContext,
  namespace: string,
  assignments: readonly Assignment[],
): MeshObject[] {
  const here = assignments.filter(({ subject }) => subject.namespace === namespace);
  const behind = workloadsIn(context.model, namespace).filter(
    (one) => portsBehindWaypoint(context, one).length > 0,
  );
  return [
    gateway(namespace),
    ...behind.flatMap((workload) => atWaypoint(context, workload, here)),
    ...(isolatedWhole(context, namespace, 'ingress') ? [waypointDenial(namespace)] : []),
    ...waypointPolicies(context, namespace, { here, behind }),
  ];
}

/** Callers and requests of a workload's Services. Ports are Service ports here. */
function atWaypoint(
  context: RenderContext,
  workload: WorkloadData,
  here: readonly Assignment[],
): MeshObject[] {
  const reaching = here.filter(({ subject }) => selectorMatches(subject.pods, workload.podLabels));
  if (reaching.length === 0) return [];
  const { namespace, name } = workload;
  const flows = reaching.flatMap((one) => one.flows);
  const subject = {
    ...reaching[0]?.subject,
    namespace,
    direction: 'ingress',
    workload: name,
  } as const;
  const pods = { matchLabels: workload.labels, matchExpressions: [] };
  const permissions = permissionsOf(context, { ...subject, group: 'own', pods }, flows);
  const numbers = servicePorts(workload);
  const mapped = permissions.flatMap((one) => onServicePorts(one, numbers));
  const rules = rulesOf(mapped);
  return [
    {
      apiVersion: SECURITY,
      kind: 'AuthorizationPolicy',
      namespace,
      name: `${name}-requests`,
      spec: {
        ...servicesOf(workload.services.map((service) => service.name)),
        action: 'ALLOW',
        ...(rules.length > 0 && { rules }),
      },
      flows: describePermissions(permissions),
      baseline: false,
      allows: true,
    },
  ];
}

function onServicePorts(
  permission: Permission,
  numbers: ReadonlyMap<number, readonly number[]>,
): Permission[] {
  if (permission.caller.kind === 'anybody' && !isToken(permission.flow)) return [];
  const map = (ports: readonly number[]): number[] =>
    ports.flatMap((port) => numbers.get(port) ?? []).sort((a, b) => a - b);
  const ports = map(permission.ports);
  if (permission.ports.length > 0 && ports.length === 0) return [];
  return [{ ...permission, ports, exceptPorts: map(permission.exceptPorts) }];
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
  const { rootNamespace, controlPlaneLabels } = context.profile.mesh;
  const control: FlowData = {
    ...plumbing(flowTo(undefined), { ...waypoint, end: 'from' }),
    to: {
      kind: 'pods',
      namespaces: { kind: 'names', names: [rootNamespace] },
      pods: { matchLabels: controlPlaneLabels, matchExpressions: [] },
    },
    toName: 'istiod',
    ports: [tcpPort(15012)],
  };
  const pods = { matchLabels: WAYPOINT_LABELS, matchExpressions: [] };
  const policies = [
    { direction: 'ingress', flows: callers },
    { direction: 'egress', flows: [...callees, control] },
  ] as const;
  return policies
    .filter(({ direction }) => isolatedWhole(context, namespace, direction))
    .map(({ direction, flows }) => {
      const subject = { namespace, direction, group: 'mesh', pods } as const;
      const { spec, flows: lines } = renderPolicy(context, subject, flows);
      const identity = { ...NETWORK_POLICY, namespace, name: `${WAYPOINT}-${direction}` };
      return { ...identity, spec: { ...spec }, flows: lines, baseline: true, allows: true };
    });
}

/** Whether callers of the flow come to the waypoint: from the mesh, to a port behind a Service. */
function entersWaypoint(
  context: RenderContext,
  flow: FlowData,
  behind: readonly WorkloadData[],
): boolean {
  if (!overHbone(context, flow)) return false;
  const { to } = flow;
  const targets = to.kind === 'workload' ? behind.filter(({ name }) => name === to.name) : behind;
  const ports = listedPorts(portsOf(context, flow).ports);
  return targets.some((target) => {
    const served = portsBehindWaypoint(context, target);
    return ports.length === 0 || ports.some((port) => served.includes(port));
  });
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

function workloadOf(
  context: RenderContext,
  { namespace, workload }: Assignment['subject'],
): WorkloadData | undefined {
  const known =
    workload === undefined
      ? undefined
      : context.model.workloads.get(workloadKey(namespace, workload));
  return known !== undefined && workloadInMesh(context, known) === true ? known : undefined;
}

function isToken({ from }: FlowData): boolean {
  return from.kind === 'identity' && from.identity.kind === 'jwt';
}

function noService(flow: FlowData, ports: readonly number[]): Problem {
  return flowProblem(flow, {
    code: 'waypoint-without-service',
    got: ports.length === 0 ? 'all ports' : ports.map((port) => `TCP ${String(port)}`),
    expected:
      'ports behind a declared Service: in ambient only the waypoint of a Service sees requests',
    fix: `services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080 }] }]`,
  });
}

function aroundWaypoint(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'caller-around-waypoint',
    got: flow.fromName,
    expected: 'a caller in the mesh: in ambient others reach the pod without the waypoint',
    fix: 'mesh: MeshMembership.IN for the caller, or a port of its own without HTTP rules',
  });
}

function noLabel(flow: FlowData, namespace: string): Problem {
  return flowProblem(flow, {
    code: 'waypoint-namespace',
    got: namespace,
    expected: 'a namespace of ours: its Services are sent through the waypoint by a label on it',
    fix: `new MlNamespace(this, '${namespace}'), or limits in the repository that owns it`,
  });
}
