/**
 * The ways into a pod of an ambient mesh: directly, where its ztunnel decides by identity and port,
 * and through the waypoint of its Service, which decides by request and is the caller that ztunnel
 * then sees. A client may take either. What NetworkPolicy says to each step (TCP 15008 between the
 * nodes) is asked elsewhere.
 *
 * Source: istio/istio:pilot/pkg/serviceregistry/ambient/waypoints.go (1.31)
 */
import type { Cluster, Labels, ServiceFacts } from '../../read/cluster';
import type { Resource } from '../../read/resource';
import { allowedRequests } from './allowed';
import type { PortPolicies } from './allowed';
import type { Caller, MeshIdentity } from './callers';
import { allowedBySteps, allowedByWays, NOTHING_ALLOWED } from './combine';
import type { AllowedRequests } from './combine';
import { decideRequest } from './decide';
import type { Decision, MeshRequest } from './decide';
import { labelsOf, objectOf, textOf } from './spec';

export interface Waypoint {
  readonly namespace: string;
  readonly name: string;
  /** Its pods run as its name. */
  readonly identity: MeshIdentity;
  /** Of its pods. */
  readonly labels: Labels;
}

/** A pod that is called on one port. */
export interface AmbientTarget {
  readonly ztunnel: PortPolicies;
  /** Absent: no waypoint stands before it. */
  readonly waypoint?: {
    readonly identity: MeshIdentity;
    /** Of its pods; empty: not known. */
    readonly addresses: readonly string[];
    /** Of each Service port that leads to the pod's port. */
    readonly ports: readonly PortPolicies[];
  };
}

const USE = 'istio.io/use-waypoint';
const USE_NAMESPACE = 'istio.io/use-waypoint-namespace';
const SERVES = 'istio.io/waypoint-for';

/** The waypoint that a Service's traffic is sent through; undefined: it goes there directly. */
export function waypointOf(
  { namespaces, others }: Pick<Cluster, 'namespaces' | 'others'>,
  { namespace, labels }: Pick<ServiceFacts, 'namespace' | 'labels'>,
  trustDomain: string,
): Waypoint | undefined {
  const ofNamespace = namespaces.find(({ name }) => name === namespace)?.labels ?? {};
  // the narrower label decides, also where it says none
  const said = Object.hasOwn(labels, USE) ? labels : ofNamespace;
  const name = said[USE];
  if (name === undefined || name === 'none') return undefined;
  const home = said[USE_NAMESPACE] ?? namespace;
  const exists = others.some(
    (one) => isWaypoint(one) && one.name === name && (one.namespace ?? 'default') === home,
  );
  if (!exists) return undefined;
  return {
    namespace: home,
    name,
    identity: { trustDomain, namespace: home, account: name },
    labels: { 'gateway.networking.k8s.io/gateway-name': name },
  };
}

/** A Gateway that serves Services; one for workloads alone stands before no Service. */
function isWaypoint({ apiVersion, kind, object }: Resource): boolean {
  if (kind !== 'Gateway' || !apiVersion.startsWith('gateway.networking.k8s.io/')) return false;
  const labels = labelsOf(objectOf(object['metadata'])['labels']);
  const serves = labels[SERVES] ?? 'service';
  return (
    textOf(objectOf(object['spec'])['gatewayClassName']) === 'istio-waypoint' &&
    (serves === 'service' || serves === 'all')
  );
}

/** What ztunnel lets through from the caller itself. */
export function allowedDirectly({ ztunnel }: AmbientTarget, caller: Caller): AllowedRequests {
  return allowedRequests(ztunnel, caller);
}

/** What the waypoint lets through, and ztunnel from the waypoint. */
export function allowedThroughWaypoint(
  { ztunnel, waypoint }: AmbientTarget,
  caller: Caller,
): AllowedRequests {
  // only ztunnel, which gives callers their identity, sends them through waypoints
  if (waypoint === undefined || caller.identity === undefined) return NOTHING_ALLOWED;
  const last = allowedRequests(ztunnel, waypoint);
  const ways = waypoint.ports.map((port) => allowedBySteps([allowedRequests(port, caller), last]));
  return allowedByWays(ways);
}

/** The decisions on one request, step by step; none: there is no such way. */
export interface WaypointDecision {
  readonly atWaypoint: Decision;
  readonly atZtunnel: Decision;
}

export function decideDirectly({ ztunnel }: AmbientTarget, request: MeshRequest): Decision {
  return decideRequest(ztunnel, request);
}

/** One for each Service port that leads to the pod. */
export function decideThroughWaypoint(
  { ztunnel, waypoint }: AmbientTarget,
  request: MeshRequest,
): WaypointDecision[] {
  if (waypoint === undefined || request.caller.identity === undefined) return [];
  const atZtunnel = decideRequest(ztunnel, { ...request, caller: waypoint });
  return waypoint.ports.map((port) => ({ atWaypoint: decideRequest(port, request), atZtunnel }));
}
