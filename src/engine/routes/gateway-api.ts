/**
 * Routes of the Gateway API, through the listeners that take them.
 *
 * Source: kubernetes-sigs/gateway-api:apis/v1/httproute_types.go, grpcroute_types.go
 */
import type { Cluster, Labels } from '../../read/cluster';
import { numberAt, objectAt, objectsAt, textAt, textsAt } from '../../read/json';
import type { FieldPath, JsonObject, Resource } from '../../read/resource';
import { groupOf } from '../../read/resources';
import { Protocol } from '../../values/port';
import type { Pods } from '../pods';
import type { Backend, BrokenLink, DeclaredRoute, FrontSpec } from './declared';
import { closed, doubts, EVERY_CONNECTION, open } from './declared';
import { matchesOf } from './gateway-matches';
import type { Taken } from './gateway-listeners';
import { listenersFor } from './gateway-listeners';
import { grantMissing } from './reference-grants';
import { routedRequests } from './requests';

const GROUP = 'gateway.networking.k8s.io';

export function isGatewayRoute({ apiVersion, kind }: Resource): boolean {
  return groupOf(apiVersion) === GROUP && kind.endsWith('Route');
}

export function gatewayRoutes(cluster: Cluster, pods: Pods, route: Resource): DeclaredRoute[] {
  const spec = objectAt(route.object, 'spec');
  return objectsAt(spec, 'parentRefs').flatMap((parent, at) => {
    // whose parent is a Service is the mesh's own
    if ((textAt(parent, 'kind') ?? 'Gateway') !== 'Gateway') return [];
    const own = { spec, parent, path: ['spec', 'parentRefs', at] };
    return waysOf(cluster, pods, route, own).flatMap(({ front, taken }) =>
      rulesOf(cluster, route, spec, { front, taken }),
    );
  });
}

interface Way {
  readonly front: FrontSpec;
  readonly taken: Taken;
}

interface Parent {
  readonly spec: JsonObject;
  readonly parent: JsonObject;
  readonly path: FieldPath;
}

function waysOf(
  cluster: Cluster,
  pods: Pods,
  route: Resource,
  { spec, parent, path }: Parent,
): Way[] {
  const home = route.namespace ?? 'default';
  const [namespace, name] = [textAt(parent, 'namespace') ?? home, textAt(parent, 'name') ?? ''];
  const gateway = cluster.others.find(
    (one) =>
      one.kind === 'Gateway' &&
      groupOf(one.apiVersion) === GROUP &&
      (one.namespace ?? 'default') === namespace &&
      one.name === name,
  );
  if (gateway === undefined) {
    const says = `no Gateway ${namespace}/${name} was read`;
    const broken = [open('route-target', says, { resource: route, path })];
    return [
      { front: frontOf(namespace, name), taken: { hosts: textsAt(spec, 'hostnames'), broken } },
    ];
  }
  const className = textAt(objectAt(gateway.object, 'spec'), 'gatewayClassName');
  // a waypoint is a step of the mesh, and nobody's entry
  if (className === 'istio-waypoint') return [];
  const [section, port] = [textAt(parent, 'sectionName'), numberAt(parent, 'port')];
  const asking = {
    ...{ kind: route.kind, namespace: home, hosts: textsAt(spec, 'hostnames') },
    ...(section !== undefined && { section }),
    ...(port !== undefined && { port }),
  };
  return listenersFor(pods, gateway, asking).map((taken) => ({
    front: frontOf(namespace, name, gateway),
    taken: { ...taken, broken: [...doubts(gateway), ...taken.broken] },
  }));
}

/** Pods that a controller makes for a Gateway carry its name: gateway-api GEP-1762. */
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
/** Of Envoy Gateway, which keeps them in a namespace of its own. */
const ENVOY_NAME = 'gateway.envoyproxy.io/owning-gateway-name';
const ENVOY_HOME = 'gateway.envoyproxy.io/owning-gateway-namespace';

function frontOf(namespace: string, name: string, gateway?: Resource): FrontSpec {
  const spec = gateway === undefined ? {} : objectAt(gateway.object, 'spec');
  const labels: Labels[] = [
    { [GATEWAY_NAME]: name },
    { [ENVOY_NAME]: name, [ENVOY_HOME]: namespace },
  ];
  const service = addressOf(spec);
  return {
    ...{ kind: 'pods', name: `Gateway ${namespace}/${name}`, labels },
    ...(service !== undefined && { service }),
    isIstio: textAt(spec, 'gatewayClassName') === 'istio',
  };
}

/** Istio serves a Gateway with the pods of a Service that its address names. */
function addressOf(spec: JsonObject): { namespace: string; name: string } | undefined {
  const [address] = objectsAt(spec, 'addresses');
  if (address === undefined || textAt(address, 'type') !== 'Hostname') return undefined;
  const [name, namespace, svc] = (textAt(address, 'value') ?? '').split('.');
  if (name === undefined || namespace === undefined || svc !== 'svc') return undefined;
  return { namespace, name };
}

function rulesOf(
  cluster: Cluster,
  route: Resource,
  spec: JsonObject,
  { front, taken }: Way,
): DeclaredRoute[] {
  const { port, hosts, broken } = taken;
  const isHttp = route.kind === 'HTTPRoute' || route.kind === 'GRPCRoute';
  return objectsAt(spec, 'rules').flatMap((rule, at): DeclaredRoute[] => {
    const path = ['spec', 'rules', at];
    const filters = objectsAt(rule, 'filters').map((one) => textAt(one, 'type') ?? '');
    const rewrites = filters.some((type) => type === 'URLRewrite' || type === 'ExtensionRef');
    const common = {
      entry: { resource: route, path },
      protocol: route.kind === 'UDPRoute' ? Protocol.UDP : Protocol.TCP,
      ...(port !== undefined && { port }),
      requests: isHttp
        ? routedRequests({ matches: matchesOf(route.kind, rule), hosts, rewrites })
        : EVERY_CONNECTION,
      front,
    };
    const first = [...doubts(route), ...broken];
    const refs = objectsAt(rule, 'backendRefs');
    if (refs.length === 0) {
      // answered by the gateway itself
      if (filters.includes('RequestRedirect')) return [];
      const nobody = closed('the rule has no backendRefs', { resource: route, path });
      return [{ ...common, broken: [...first, nobody] }];
    }
    return refs.flatMap((ref, index): DeclaredRoute[] => {
      if (numberAt(ref, 'weight') === 0) return [];
      const found = backendOf(cluster, route, ref, [...path, 'backendRefs', index]);
      const { backend } = found;
      return [
        {
          ...common,
          ...(backend !== undefined && { backend }),
          broken: [...first, ...found.broken],
        },
      ];
    });
  });
}

function backendOf(
  cluster: Cluster,
  route: Resource,
  ref: JsonObject,
  path: FieldPath,
): { readonly backend?: Backend; readonly broken: readonly BrokenLink[] } {
  const because = { resource: route, path };
  const [kind, name] = [textAt(ref, 'kind') ?? 'Service', textAt(ref, 'name') ?? ''];
  if (kind !== 'Service' || textAt(ref, 'group') !== undefined) {
    return { broken: [open('route-target', `leads to ${kind} ${name}, no Service`, because)] };
  }
  const namespace = textAt(ref, 'namespace') ?? route.namespace ?? 'default';
  const port = numberAt(ref, 'port');
  const backend = { namespace, name, ...(port !== undefined && { port }), because };
  return { backend, broken: grantMissing(cluster, route, backend) };
}
