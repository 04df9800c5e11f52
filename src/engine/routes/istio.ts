/**
 * VirtualServices through Istio's own Gateways: servers, hosts, rules in order, subsets.
 *
 * Source: istio/istio:pilot/pkg/networking/core/gateway.go; istio/api:networking/v1alpha3
 */
import type { Cluster, IstioFacts } from '../../read/cluster';
import { field, labelsAt, numberAt, objectAt, objectsAt, textAt, textsAt } from '../../read/json';
import type { FieldPath, JsonObject } from '../../read/resource';
import { Protocol } from '../../values/port';
import type { BrokenLink, DeclaredRoute, FrontSpec, RoutedRequests } from './declared';
import { closed, doubts, EVERY_CONNECTION, open } from './declared';
import { commonHosts } from './hosts';
import { destinationOf } from './istio-destinations';
import type { AtGateway } from './istio-matches';
import { httpMatches, takesConnection } from './istio-matches';
import type { Match } from './requests';
import { routedRequests } from './requests';

/** None where it is about the mesh alone: gateways have to be named. */
export function virtualServiceRoutes(cluster: Cluster, one: IstioFacts): DeclaredRoute[] {
  return textsAt(one.spec, 'gateways')
    .filter((name) => name !== 'mesh')
    .flatMap((name, at) => {
      const path = ['spec', 'gateways', at];
      return serversOf(cluster, one, name, path).flatMap((server) => rulesOf(cluster, one, server));
    });
}

/** A server that the VirtualService is bound to. */
interface Server {
  readonly front: FrontSpec;
  /** As the VirtualService calls the Gateway. */
  readonly gateway: string;
  readonly port?: number;
  /** Lists of rules that it takes. */
  readonly lists: readonly ('http' | 'tls' | 'tcp')[];
  /** Empty: every one. */
  readonly hosts: readonly string[];
  readonly broken: readonly BrokenLink[];
}

const ALL_LISTS = ['http', 'tls', 'tcp'] as const;

function serversOf(
  cluster: Cluster,
  { namespace, spec, resource, unclear }: IstioFacts,
  gateway: string,
  path: FieldPath,
): Server[] {
  const [home = '', name = ''] = namesOf(gateway, namespace);
  const found = cluster.istioNetworking.find(
    (one) => one.kind === 'Gateway' && one.namespace === home && one.name === name,
  );
  const wanted = textsAt(spec, 'hosts');
  const own = [...doubts(resource, unclear), ...hidden(spec, resource)];
  const unbound = { gateway, lists: ALL_LISTS, hosts: wanted.filter((host) => host !== '*') };
  if (found === undefined) {
    const says = `no Gateway ${home}/${name} was read`;
    const front = { kind: 'controller', name: `Gateway ${home}/${name}` } as const;
    return [
      { ...unbound, front, broken: [...own, open('route-target', says, { resource, path })] },
    ];
  }
  const front = frontOf(found);
  const broken = [...own, ...doubts(found.resource, found.unclear)];
  const servers = objectsAt(found.spec, 'servers').flatMap((server): Server[] => {
    const names = hostsFor(server, home, namespace);
    const hosts = names.length === 0 ? undefined : commonHosts(names, wanted);
    const port = numberAt(objectAt(server, 'port'), 'number');
    if (hosts === undefined || port === undefined) return [];
    return [{ front, gateway, port, lists: listsOf(server), hosts, broken }];
  });
  if (servers.length > 0) return servers;
  const says = `no server of Gateway ${home}/${name} is for ${wanted.join(', ')} of ${namespace}`;
  return [{ ...unbound, front, broken: [...broken, closed(says, { resource: found.resource })] }];
}

/** `ns/name`, `name`, or the old `name.ns.svc.cluster.local`. */
function namesOf(gateway: string, namespace: string): readonly string[] {
  if (gateway.includes('/')) return gateway.split('/');
  const [name = '', home = namespace] = gateway.split('.');
  return [home, name];
}

/** Whether gateways of other namespaces see it hangs on where their pods run. */
function hidden(spec: JsonObject, resource: IstioFacts['resource']): BrokenLink[] {
  const places = textsAt(spec, 'exportTo');
  if (places.length === 0 || places.includes('*')) return [];
  const because = { resource, path: ['spec', 'exportTo'] };
  return [open('route-unclear', `is exported to ${places.join(', ')} only`, because)];
}

