/**
 * Rate limits: Envoy's own filters, because Istio has no object for them. An external authorizer is
 * none: it answers 403, before anybody's identity is known.
 *
 * The filters stand right before the router, after tokens and policies are checked. They are placed
 * by pod port, in the filter chains that istiod builds for ports with a Service; nothing depends on
 * the names of its routes. Durations are in seconds, the one unit that protobuf's JSON knows.
 * Sources: istio/istio:pilot/pkg/networking/core/listener_inbound.go and envoyfilter/;
 * envoyproxy/envoy:api/envoy/extensions/filters/http/{local_ratelimit,ratelimit}/v3
 */
import type { WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { RateLimitDeclaration, UserRateLimitDeclaration } from '../../traffic/request-data';
import { meshDeclarations } from '../../traffic/model';
import type { RenderContext } from '../context';
import type { MeshObject } from './object';
import type { Target } from './request-targets';
import { describeDeclaration, targetsOf, withReason } from './request-targets';
import { grpcPortOf, requestPorts, serviceHost } from './service-ports';

const FILTERS = 'type.googleapis.com/envoy.extensions.filters.http';

const SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
};

/** One EnvoyFilter for the limits of a workload's pods, one for those of its users. */
export function rateLimitObjects(context: RenderContext): MeshObject[] {
  const { model } = context;
  return [
    ...targetsOf(context, meshDeclarations(model, 'rate-limit')).map(podLimits),
    ...targetsOf(context, meshDeclarations(model, 'user-rate-limit')).map((target) =>
      userLimits(context, target),
    ),
  ];
}

function podLimits({ workload, declarations }: Target<RateLimitDeclaration>): MeshObject {
  const limits = declarations.flatMap((one) =>
    requestPorts(workload, one.ports).map((port) => ({ one, port })),
  );
  return envoyFilter(workload, 'rate-limit', {
    priority: 10,
    configPatches: byPort(limits).map(({ one, port }) =>
      beforeRouter(port, localFilter(one, port)),
    ),
    flows: linesOf(declarations),
  });
}

function localFilter({ requests, unit }: RateLimitDeclaration, port: number): object {
  const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } };
  return {
    name: 'envoy.filters.http.local_ratelimit',
    typed_config: {
      '@type': `${FILTERS}.local_ratelimit.v3.LocalRateLimit`,
      stat_prefix: `rate_limit_${port}`,
      token_bucket: {
        max_tokens: requests,
        tokens_per_fill: requests,
        fill_interval: `${SECONDS[unit] ?? 60}s`,
      },
      // of none, unless it is said
      filter_enabled: always,
      filter_enforced: always,
      // a gRPC client would take the status "unavailable" for a reason to try again
      rate_limited_as_resource_exhausted: true,
    },
  };
}

function userLimits(
  context: RenderContext,
  { workload, declarations }: Target<UserRateLimitDeclaration>,
): MeshObject {
  const limits = declarations.flatMap((one) =>
    requestPorts(workload, one.ports).map((port) => ({ one, port })),
  );
  // `<workload>-user-rate-limit` would also be the pods' limit of a workload `<workload>-user`
  return envoyFilter(workload, 'rate-limit-by-user', {
    // nearer to the router than the limit of the pod, which costs no question
    priority: 20,
    configPatches: [
      ...byPort(limits).map(({ one, port }) => beforeRouter(port, globalFilter(context, one))),
      ...declarations.map(descriptors),
    ],
    flows: linesOf(declarations),
  });
}

/** The service is asked through its own cluster, so that mutual TLS and load balancing are Istio's. */
function globalFilter({ model, profile }: RenderContext, one: UserRateLimitDeclaration): object {
  const { namespace, workload } = one.service;
  const target = grpcPortOf(model.workloads.get(workloadKey(namespace, workload)));
  const authority = serviceHost(profile, namespace, target?.service ?? workload);
  return {
    name: 'envoy.filters.http.ratelimit',
    typed_config: {
      '@type': `${FILTERS}.ratelimit.v3.RateLimit`,
      domain: one.domain,
      failure_mode_deny: one.denyWhenUnavailable,
      timeout: `${one.timeout / 1000}s`,
      rate_limited_as_resource_exhausted: true,
      rate_limit_service: {
        grpc_service: {
          envoy_grpc: { cluster_name: `outbound|${target?.port ?? 0}||${authority}`, authority },
        },
        transport_api_version: 'V3',
      },
    },
  };
}

/** What tells users apart, for every port of the proxy: only those with the filter count. */
function descriptors(one: UserRateLimitDeclaration): object {
  const value = { rate_limits: actionsOf(one).map((action) => ({ actions: [action] })) };
  return {
    applyTo: 'VIRTUAL_HOST',
    match: { context: 'SIDECAR_INBOUND' },
    patch: { operation: 'MERGE', value },
  };
}

/** Whoever says nothing counts as one user, so that leaving the key out evades nothing. */
function actionsOf({ key, descriptor }: UserRateLimitDeclaration): object[] {
  if (key.kind === 'claim') {
    // istio/istio:pilot/pkg/security/authn/policy_applier.go writes every payload under this key
    const path = [{ key: 'payload' }, { key: key.name }];
    const metadata_key = { key: 'envoy.filters.http.jwt_authn', path };
    return [{ metadata: { descriptor_key: descriptor, metadata_key, default_value: 'anonymous' } }];
  }
  const headers = [{ name: key.name, present_match: true }];
  return [
    { request_headers: { descriptor_key: descriptor, header_name: key.name } },
    {
      header_value_match: {
        descriptor_key: descriptor,
        descriptor_value: 'anonymous',
        expect_match: false,
        headers,
      },
    },
  ];
}

function beforeRouter(port: number, value: object): object {
  const filter = {
    name: 'envoy.filters.network.http_connection_manager',
    subFilter: { name: 'envoy.filters.http.router' },
  };
  return {
    applyTo: 'HTTP_FILTER',
    match: {
      context: 'SIDECAR_INBOUND',
      listener: { filterChain: { destinationPort: port, filter } },
    },
    patch: { operation: 'INSERT_BEFORE', value },
  };
}

function linesOf(
  declarations: readonly (RateLimitDeclaration | UserRateLimitDeclaration)[],
): string[] {
  return declarations.map((one) => withReason(describeDeclaration(one), one)).sort();
}

function byPort<T extends { readonly port: number }>(limits: readonly T[]): T[] {
  return [...limits].sort((a, b) => a.port - b.port);
}

function envoyFilter(
  { namespace, name, labels }: WorkloadData,
  what: string,
  { flows, ...spec }: { priority: number; configPatches: object[]; flows: string[] },
): MeshObject {
  return {
    // EnvoyFilter has no other version
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    namespace,
    name: `${name}-${what}`,
    spec: { workloadSelector: { labels }, ...spec },
    flows,
    baseline: false,
    allows: true,
  };
}
