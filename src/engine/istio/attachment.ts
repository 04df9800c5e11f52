/**
 * Which policies does a proxy obey? Sidecars and ztunnels are found by selector, waypoints by
 * targetRefs, gateways of the Gateway API by both; the root namespace speaks to every namespace.
 *
 * Source: istio/istio:pilot/pkg/model/policyattachment.go and authorization.go (1.31)
 */
import type { IstioFacts, Labels } from '../../read/cluster';
import type { JsonObject } from '../../read/resource';
import { carriesLabels } from '../../values/selector';
import { labelsOf, listOf, objectOf, textOf } from './spec';

/** Where a policy is enforced. */
export type EnforcementPoint = PodPoint | WaypointPoint;

export interface PodPoint {
  readonly proxy: 'sidecar' | 'gateway' | 'ztunnel';
  /** Of the pod that is called. */
  readonly namespace: string;
  readonly labels: Labels;
  readonly rootNamespace: string;
}

/** A waypoint before certain Services. */
export interface WaypointPoint {
  readonly proxy: 'waypoint';
  /** Of its Gateway. */
  readonly namespace: string;
  readonly name: string;
  /** The Services, or ServiceEntries, that the request is for. */
  readonly services: readonly ServiceName[];
  readonly rootNamespace: string;
}

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
  /** @default 'Service' */
  readonly kind?: 'Service' | 'ServiceEntry';
}

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** AuthorizationPolicy and RequestAuthentication: whether a proxy obeys it. */
export function appliesTo(policy: IstioFacts, point: EnforcementPoint): boolean {
  const targets = targetsOf(policy.spec);
  if (point.proxy === 'waypoint') return targets.some((one) => isTarget(policy, one, point));
  if (targets.length > 0) {
    // a classic gateway, as a sidecar, does not look at targets
    const gateway = point.proxy === 'gateway' ? point.labels[GATEWAY_NAME] : undefined;
    return (
      gateway !== undefined &&
      policy.namespace === point.namespace &&
      targets.some(({ kind, name }) => kind === 'Gateway' && name === gateway)
    );
  }
  const inScope = policy.namespace === point.rootNamespace || policy.namespace === point.namespace;
  return inScope && selects(policy.spec, point.labels);
}

/** Labels that a pod must carry; an empty selector is none. */
export function selectorOf(spec: JsonObject): Record<string, string> {
  return labelsOf(objectOf(spec['selector'])['matchLabels']);
}

export function selects(spec: JsonObject, labels: Labels): boolean {
  return carriesLabels(labels, selectorOf(spec));
}

export interface Target {
  readonly kind: string;
  readonly name: string;
}

/** Gateways and Services that a policy is attached to. */
export function targetsOf(spec: JsonObject): Target[] {
  const single = spec['targetRef'] === undefined ? [] : [objectOf(spec['targetRef'])];
  return [...single, ...listOf(spec['targetRefs'])].map((one) => ({
    kind: textOf(one['kind']) ?? '',
    name: textOf(one['name']) ?? '',
  }));
}

function isTarget(policy: IstioFacts, { kind, name }: Target, point: WaypointPoint): boolean {
  switch (kind) {
    case 'Gateway':
      return policy.namespace === point.namespace && name === point.name;
    case 'GatewayClass':
      return policy.namespace === point.rootNamespace && name === 'istio-waypoint';
    default:
      return point.services.some(
        (service) =>
          (service.kind ?? 'Service') === kind &&
          service.namespace === policy.namespace &&
          service.name === name,
      );
  }
}
