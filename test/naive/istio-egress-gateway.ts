/**
 * Where does TLS of a pod for a host end up, by the routes that were written: in an egress gateway,
 * and from there outside? Short enough to check by eye, nothing from src/.
 *
 * Source: istio/istio:pilot/pkg/networking/core/tls.go (routes of sidecars), gateway.go (servers,
 * their SNI and TCP routes), pilot/pkg/security/authz (DENY).
 */

import type { Caller } from './istio-egress';
import type { Manifest } from './load-yaml';
import type { Labels } from './world';

/** What the caller's proxy opens instead of the host: mutual TLS to a Service, under a server name. */
export interface Hop {
  readonly service: string;
  readonly port: number;
  readonly sni: string;
}

interface Match {
  readonly gateways: readonly string[];
  readonly port: number;
  readonly sniHosts?: readonly string[];
  readonly sourceLabels?: Labels;
  readonly sourceNamespace?: string;
}

interface Route {
  readonly match: readonly Match[];
  readonly route: readonly {
    readonly destination: {
      readonly host: string;
      readonly subset?: string;
      readonly port: { readonly number: number };
    };
  }[];
}

interface VirtualService {
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  readonly exportTo: readonly string[];
  readonly tls: readonly Route[];
  readonly tcp: readonly Route[];
}

interface DestinationRule {
  readonly host: string;
  readonly exportTo?: readonly string[];
  readonly subsets?: readonly {
    readonly name: string;
    readonly trafficPolicy: {
      readonly portLevelSettings: readonly {
        readonly port: { readonly number: number };
        readonly tls: { readonly mode: string; readonly sni: string };
      }[];
    };
  }[];
}

interface Gateway {
  readonly selector: Labels;
  readonly servers: readonly {
    readonly port: { readonly number: number; readonly protocol: string };
    readonly hosts: readonly string[];
    readonly tls: { readonly mode: string };
  }[];
}

interface ServiceEntry {
  readonly hosts: readonly string[];
  readonly exportTo: readonly string[];
  readonly resolution: string;
  readonly ports: readonly { readonly number: number }[];
}

interface Denial {
  readonly selector: { readonly matchLabels: Labels };
  readonly action: string;
  readonly rules: readonly {
    readonly from?: readonly {
      readonly source: {
        readonly notPrincipals?: readonly string[];
        readonly notNamespaces?: readonly string[];
      };
    }[];
    readonly when: readonly { readonly key: string; readonly values: readonly string[] }[];
  }[];
}

/** The gateway's Service that a caller's proxy takes a host to; undefined: it goes there itself. */
export function detourOf(
  manifests: readonly Manifest[],
  caller: Caller,
  host: string,
): Hop | undefined {
  // without the host in the registry there is no listener that could look at the server name
  if (!knows(manifests, caller.namespace, host)) return undefined;
  const routes = all<VirtualService>(manifests, 'VirtualService')
    .filter(({ spec, namespace }) => isVisible(spec.exportTo, namespace, caller.namespace))
    .filter(({ spec }) => spec.hosts.includes(host) && spec.gateways.includes('mesh'))
    .flatMap(({ spec }) => spec.tls)
    .filter(({ match }) => match.some((one) => isMatch(one, caller, host)));
  if (routes.length > 1) throw new Error(`several routes for ${host}`);
  const destination = routes[0]?.route[0]?.destination;
  if (destination === undefined) return undefined;
  const { host: service, subset, port } = destination;
  const [tls] = all<DestinationRule>(manifests, 'DestinationRule')
    .filter(({ spec, namespace }) => isVisible(spec.exportTo, namespace, caller.namespace))
    .filter(({ spec }) => spec.host === service)
    .flatMap(({ spec }) => spec.subsets ?? [])
    .filter(({ name }) => name === subset)
    .flatMap(({ trafficPolicy }) => trafficPolicy.portLevelSettings)
    .filter((settings) => settings.port.number === port.number);
  if (tls?.tls.mode !== 'ISTIO_MUTUAL') throw new Error(`${service} without mutual TLS`);
  return { service, port: port.number, sni: tls.tls.sni };
}

