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
import { workloadsIn } from '../../traffic/model';
import type { PodsPeer } from '../../values/peer';
import type { RenderContext } from '../context';
import { workloadInMesh } from './participation';
import { tokensOf } from './requests';

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
  return tokensOf(context, workload).length > 0 || limitedTargets(context).has(keyOf(workload));
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

const limited = new WeakMap<object, { readonly revision: number; readonly keys: Set<string> }>();

/** Workloads that some flow limits beyond identity and ports. */
function limitedTargets({ model }: RenderContext): Set<string> {
  const known = limited.get(model);
  if (known?.revision === model.revision) return known.keys;
  const keys = new Set(
    [...model.flows.values()].flatMap((flow) => (isLimited(flow) ? targetKey(flow) : [])),
  );
  limited.set(model, { revision: model.revision, keys });
  return keys;
}

function isLimited({ http, from, withoutMesh }: FlowData): boolean {
  const byToken = from.kind === 'identity' && from.identity.kind === 'jwt';
  return !withoutMesh && (http.length > 0 || byToken);
}

function targetKey({ to }: FlowData): string[] {
  return to.kind === 'workload' ? [workloadKey(to.namespace, to.name)] : [];
}

function keyOf({ namespace, name }: WorkloadData): string {
  return workloadKey(namespace, name);
}
