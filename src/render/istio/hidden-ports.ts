/**
 * Ports of callers in an ambient mesh: HBONE hides them from the caller's NetworkPolicy, and ztunnel
 * knows no policy for callers. Where the callee is isolated, its own policies hold the ports. Where it
 * is not, a DENY policy holds them for each isolated caller, and for nobody else; where that cannot
 * name the caller, a waiver says so.
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { flowsTouching, isIsolated, workloadsIn } from '../../traffic/model';
import type { PeerData } from '../../values/peer';
import { Protocol } from '../../values/port';
import type { PortRange } from '../../values/port-ranges';
import { ALL_PORTS, countPorts, mergeRanges, numbersOf, rangesOf } from '../../values/port-ranges';
import type { Problem } from '../../values/problem';
import { selectorMatches } from '../../values/selector';
import { containsPeer, inScope, workloadsOf } from '../containment';
import type { RenderContext } from '../context';
import { portsOf } from '../flow-ports';
import { flowProblem } from '../flow-problem';
import { isWritable } from '../writable';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { participationsOf, workloadInMesh } from './participation';
import { portsBehindWaypoint } from './waypoints';

/** As many ports are listed one by one. */
const MOST_PORTS = 256;

/** A caller whose ports nothing but a DENY policy at the callee holds. */
interface HeldCaller {
  readonly account: string;
  readonly ports: readonly number[];
  readonly name: string;
}

/** DENY policies of workloads that are not isolated, for callers that are. */
export function hiddenPortObjects(context: RenderContext): MeshObject[] {
  return [...context.model.workloads.values()].flatMap((callee) => {
    const callers = isOpen(context, callee) ? heldCallers(context, callee) : [];
    if (callers.length === 0) return [];
    const { namespace, name, labels } = callee;
    const rules = callers.map(({ account, ports }) => ({
      from: [{ source: { serviceAccounts: [account] } }],
      to: [{ operation: { notPorts: ports.map(String) } }],
    }));
    return [
      {
        apiVersion: SECURITY,
        kind: 'AuthorizationPolicy',
        namespace,
        name: `${name}-ports-of-callers`,
        spec: { selector: { matchLabels: labels }, action: 'DENY', rules },
        flows: callers.map(({ name: caller, ports }) => `${caller}: TCP ${ports.join(', ')} only`),
        baseline: false,
        allows: false,
      },
    ];
  });
}

/**
 * Isolated callers who go to a waypoint and find workloads behind it that nobody isolates: they would
 * reach these too, and no policy names where a caller may go.
 */
export function openWaypointProblems(context: RenderContext): Problem[] {
  const { model, profile } = context;
  if (profile.mesh.mode !== 'ambient') return [];
  return [...model.namespaces.keys()].flatMap((namespace) => {
    const behind = workloadsIn(model, namespace).filter(
      (one) => portsBehindWaypoint(context, one).length > 0,
    );
    const open = behind.filter((one) => isOpen(context, one));
    if (open.length === 0) return [];
    return flowsTouching(model, namespace, 'ingress')
      .filter((flow) => flow.origin !== 'mesh' && flow.origin !== 'implied')
      .filter(({ to }) => to.kind !== 'workload' || behind.some((one) => isAmong(context, to, one)))
      .filter((flow) => isLimited(context, flow.from) && !meansAll(context, flow, open))
      .map((flow) => openWaypoint(flow, open));
  });
}

/** Whether the flow itself opens every port of these workloads. */
function meansAll(context: RenderContext, flow: FlowData, open: readonly WorkloadData[]): boolean {
  const ports = rangesOf(portsOf(context, flow).ports, Protocol.TCP);
  const all = countPorts(ports) === countPorts(ALL_PORTS);
  return all && open.every((one) => isAmong(context, flow.to, one));
}

function openWaypoint(flow: FlowData, open: readonly WorkloadData[]): Problem {
  const names = open.map(({ namespace, name }) => workloadKey(namespace, name));
  return flowProblem(flow, {
    code: 'waypoint-open',
    got: names,
    expected: `workloads that are isolated behind the waypoint: ${flow.fromName} goes there, and nothing keeps it from these`,
    fix: `new DefaultDeny(this, 'default-deny', { namespace })`,
  });
}

/** What is given up where an isolated caller's ports are held by nobody. */
export function hiddenPortWaivers(context: RenderContext, flow: FlowData): string[] {
  const { from, to, origin } = flow;
  if (context.profile.mesh.mode !== 'ambient' || origin === 'mesh' || origin === 'implied') {
    return [];
  }
  if (![from, to].every((end) => participationsOf(context, end).has(true))) return [];
  const ports = rangesOf(portsOf(context, flow).ports, Protocol.TCP);
  if (ports.length === 0 || countPorts(ports) === countPorts(ALL_PORTS)) return [];
  if (!isLimited(context, from) || areHeld(context, flow)) return [];
  return [`HBONE hides the port from NetworkPolicy: ${flow.toName} is open to it on every port`];
}