/** The host and port that a gateway connects to for a server name; undefined: it hangs up. */
export function forwards(
  manifests: readonly Manifest[],
  gateway: Caller,
  { port, sni }: Omit<Hop, 'service'>,
): string | undefined {
  const servers = all<Gateway>(manifests, 'Gateway')
    .filter(({ spec }) => carries(gateway.labels, spec.selector))
    .flatMap(({ spec, namespace, name }) =>
      spec.servers.map((server) => ({ ...server, id: `${namespace}/${name}` })),
    )
    .filter((server) => server.port.number === port && server.hosts.includes(sni));
  if (servers.length > 1) throw new Error(`several servers for ${sni}`);
  const [server] = servers;
  // only a terminating server has TCP routes
  if (server?.tls.mode !== 'ISTIO_MUTUAL' || server.port.protocol !== 'TLS') return undefined;
  const [destination] = all<VirtualService>(manifests, 'VirtualService')
    .filter(({ spec, namespace }) => isVisible(spec.exportTo, namespace, gateway.namespace))
    .filter(({ spec }) => spec.gateways.includes(server.id) && spec.hosts.includes(sni))
    .flatMap(({ spec }) => spec.tcp)
    .filter(({ match }) =>
      match.some((one) => one.gateways.includes(server.id) && one.port === port),
    )
    .flatMap(({ route }) => route.map((one) => one.destination));
  if (destination === undefined || !knows(manifests, gateway.namespace, destination.host)) {
    return undefined;
  }
  return `${destination.host}:${String(destination.port.number)}`;
}

/** Whether a DENY policy at the gateway hangs up on a caller, by namespace and service account. */
export function denies(
  manifests: readonly Manifest[],
  gateway: Caller,
  { namespace, account, sni }: { namespace: string; account: string; sni: string },
): boolean {
  const principal = `cluster.local/ns/${namespace}/sa/${account}`;
  return all<Denial>(manifests, 'AuthorizationPolicy')
    .filter((one) => one.namespace === gateway.namespace && one.spec.action === 'DENY')
    .filter(({ spec }) => carries(gateway.labels, spec.selector.matchLabels))
    .flatMap(({ spec }) => spec.rules)
    .some(({ from = [{ source: {} }], when }) => {
      const about = when.every(
        ({ key, values }) => key === 'connection.sni' && values.includes(sni),
      );
      return (
        about &&
        from.some(
          ({ source: { notPrincipals = [], notNamespaces = [] } }) =>
            !notPrincipals.some((one) => principal.endsWith(one.replace(/^\*/, ''))) &&
            !notNamespaces.includes(namespace),
        )
      );
    });
}

function knows(manifests: readonly Manifest[], namespace: string, host: string): boolean {
  return all<ServiceEntry>(manifests, 'ServiceEntry').some(
    ({ spec, namespace: home }) =>
      spec.hosts.includes(host) &&
      spec.resolution === 'DNS' &&
      isVisible(spec.exportTo, home, namespace),
  );
}

function isMatch(match: Match, caller: Caller, host: string): boolean {
  return (
    match.gateways.includes('mesh') &&
    match.port === 443 &&
    (match.sniHosts ?? []).includes(host) &&
    carries(caller.labels, match.sourceLabels ?? {}) &&
    (match.sourceNamespace ?? caller.namespace) === caller.namespace
  );
}

function isVisible(exportTo: readonly string[] | undefined, home: string, to: string): boolean {
  return exportTo === undefined || exportTo.some((one) => (one === '.' ? home : one) === to);
}

function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function all<T>(
  manifests: readonly Manifest[],
  kind: string,
): { readonly spec: T; readonly namespace: string; readonly name: string }[] {
  return manifests
    .filter((one) => one.kind === kind)
    .map((one) => ({
      spec: one['spec'] as T,
      namespace: one.metadata.namespace ?? 'default',
      name: one.metadata.name,
    }));
}
