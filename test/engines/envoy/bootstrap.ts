/**
 * istiod's listeners as one Envoy without istiod serves them. What decides is left as it is; what
 * differs is where a pod's network would be: listeners have their pod's address and ports, where
 * packets would be redirected; certificates and upstreams are written down, where they would be
 * asked for.
 */

import type { Json, JsonObject } from '../../../src/read/resource';
import type { Certificates } from './certificates';
import { spiffe } from './certificates';

export interface Served {
  readonly listener: JsonObject;
  /** Addresses of the pod, in any family. */
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  /** What authorizers of this pod say. */
  readonly authorizes: boolean;
}

export interface BootstrapOptions {
  readonly certificates: Certificates;
  /** Names of filters to leave out: the control that the harness can fail. */
  readonly without?: readonly string[];
}

/** Who the pods are that are called; callers do not look at it. */
export const SERVER = spiffe({ namespace: 'servers', account: 'server' });

/** What an application answers that a request gets through to. */
export const SERVED = 'served';

const LOOPBACK = '127.0.0.1';

/** Ports behind the sidecars, in the network namespace of all. */
export const UPSTREAMS = { application: 7000, authorizes: 7001, refuses: 7002 } as const;

type Upstream = keyof typeof UPSTREAMS;

const TYPES = 'type.googleapis.com/envoy.extensions';

/** Authorizers speak gRPC. */
const HTTP2 = {
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
    '@type': `${TYPES}.upstreams.http.v3.HttpProtocolOptions`,
    explicit_http_config: { http2_protocol_options: {} },
  },
};

export function bootstrap(
  served: readonly Served[],
  { certificates, without = [] }: BootstrapOptions,
): JsonObject {
  const pods = served.map((one, index) => listenerOf(one, index, without));
  const { certificate = '', key = '' } = certificates.leaves[SERVER] ?? {};
  return {
    static_resources: {
      listeners: [...pods, application()],
      clusters: clustersOf(pods),
      secrets: [
        {
          name: 'default',
          tls_certificate: {
            certificate_chain: { inline_string: certificate },
            private_key: { inline_string: key },
          },
        },
        {
          name: 'ROOTCA',
          validation_context: { trusted_ca: { inline_string: certificates.authority } },
        },
      ],
    },
  };
}

function listenerOf(
  { listener, addresses, ports, authorizes }: Served,
  index: number,
  without: readonly string[],
): JsonObject {
  const [first, ...others] = addresses.flatMap((one) => ports.map((port) => at(one, port)));
  const rest = rewritten(listener, [...without, 'envoy.filters.listener.original_dst']);
  const own = authorizes ? 'authorizes' : 'refuses';
  const text = JSON.stringify(rest).replace(/"outbound\|[^"]*\.authorizers\.[^"]*"/g, `"${own}"`);
  return {
    ...(JSON.parse(text) as JsonObject),
    name: `pod-${index}`,
    address: first ?? null,
    additionalAddresses: others.map((address) => ({ address })),
  };
}

/** Without some filters of any kind, and without the question where certificates come from. */
function rewritten(json: JsonObject, without: readonly string[]): JsonObject {
  const one = (value: Json): Json => {
    if (Array.isArray(value)) {
      const all = (value as readonly Json[]).filter((item) => !isNamed(item, without));
      return all.map(one);
    }
    return value !== null && typeof value === 'object'
      ? rewritten(value as JsonObject, without)
      : value;
  };
  const entries = Object.entries(json).filter(
    ([key]) => !['sdsConfig', 'useOriginalDst'].includes(key),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, one(value)]));
}

function isNamed(item: Json, names: readonly string[]): boolean {
  const { name } = (item ?? {}) as { name?: Json };
  return typeof name === 'string' && names.includes(name);
}

/** Every cluster that a listener names leads to the application. */
function clustersOf(listeners: readonly JsonObject[]): JsonObject[] {
  const names = [...JSON.stringify(listeners).matchAll(/"cluster(?:Name)?":"([^"]*)"/g)];
  return [...new Set(names.map(([, name = '']) => name))].map((name) =>
    clusterOf(name, name in UPSTREAMS ? (name as Upstream) : 'application'),
  );
}

function clusterOf(name: string, upstream: Upstream): JsonObject {
  const endpoint = { address: at(LOOPBACK, UPSTREAMS[upstream]) };
  return {
    ...(upstream === 'application' ? {} : { typed_extension_protocol_options: HTTP2 }),
    name,
    type: 'STATIC',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}

function application(): JsonObject {
  const answer = { status: 200, body: { inline_string: SERVED } };
  const manager = {
    '@type': `${TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'application',
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': `${TYPES}.filters.http.router.v3.Router` },
      },
    ],
    route_config: {
      virtual_hosts: [
        {
          name: 'application',
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, direct_response: answer }],
        },
      ],
    },
  };
  const filter = { name: 'envoy.filters.network.http_connection_manager', typed_config: manager };
  return {
    name: 'application',
    address: at(LOOPBACK, UPSTREAMS.application),
    filter_chains: [{ filters: [filter] }],
  };
}

function at(address: string, port: number): JsonObject {
  return { socket_address: { address, port_value: port } };
}