/** Whether some of the callers are isolated for egress by policies of ours. */
function isLimited({ model }: RenderContext, from: PeerData): boolean {
  return callersAmong({ model }, from).some((one) => isIsolated(model, one, 'egress'));
}

function callersAmong(
  { model }: Pick<RenderContext, 'model'>,
  from: PeerData,
): readonly WorkloadData[] {
  if (from.kind === 'workload') {
    const workload = model.workloads.get(workloadKey(from.namespace, from.name));
    return workload === undefined ? [] : [workload];
  }
  if (from.kind === 'identity') {
    const { identity } = from;
    // whoever holds a token may call, so that the egress of all of them is opened
    if (identity.kind === 'jwt') return [...model.workloads.values()];
    const running = workloadsOf(model, identity);
    return running.length > 0 ? running : workloadsIn(model, identity.namespace);
  }
  if (from.kind === 'any') return [...model.workloads.values()];
  if (from.kind !== 'pods') return [];
  const { namespaces, pods } = from;
  const candidates =
    namespaces.kind === 'names'
      ? namespaces.names.flatMap((name) => workloadsIn(model, name))
      : [...model.workloads.values()].filter((one) => inScope(model, namespaces, one.namespace));
  return candidates.filter(({ podLabels }) => selectorMatches(pods, podLabels));
}

function areHeld(context: RenderContext, { from, to }: FlowData): boolean {
  const { model } = context;
  if (to.kind !== 'workload') {
    return (
      to.kind === 'pods' &&
      to.namespaces.kind === 'names' &&
      to.namespaces.names.every((name) => isWholeIsolated(context, name))
    );
  }
  const callee = model.workloads.get(workloadKey(to.namespace, to.name));
  if (callee === undefined || !isWritable(model, to.namespace)) return false;
  if (isIsolated(model, callee, 'ingress')) return true;
  const held = heldCallers(context, callee).map(({ name }) => name);
  return callersAmong(context, from).every((one) =>
    held.includes(workloadKey(one.namespace, one.name)),
  );
}

function isWholeIsolated({ model }: RenderContext, namespace: string): boolean {
  const nobody = { namespace, podLabels: {} } as WorkloadData;
  return isWritable(model, namespace) && isIsolated(model, nobody, 'ingress');
}

/** Whether everybody may connect to a workload of ours in the mesh. */
function isOpen(context: RenderContext, callee: WorkloadData): boolean {
  const { model, profile } = context;
  return (
    profile.mesh.mode === 'ambient' &&
    isWritable(model, callee.namespace) &&
    callee.namespace !== profile.mesh.rootNamespace &&
    workloadInMesh(context, callee) === true &&
    !isIsolated(model, callee, 'ingress')
  );
}

/** Isolated callers with an account of their own, and all ports that they were granted. */
function heldCallers(context: RenderContext, callee: WorkloadData): HeldCaller[] {
  const { model } = context;
  // behind a waypoint it is the waypoint who calls
  if (portsBehindWaypoint(context, callee).length > 0) return [];
  const flows = flowsTouching(model, callee.namespace, 'ingress').filter(({ to }) =>
    isAmong(context, to, callee),
  );
  const callers = new Set(flows.flatMap(({ from }) => callersAmong(context, from)));
  return [...callers]
    .flatMap((caller) => heldCaller(context, caller, flows))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function heldCaller(
  context: RenderContext,
  caller: WorkloadData,
  flows: readonly FlowData[],
): HeldCaller[] {
  const { model } = context;
  const { namespace, name, serviceAccount } = caller;
  const sharing = workloadsIn(model, namespace).filter(
    (one) => one.serviceAccount === serviceAccount || one.serviceAccount === undefined,
  );
  if (serviceAccount === undefined || sharing.length > 1) return [];
  if (workloadInMesh(context, caller) !== true || !isIsolated(model, caller, 'egress')) return [];
  const own: PeerData = { kind: 'workload', namespace, name };
  const granted = mergeRanges(
    flows
      .filter(({ from }) => containsPeer(model, from, own))
      .flatMap((flow): PortRange[] => rangesOf(portsOf(context, flow).ports, Protocol.TCP)),
  );
  if (granted.length === 0 || countPorts(granted) > MOST_PORTS) return [];
  const account = `${namespace}/${serviceAccount}`;
  return [{ account, ports: numbersOf(granted), name: workloadKey(namespace, name) }];
}

function isAmong({ model }: RenderContext, to: PeerData, callee: WorkloadData): boolean {
  if (to.kind === 'workload') return to.namespace === callee.namespace && to.name === callee.name;
  return (
    to.kind === 'any' ||
    (to.kind === 'pods' &&
      inScope(model, to.namespaces, callee.namespace) &&
      selectorMatches(to.pods, callee.podLabels))
  );
}
