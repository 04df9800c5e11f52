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
import { workloadsIn } from '../../traffic/model';
import type { PortRange } from '../../values/port-ranges';
import { commonRanges, holdsPort, rangesWithout } from '../../values/port-ranges';
import type { RenderContext } from '../context';
import type { Assignment } from '../subjects';
import type { Permission } from './authorization';
import { allowPolicy, describePermissions, permissionsOf, rulesOf } from './authorization';
import { callersOf } from './callers';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { participationsOf, workloadInMesh } from './participation';
import { servicesOf } from './selectors';
import { selects } from './targets';
import { waypointObjects } from './waypoint-objects';
import {
  hasWaypoint,
  limitedPorts,
  portsBehindWaypoint,
  servicePorts,
  WAYPOINT,
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
    ...assignments.map((assignment) =>
      allowPolicy(assignment, context, ztunnelPermissions(context, assignment)),
    ),
    ...namespaces.flatMap((namespace) => [
      ...waypointObjects(context, namespace, assignments),
      ...workloadsIn(context.model, namespace).flatMap((workload) => [
        ...throughWaypointOnly(context, workload),
        ...atWaypoint(context, workload, assignments),
      ]),
    ]),
  ];
}

/** Whatever becomes a rule, at ztunnel or at a waypoint. */
export function ambientPermissions(
  context: RenderContext,
  assignments: readonly Assignment[],
): Permission[] {
  return [
    ...assignments.flatMap((assignment) => ztunnelPermissions(context, assignment)),
    ...[...context.model.workloads.values()].flatMap((workload) =>
      waypointPermissions(context, workload, assignments),
    ),
  ];
}

/** Identities and pod ports; the waypoint's traffic has the waypoint's identity. */
function ztunnelPermissions(context: RenderContext, { subject, flows }: Assignment): Permission[] {
  const permissions = permissionsOf(context, flows);
  const workload = workloadOf(context, subject);
  return [
    ...permissions.flatMap((one) => directly(context, one, workload)),
    ...permissions.flatMap((one) => fromWaypoint(context, one, { subject, workload })),
  ];
}

/** What the caller may reach without the waypoint. */
function directly(
  context: RenderContext,
  permission: Permission,
  workload: WorkloadData | undefined,
): Permission[] {
  if (isToken(permission.flow)) return [];
  const only = workload === undefined ? [] : single(limitedPorts(context, workload));
  const ports = rangesWithout(permission.ports, only);
  return ports.length === 0 ? [] : [{ ...permission, requests: [], ports }];
}

/** The same ports for the waypoint, as far as a Service stands before them. */
function fromWaypoint(
  context: RenderContext,
  permission: Permission,
  { subject, workload }: Pick<Assignment, 'subject'> & { readonly workload?: WorkloadData },
): Permission[] {
  if (!hasWaypoint(context, subject.namespace) || !mayUseWaypoint(context, permission)) return [];
  const ports =
    workload === undefined
      ? permission.ports
      : commonRanges(permission.ports, single(portsBehindWaypoint(context, workload)));
  if (ports.length === 0) return [];
  const source = { serviceAccounts: [`${subject.namespace}/${WAYPOINT}`] };
  return [{ ...permission, ports, requests: [], caller: { kind: 'identified', source } }];
}

/** Where requests are limited nobody reaches the pods around the waypoint, whoever else allows it. */
function throughWaypointOnly(context: RenderContext, workload: WorkloadData): MeshObject[] {
  const ports = limitedPorts(context, workload);
  if (ports.length === 0) return [];
  const { namespace, name, labels } = workload;
  const source = { notPrincipals: [`*/ns/${namespace}/sa/${WAYPOINT}`] };
  const rule = { from: [{ source }], to: [{ operation: { ports: ports.map(String) } }] };
  return [
    {
      apiVersion: SECURITY,
      kind: 'AuthorizationPolicy',
      namespace,
      name: `${name}-through-waypoint`,
      spec: { selector: { matchLabels: labels }, action: 'DENY', rules: [rule] },
      flows: [`requests on TCP ${ports.join(', ')} are seen by the waypoint`],
      baseline: false,
      allows: false,
    },
  ];
}

/** Callers and requests of a workload's Services. */
function atWaypoint(
  context: RenderContext,
  workload: WorkloadData,
  assignments: readonly Assignment[],
): MeshObject[] {
  if (portsBehindWaypoint(context, workload).length === 0) return [];
  if (!assignments.some((one) => selects(one, workload))) return [];
  const { namespace, name } = workload;
  const permissions = callersThere(context, workload, assignments);
  const rules = rulesOf(waypointPermissions(context, workload, assignments));
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

/** Ports are Service ports here. */
function waypointPermissions(
  context: RenderContext,
  workload: WorkloadData,
  assignments: readonly Assignment[],
): Permission[] {
  if (portsBehindWaypoint(context, workload).length === 0) return [];
  const numbers = servicePorts(workload);
  return callersThere(context, workload, assignments).flatMap((one) =>
    onServicePorts(one, numbers),
  );
}

function callersThere(
  context: RenderContext,
  workload: WorkloadData,
  assignments: readonly Assignment[],
): Permission[] {
  const reaching = assignments.filter((one) => selects(one, workload));
  return permissionsOf(
    context,
    reaching.flatMap(({ flows }) => flows),
  ).filter((permission) => mayUseWaypoint(context, permission));
}

/**
 * Whether the callers of a rule come to the waypoint. Of callers of whom some stay outside the mesh,
 * those inside have a rule of their own; the rule for everybody would let in whoever gets there.
 */
function mayUseWaypoint(context: RenderContext, { flow, caller }: Permission): boolean {
  if (caller.kind === 'outside') return false;
  if (caller.kind !== 'anybody') return true;
  return (
    callersOf(context, flow.from).length === 1 && participationsOf(context, flow.from).has(true)
  );
}

function onServicePorts(
  permission: Permission,
  numbers: ReadonlyMap<number, readonly number[]>,
): Permission[] {
  const served = [...numbers].flatMap(([podPort, ports]) =>
    holdsPort(permission.ports, podPort) ? ports : [],
  );
  return served.length === 0 ? [] : [{ ...permission, ports: single(served) }];
}

function single(numbers: readonly number[]): PortRange[] {
  return numbers.map((number) => [number, number]);
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