/** Names for VirtualServices of a namespace; none: for nobody of it. */
function hostsFor(server: JsonObject, home: string, namespace: string): readonly string[] {
  return textsAt(server, 'hosts').flatMap((text) => {
    const [place, host] = text.includes('/') ? text.split('/') : ['*', text];
    const from = place === '.' ? home : place;
    return from === '*' || from === namespace ? [host ?? '*'] : [];
  });
}

function listsOf(server: JsonObject): readonly ('http' | 'tls' | 'tcp')[] {
  const protocol = (textAt(objectAt(server, 'port'), 'protocol') ?? '').toUpperCase();
  const mode = textAt(objectAt(server, 'tls'), 'mode') ?? '';
  const passes = mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
  if (protocol === 'TLS' || protocol === 'HTTPS') {
    if (passes) return ['tls'];
    return protocol === 'HTTPS' ? ['http'] : ['tcp'];
  }
  return /^(?:HTTP|HTTP2|GRPC|GRPC-WEB)$/.test(protocol) ? ['http'] : ['tcp'];
}

/** The pods that it selects, in any namespace. */
function frontOf({ namespace, name, spec }: IstioFacts): FrontSpec {
  const labels = labelsAt(spec, 'selector');
  const called = `Gateway ${namespace}/${name}`;
  if (Object.keys(labels).length === 0) return { kind: 'controller', name: called };
  return { kind: 'pods', name: called, labels: [labels], isIstio: true };
}

function rulesOf(cluster: Cluster, one: IstioFacts, server: Server): DeclaredRoute[] {
  return server.lists.flatMap((list) => {
    let taken: number | undefined;
    return objectsAt(one.spec, list).flatMap((rule, at): DeclaredRoute[] => {
      const matches = matchesOf(list, rule, server);
      if (matches === undefined) return [];
      const earlier = taken;
      // the first rule that matches decides: nothing comes after one that takes everything
      if (list === 'http' && takesAll(matches)) taken ??= at;
      const rewrites = field(rule, 'rewrite') !== undefined;
      const requests =
        list === 'http'
          ? routedRequests({ matches, hosts: server.hosts, rewrites })
          : EVERY_CONNECTION;
      const path = ['spec', list, at];
      const shadow =
        earlier === undefined
          ? []
          : [
              closed(`${list}[${earlier}] takes every request before`, {
                resource: one.resource,
                path,
              }),
            ];
      const found = { one, rule, path, requests, broken: [...server.broken, ...shadow] };
      return destinationsOf(cluster, server, found);
    });
  });
}

/** None: every request. Undefined: the rule is not for this gateway. */
function matchesOf(
  list: 'http' | 'tls' | 'tcp',
  rule: JsonObject,
  { gateway, port }: Server,
): readonly Match[] | undefined {
  const at: AtGateway = { gateway, ...(port !== undefined && { port }) };
  if (list === 'http') return httpMatches(rule, at);
  return takesConnection(rule, at) ? [] : undefined;
}

function takesAll(matches: readonly Match[]): boolean {
  return (
    matches.length === 0 ||
    matches.some(
      ({ methods = [], paths = [], conditions = [], narrower = false }) =>
        !narrower &&
        methods.length + conditions.length === 0 &&
        (paths.length === 0 || paths.includes('/*')),
    )
  );
}

interface Rule {
  readonly one: IstioFacts;
  readonly rule: JsonObject;
  readonly path: FieldPath;
  readonly requests: RoutedRequests;
  readonly broken: readonly BrokenLink[];
}

function destinationsOf(
  cluster: Cluster,
  { front, port }: Server,
  { one, rule, path, requests, broken }: Rule,
): DeclaredRoute[] {
  const { resource } = one;
  const common = {
    ...{ entry: { resource, path }, protocol: Protocol.TCP, requests, front },
    ...(port !== undefined && { port }),
  };
  const delegate = objectAt(rule, 'delegate');
  if (Object.keys(delegate).length > 0) {
    const says = `leaves it to VirtualService ${textAt(delegate, 'name') ?? ''}`;
    return [{ ...common, broken: [...broken, open('route-unclear', says, { resource, path })] }];
  }
  // redirects and direct responses have no route: the gateway answers itself
  const routes = objectsAt(rule, 'route');
  return routes.flatMap((route, at): DeclaredRoute[] => {
    if (routes.length > 1 && (numberAt(route, 'weight') ?? 0) === 0) return [];
    const where = [...path, 'route', at, 'destination'];
    const found = destinationOf(cluster, one, objectAt(route, 'destination'), where);
    const { backend } = found;
    return [
      {
        ...common,
        ...(backend !== undefined && { backend }),
        broken: [...broken, ...found.broken],
      },
    ];
  });
}
