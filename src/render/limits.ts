/**
 * Limits beyond addresses and ports: identities, HTTP requests and tokens. Only a mesh holds them, for
 * pods that are isolated, take part, and are called over TCP.
 */
import type { FlowData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import { isIsolated, isolationsIn, workloadsIn } from '../traffic/model';
import { describePort, Protocol } from '../values/port';
import { holdsPort, rangesOf, rangesWithout } from '../values/port-ranges';
import type { Problem } from '../values/problem';
import type { SelectorData } from '../values/selector';
import { selectorMatches } from '../values/selector';
import { implies } from './containment';
import type { RenderContext } from './context';
import { flowProblem } from './flow-problem';
import { portsOf } from './flow-ports';
import { namespaceInMesh, workloadInMesh } from './istio/participation';
import { portsBehindWaypoint } from './istio/waypoints';
import { isWritable } from './writable';

/** What a flow limits that NetworkPolicy cannot say, in words. */
export function limitOf({ from, http }: FlowData): string | undefined {
  const limits = [
    ...(from.kind === 'identity' ? ['identity'] : []),
    ...(http.length > 0 ? ['HTTP requests'] : []),
    ...(http.some(({ jwt }) => jwt !== undefined) ? ['tokens'] : []),
  ];
  return limits.length === 0 ? undefined : limits.join(', ');
}

/** Whether L3/L4 stands in for a limit under this profile, and for which. */
export function limitWaivers(context: RenderContext, flow: FlowData): string[] {
  const limit = limitOf(flow);
  if (limit === undefined || !flow.withoutMesh) return [];
  const unheld = unheldLimits(context, flow).length > 0 || isAroundWaypoint(context, flow);
  return unheld ? [`L3/L4 stands in for ${limit}`] : [];
}

/** Whether requests are limited on a port that no Service leads to: in ambient nobody sees them. */
function isAroundWaypoint(context: RenderContext, flow: FlowData): boolean {
  const { model, profile } = context;
  const { to, from, http } = flow;
  if (profile.mesh.mode !== 'ambient' || to.kind !== 'workload') return false;
  if (http.length === 0 && !(from.kind === 'identity' && from.identity.kind === 'jwt'))
    return false;
  const workload = model.workloads.get(workloadKey(to.namespace, to.name));
  if (workload === undefined) return true;
  const behind = portsBehindWaypoint(context, workload);
  const ports = rangesOf(portsOf(context, flow).ports, Protocol.TCP);
  const seen = behind.filter((port) => holdsPort(ports, port));
  return (
    rangesWithout(
      ports,
      seen.map((port) => [port, port] as const),
    ).length > 0
  );
}

/** Limits of a flow that nothing would hold, unless a waiver gives them up. */
export function limitProblems(context: RenderContext, flow: FlowData): Problem[] {
  return flow.withoutMesh ? [] : unheldLimits(context, flow);
}

/** Limits that only a mesh can hold, on pods that are isolated and take part. */
function unheldLimits(context: RenderContext, flow: FlowData): Problem[] {
  const limit = limitOf(flow);
  if (limit === undefined) return [];
  const { profile } = context;
  if (profile.mesh.mode === 'none') {
    return [
      flowProblem(flow, {
        code: 'limit-without-mesh',
        got: limit,
        expected: `a mesh that can hold it: profile ${profile.name} has none`,
        fix: `ClusterProfile.${profile.name}({ mesh: Mesh.sidecar() }), or withoutMesh: 'l4' with a reason`,
      }),
    ];
  }
  if (flow.http.length > 0 && flow.to.kind !== 'workload') {
    return [
      flowProblem(flow, {
        code: 'requests-of-many',
        got: `${limit} to ${flow.toName}`,
        expected: 'a workload or one of its endpoints: requests are limited for single workloads',
        fix: 'declare a Workload for the pods that are meant',
      }),
    ];
  }
  return [...holderProblems(context, flow, limit), ...protocolProblems(context, flow, limit)];
}

/** Somebody has to hold the limit: policies of ours, and a proxy of each pod. */
function holderProblems(context: RenderContext, flow: FlowData, limit: string): Problem[] {
  const { model } = context;
  const { to } = flow;
  if (to.kind === 'workload') {
    const target = model.workloads.get(workloadKey(to.namespace, to.name));
    if (target === undefined || !isWritable(model, to.namespace)) return [notIsolated(flow, limit)];
    return [
      ...(isIsolated(model, target, 'ingress') ? [] : [notIsolated(flow, limit)]),
      ...(workloadInMesh(context, target) === true ? [] : [outOfMesh(flow, limit, flow.toName)]),
    ];
  }
  if (to.kind !== 'pods' || to.namespaces.kind !== 'names') return [notIsolated(flow, limit)];
  return to.namespaces.names.flatMap((name) => {
    if (!isWritable(model, name) || !areIsolated(model, name, to.pods)) {
      return [notIsolated(flow, limit)];
    }
    const outside = workloadsIn(model, name).filter(
      (one) => selectorMatches(to.pods, one.podLabels) && workloadInMesh(context, one) !== true,
    );
    return [
      ...(namespaceInMesh(model, name) === true ? [] : [outOfMesh(flow, limit, name)]),
      ...outside.map((one) => outOfMesh(flow, limit, workloadKey(name, one.name))),
    ];
  });
}

/** Whether one isolation covers all pods that a selector chooses in a namespace. */
function areIsolated(model: ModelState, namespace: string, pods: SelectorData): boolean {
  return isolationsIn(model, namespace).some(
    (isolation) => isolation.directions.includes('ingress') && implies(pods, isolation.pods),
  );
}

/** Proxies see TCP only. */
function protocolProblems(context: RenderContext, flow: FlowData, limit: string): Problem[] {
  const others = portsOf(context, flow).ports.filter(({ protocol }) => protocol !== Protocol.TCP);
  if (others.length === 0) return [];
  return [
    flowProblem(flow, {
      code: 'limit-not-tcp',
      got: `${limit} on ${others.map(describePort).join(', ')}`,
      expected: 'TCP ports: no proxy sees anything else, so nothing would hold the limit there',
      fix: 'ports: [Port.tcp(8080)], or Port.allTcp()',
    }),
  ];
}

function outOfMesh(flow: FlowData, limit: string, target: string): Problem {
  return flowProblem(flow, {
    code: 'limit-out-of-mesh',
    got: limit,
    expected: `a target in the mesh: ${target} has no proxy that could hold it`,
    fix: `mesh: MeshMembership.IN, or withoutMesh: 'l4' with a reason`,
  });
}

function notIsolated(flow: FlowData, limit: string): Problem {
  return flowProblem(flow, {
    code: 'limit-not-isolated',
    got: limit,
    expected: `pods of ours that are isolated: nothing written here limits ${flow.toName}`,
    fix: `new DefaultDeny(this, 'default-deny', { namespace })`,
  });
}
