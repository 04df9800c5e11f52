/**
 * Ambient: who stands behind a waypoint.
 *
 * ztunnel enforces identities and ports only, so a namespace with a workload whose requests are
 * limited gets one waypoint. It serves all Services of the namespace: traffic to their ports comes
 * from the waypoint's pods with the waypoint's identity, and the caller is known only there.
 * Source: istio/istio:pilot/pkg/serviceregistry/ambient/waypoints.go
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { ModelState } from '../../traffic/model';
import { isIsolated, workloadsIn } from '../../traffic/model';
import type { PodsPeer } from '../../values/peer';
import { Protocol } from '../../values/port';
import { holdsPort, rangesOf } from '../../values/port-ranges';
import type { RenderContext } from '../context';
import { portsOf } from '../flow-ports';
import { workloadInMesh } from './participation';
import { guardedPorts, tokensOf } from './tokens';

/** Name of the waypoint of a namespace, and of its service account. */
export const WAYPOINT = 'waypoint';

/** What traffic between pods of an ambient mesh looks like to NetworkPolicy. */
export const HBONE = 15008;

/** Source of the kubelet's probes: istio/istio:cni/pkg/nodeagent/options.go */
export const PROBE_ADDRESSES = [
  '169.254.7.127/32',
  'fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128',
] as const;

/** Labels that Istio puts on a waypoint's pods. */
export const WAYPOINT_LABELS = { 'gateway.networking.k8s.io/gateway-name': WAYPOINT };

/** Whether requests to the workload are limited, so that a waypoint has to see them. */
export function limitsRequests(context: RenderContext, workload: WorkloadData): boolean {
  if (context.profile.mesh.mode !== 'ambient') return false;
  if (workloadInMesh(context, workload) !== true) return false;
  const tokens = tokensOf(context, workload).filter(
    ({ withoutMesh }) => !withoutMesh || mayHaveWaypoint(context.model, workload),
  );
  return tokens.length > 0 || limitingFlows(context).has(keyOf(workload));
}

/**
 * Pod ports on which requests are limited, as far as a Service stands before them: they are reached
 * through the waypoint only.
 */
export function limitedPorts(context: RenderContext, workload: WorkloadData): number[] {
  if (!limitsRequests(context, workload)) return [];
  const guarded = guardedPorts(context, workload);
  const limits = limitingFlows(context).get(keyOf(workload)) ?? [];
  const ranges = limits.map((flow) => rangesOf(portsOf(context, flow).ports, Protocol.TCP));
  return portsBehindWaypoint(context, workload).filter(
    (port) => guarded.includes(port) || ranges.some((one) => holdsPort(one, port)),
  );
}

/** Namespaces that have a waypoint. */
export function hasWaypoint(context: RenderContext, namespace: string): boolean {
  return workloadsIn(context.model, namespace).some((workload) =>
    limitsRequests(context, workload),
  );
}

/** Pod ports of a workload that are reached through the waypoint; none without one. */
export function portsBehindWaypoint(context: RenderContext, workload: WorkloadData): number[] {
  if (context.profile.mesh.mode !== 'ambient' || workloadInMesh(context, workload) !== true)
    return [];
  if (!hasWaypoint(context, workload.namespace)) return [];
  return [...servicePorts(workload).keys()];
}

/** Service ports by the pod port behind them. */
export function servicePorts({ services, ports }: WorkloadData): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const service of services) {
    for (const { port, targetPort } of service.ports) {
      const target =
        typeof targetPort === 'number'
          ? targetPort
          : ports.find(({ name }) => name === targetPort)?.port;
      if (target !== undefined) found.set(target, [...(found.get(target) ?? []), port]);
    }
  }
  return found;
}

/** The waypoint's pods, as a peer. */
export function waypointPeer(namespace: string): PodsPeer {
  return {
    kind: 'pods',
    namespaces: { kind: 'names', names: [namespace] },
    pods: { matchLabels: WAYPOINT_LABELS, matchExpressions: [] },
    serviceAccount: `${namespace}/${WAYPOINT}`,
    inMesh: true,
  };
}

/** A waypoint is reached by a label on the namespace, which must be ours, and through a Service. */
function mayHaveWaypoint(model: ModelState, workload: WorkloadData): boolean {
  const ours = model.namespaces.get(workload.namespace)?.ownership === 'ours';
  return ours && servicePorts(workload).size > 0;
}

/** Where pods are not isolated, limits that are waived hold nobody back, the waypoint's included. */
function mayHoldLimits(model: ModelState, workload: WorkloadData): boolean {
  return mayHaveWaypoint(model, workload) && isIsolated(model, workload, 'ingress');
}

interface Remembered {
  readonly revision: number;
  readonly flows: ReadonlyMap<string, readonly FlowData[]>;
}

const remembered = new WeakMap<object, Remembered>();

/** Flows that limit the requests to a workload, by workload. */
function limitingFlows({ model }: RenderContext): ReadonlyMap<string, readonly FlowData[]> {
  const last = remembered.get(model);
  if (last?.revision === model.revision) return last.flows;
  const flows = new Map<string, FlowData[]>();
  for (const flow of model.flows.values()) {
    if (!isLimited(flow) || flow.to.kind !== 'workload') continue;
    const key = workloadKey(flow.to.namespace, flow.to.name);
    const workload = model.workloads.get(key);
    if (flow.withoutMesh && !(workload && mayHoldLimits(model, workload))) continue;
    flows.set(key, [...(flows.get(key) ?? []), flow]);
  }
  remembered.set(model, { revision: model.revision, flows });
  return flows;
}

function isLimited({ http, from }: FlowData): boolean {
  const byToken = from.kind === 'identity' && from.identity.kind === 'jwt';
  return http.length > 0 || byToken;
}

function keyOf({ namespace, name }: WorkloadData): string {
  return workloadKey(namespace, name);
}
