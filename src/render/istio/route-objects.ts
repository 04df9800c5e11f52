/**
 * VirtualService and DestinationRule of a Service: written as one, so that every subset that the one
 * names the other defines.
 *
 * Hosts are full names, because Istio completes short ones in the namespace of the object. The last
 * route matches everything: what no route matches is answered with 404. Retries are always written,
 * because Istio's default repeats requests that a pod may have worked on.
 * Source: istio/istio:pilot/pkg/networking/core/route/route.go
 */
import type { WorkloadData } from '../../traffic/data';
import type {
  ConnectionPoolData,
  OutlierDetectionData,
  RouteDeclaration,
} from '../../traffic/request-data';
import { hostsOverlap } from '../../values/istio/names';
import type { MeshObject } from './object';
import { NETWORKING } from './object';
import { describeDeclaration, withReason } from './request-targets';
import type { ServedPort } from './service-ports';
import { servedPorts } from './service-ports';

/** A declaration with the Service port that it means. */
export interface Route {
  readonly declared: RouteDeclaration;
  readonly workload: WorkloadData;
  readonly target: ServedPort;
  /** Full name of the Service. */
  readonly host: string;
}

/** Every variant that the route names, whether it gets requests at this step or not. */
export function variantsOf({ shares, otherwise, mirror }: RouteDeclaration): string[] {
  const named = [
    ...shares.map(([variant]) => variant),
    ...(otherwise === undefined ? [] : [otherwise]),
    ...(mirror === undefined ? [] : [mirror.variant]),
  ];
  return [...new Set(named)].sort();
}

/** The Service's own name first, then those that gateways serve it under. */
export function hostsOf(route: Route): readonly [service: string, ...hosts: string[]] {
  return [route.host, ...route.declared.hosts];
}

/** Where the requests go. */
export function virtualService(route: Route): MeshObject {
  const { gateways } = route.declared;
  const [service, ...others] = hostsOf(route);
  return objectOf(route, 'VirtualService', {
    // what is refused otherwise is told once, of the declaration
    hosts: [service, ...others.filter((host) => !hostsOverlap(host, service))],
    ...(gateways.length > 0 && { gateways: ['mesh', ...gateways] }),
    http: [...otherPorts(route), split(route), ...otherwise(route)],
  });
}

/**
 * A VirtualService holds for all ports of its host that carry requests, so the others are led to
 * themselves. Ports of which nothing is said may do, for all that Istio sees.
 */
function otherPorts(route: Route): object[] {
  const { workload, target, declared } = route;
  const others = servedPorts(workload).filter(
    ({ service, port, protocol = 'http' }) =>
      service === target.service &&
      port !== target.port &&
      (protocol === 'http' || protocol === 'grpc'),
  );
  return others.map(({ port }) => ({
    name: `port-${port}`,
    match: [{ port, ...(declared.gateways.length > 0 && { gateways: ['mesh'] }) }],
    route: [{ destination: { host: route.host, port: { number: port } } }],
  }));
}

function split(route: Route): object {
  const { paths, shares, mirror } = route.declared;
  const open = shares.filter(([, weight]) => weight > 0);
  const [only, ...others] = open;
  return {
    name: paths.length === 0 ? 'every-request' : 'paths',
    ...(paths.length > 0 && { match: paths.map((path) => ({ uri: uriOf(path) })) }),
    route:
      others.length === 0
        ? [{ destination: destination(route, only?.[0]) }]
        : open.map(([variant, weight]) => ({ destination: destination(route, variant), weight })),
    ...limits(route.declared),
    ...(mirror !== undefined && {
      mirror: destination(route, mirror.variant),
      mirrorPercentage: { value: mirror.percentage },
    }),
  };
}

function otherwise(route: Route): object[] {
  const { declared } = route;
  if (declared.paths.length === 0) return [];
  return [
    {
      name: 'everything-else',
      route: [{ destination: destination(route, declared.otherwise) }],
      ...limits(declared),
    },
  ];
}

function limits({ timeout, retries }: RouteDeclaration): object {
  const { attempts, perTryTimeout, conditions } = retries;
  return {
    ...(timeout !== undefined && { timeout: durationOf(timeout) }),
    retries: {
      attempts,
      ...(perTryTimeout !== undefined && { perTryTimeout: durationOf(perTryTimeout) }),
      ...(conditions.length > 0 && { retryOn: conditions.join(',') }),
    },
  };
}

function uriOf(path: string): object {
  return path.endsWith('*') ? { prefix: path.slice(0, -1) } : { exact: path };
}

function destination(route: Route, subset: string | undefined): object {
  return {
    host: route.host,
    ...(subset !== undefined && { subset }),
    port: { number: route.target.port },
  };
}

/**
 * Mutual TLS is said outright: a rule for one host replaces a mesh-wide one as a whole, so that
 * without it the callers of a mesh that sets TLS there, and has no automatic one, would turn to
 * plain text. Source: istio/istio:pilot/pkg/networking/core/cluster_builder.go
 */
export function destinationRule(route: Route): MeshObject {
  const { declared, workload } = route;
  const { connectionPool, outlierDetection } = declared;
  const subsets = variantsOf(declared).map((name) => ({
    name,
    labels: workload.variants?.[name] ?? {},
  }));
  return objectOf(route, 'DestinationRule', {
    host: route.host,
    trafficPolicy: {
      ...(connectionPool !== undefined && { connectionPool: poolOf(connectionPool) }),
      ...(outlierDetection !== undefined && { outlierDetection: outliersOf(outlierDetection) }),
      tls: { mode: 'ISTIO_MUTUAL' },
    },
    ...(subsets.length > 0 && { subsets }),
  });
}

function poolOf(pool: ConnectionPoolData): object {
  const tcp = {
    ...(pool.maxConnections !== undefined && { maxConnections: pool.maxConnections }),
    ...(pool.connectTimeout !== undefined && { connectTimeout: durationOf(pool.connectTimeout) }),
  };
  const http = {
    ...(pool.maxPendingRequests !== undefined && {
      http1MaxPendingRequests: pool.maxPendingRequests,
    }),
    ...(pool.maxRequests !== undefined && { http2MaxRequests: pool.maxRequests }),
    ...(pool.maxRequestsPerConnection !== undefined && {
      maxRequestsPerConnection: pool.maxRequestsPerConnection,
    }),
    ...(pool.idleTimeout !== undefined && { idleTimeout: durationOf(pool.idleTimeout) }),
  };
  return {
    ...(Object.keys(tcp).length > 0 && { tcp }),
    ...(Object.keys(http).length > 0 && { http }),
  };
}

function outliersOf(outliers: OutlierDetectionData): object {
  return {
    consecutive5xxErrors: outliers.consecutiveErrors,
    interval: durationOf(outliers.interval),
    baseEjectionTime: durationOf(outliers.baseEjectionTime),
    maxEjectionPercent: outliers.maxEjectionPercent,
  };
}

function objectOf({ declared, target }: Route, kind: string, spec: MeshObject['spec']): MeshObject {
  return {
    apiVersion: NETWORKING,
    kind,
    namespace: declared.namespace,
    name: `${target.service}-route`,
    spec,
    flows: [withReason(describeDeclaration(declared), declared)],
    baseline: false,
    allows: true,
  };
}

/** `1500` is `1500ms`, `5000` is `5s`. */
function durationOf(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
