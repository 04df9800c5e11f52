/** Limits that neither ztunnel nor the waypoint of an ambient mesh would see. */
import type { FlowData } from '../../traffic/data';
import type { PortRange } from '../../values/port-ranges';
import { countPorts, holdsPort, numbersOf, rangesWithout } from '../../values/port-ranges';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import { flowProblem } from '../flow-problem';
import type { Assignment } from '../subjects';
import { ambientPermissions } from './ambient';
import { overHbone } from './ambient-grants';
import { permissionsOf } from './authorization';
import { isWidened, LISTED_PORTS } from './ports';
import { declarationProblem } from './request-targets';
import type { PolicyTarget } from './targets';
import { guardedPorts, tokensOf } from './tokens';
import { entersWaypoint, isOpenWaypoint, workloadsBehind } from './waypoint-objects';
import { limitedPorts, portsBehindWaypoint } from './waypoints';

/** Flows that bring callers to the waypoint, and so to whatever stands behind it. */
export function throughWaypoint(
  context: RenderContext,
  { namespace, workload }: PolicyTarget,
  assignments: readonly Assignment[],
): FlowData[] {
  if (workload === undefined || portsBehindWaypoint(context, workload).length === 0) return [];
  const behind = workloadsBehind(context, namespace);
  const entering = assignments
    .filter(({ subject }) => subject.namespace === namespace)
    .flatMap(({ flows }) => flows)
    .filter((flow) => entersWaypoint(context, flow, behind));
  // an open waypoint is somebody's who declared nothing
  const anybody = entering.slice(0, 1).map((flow): FlowData => ({
    ...flow,
    from: { kind: 'any' },
    fromName: 'anybody at the waypoint',
    // whom a narrower rule takes its ports from comes there all the same
    narrows: true,
  }));
  return isOpenWaypoint(context, namespace) ? [...entering, ...anybody] : entering;
}

/**
 * Ports of callers whom HBONE brings: no policy but ztunnel's and the waypoint's sees these, so what
 * these cannot list would be every port.
 */
export function unlistedPortProblems(
  context: RenderContext,
  assignments: readonly Assignment[],
): Problem[] {
  const unlisted = ambientPermissions(context, assignments)
    .filter(
      ({ flow, caller, ports }) =>
        // who has no identity comes with its port, which NetworkPolicy holds
        caller.kind !== 'outside' && overHbone(context, flow) && isWidened(ports),
    )
    .map(({ flow }) => flow);
  return [...new Set(unlisted)].map(unlistedPorts);
}

/** Limits of a workload that could not be held. */
export function ambientProblems(
  context: RenderContext,
  { namespace, workload, flows }: PolicyTarget,
): Problem[] {
  if (workload === undefined) return [];
  const behind = portsBehindWaypoint(context, workload).map((port): PortRange => [port, port]);
  const limited = limitedPorts(context, workload);
  const ours = context.model.namespaces.get(namespace)?.ownership === 'ours';
  const tokens = tokensOf(context, workload);
  const unserved = rangesWithout(
    guardedPorts(context, workload).map((port): PortRange => [port, port]),
    behind,
  );
  return [
    ...(unserved.length === 0
      ? []
      : tokens.map((one) => declarationProblem(one, noService(numbersOf(unserved))))),
    ...(ours ? [] : tokens.map((one) => declarationProblem(one, noLabel(namespace)))),
    ...permissionsOf(context, flows).flatMap(({ flow, caller, ports, requests }) => {
      // a waiver lets L4 stand in where no waypoint sees the requests
      const bypassing = requests.length === 0 ? [] : rangesWithout(ports, behind);
      const around =
        caller.kind !== 'identified' &&
        !isToken(flow) &&
        limited.some((port) => holdsPort(ports, port));
      return [
        ...(bypassing.length > 0 && !flow.withoutMesh
          ? [flowProblem(flow, noService(listed(bypassing)))]
          : []),
        ...(around ? [aroundWaypoint(flow)] : []),
        ...(requests.length === 0 || ours || flow.withoutMesh
          ? []
          : [flowProblem(flow, noLabel(namespace))]),
      ];
    }),
  ];
}

function listed(ranges: readonly PortRange[]): readonly number[] {
  return countPorts(ranges) > 16 ? [] : numbersOf(ranges);
}

function isToken({ from }: FlowData): boolean {
  return from.kind === 'identity' && from.identity.kind === 'jwt';
}

type Told = Omit<Problem, 'where' | 'source'>;

function noService(ports: readonly number[]): Told {
  return {
    code: 'waypoint-without-service',
    got: ports.length === 0 ? 'many ports' : ports.map((port) => `TCP ${String(port)}`),
    expected:
      'ports behind a declared Service: in ambient only the waypoint of a Service sees requests',
    fix: `services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080 }] }]`,
  };
}

function aroundWaypoint(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'caller-around-waypoint',
    got: flow.fromName,
    expected: 'a caller that is known to be in the mesh: in ambient others go around the waypoint',
    fix: 'mesh: MeshMembership.IN for the caller, or a port of its own without limits',
  });
}

function unlistedPorts(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'ports-unlisted',
    got: `more than ${String(LISTED_PORTS)} TCP ports for ${flow.fromName}`,
    expected:
      'few ports, or all of them: in ambient HBONE hides ports from NetworkPolicy, and AuthorizationPolicies list them one by one',
    fix: 'name the ports that are needed, or Port.allTcp()',
  });
}

function noLabel(namespace: string): Told {
  return {
    code: 'waypoint-namespace',
    got: namespace,
    expected: 'a namespace of ours: its Services are sent through the waypoint by a label on it',
    fix: `new MlNamespace(this, '${namespace}'), or limits in the repository that owns it`,
  };
}
