/** What lets users in from outside, object by object: which Service it leads to, and through whom. */
import type { Cluster, IstioFacts, Labels, ServiceFacts, ServicePort } from '../read/cluster';
import { field, labelsAt, numberAt, objectAt, objectsAt, textAt, textsAt } from '../read/json';
import type { FieldPath, JsonObject, Resource } from '../read/resource';

/** One way from outside to a Service's port. */
export interface Exposure {
  readonly resource: Resource;
  readonly path: FieldPath;
  readonly service: ServiceFacts;
  readonly port: ServicePort;
  /** Through whom: some controller, the pods of a Gateway, or nobody. */
  readonly through: 'controller' | 'nobody' | { readonly labels: Labels };
}

interface Backend {
  readonly namespace: string;
  readonly name: string;
  /** Number or name; absent: the Service's only one. */
  readonly port?: number | string;
  readonly path: FieldPath;
}

export function exposures(cluster: Cluster): Exposure[] {
  return [
    ...cluster.others.flatMap((resource) => ofResource(cluster, resource)),
    ...cluster.istioNetworking.flatMap((one) => ofVirtualService(cluster, one)),
    ...cluster.services.flatMap(ofService),
  ];
}

function ofResource(cluster: Cluster, resource: Resource): Exposure[] {
  const namespace = resource.namespace ?? 'default';
  const spec = objectAt(resource.object, 'spec');
  switch (resource.kind) {
    case 'Ingress':
      return ofIngress(spec, namespace).flatMap((backend) =>
        resolved(cluster, resource, backend, 'controller'),
      );
    case 'HTTPRoute':
    case 'GRPCRoute':
    case 'TLSRoute':
    case 'TCPRoute':
      return ofRoute(cluster, resource, spec, namespace);
    default:
      return [];
  }
}

function ofIngress(spec: JsonObject, namespace: string): Backend[] {
  const backend = (holder: JsonObject, path: FieldPath): Backend[] => {
    const service = objectAt(holder, 'service');
    const name = textAt(service, 'name');
    if (name === undefined) return [];
    const port = objectAt(service, 'port');
    const asked = numberAt(port, 'number') ?? textAt(port, 'name');
    return [
      { namespace, name, ...(asked !== undefined && { port: asked }), path: [...path, 'service'] },
    ];
  };
  return [
    ...backend(objectAt(spec, 'defaultBackend'), ['spec', 'defaultBackend']),
    ...objectsAt(spec, 'rules').flatMap((rule, at) =>
      objectsAt(objectAt(rule, 'http'), 'paths').flatMap((path, index) =>
        backend(objectAt(path, 'backend'), [
          'spec',
          'rules',
          at,
          'http',
          'paths',
          index,
          'backend',
        ]),
      ),
    ),
  ];
}

/** Of the Gateway API; a route whose parent is a Service is the mesh’s own. */
function ofRoute(
  cluster: Cluster,
  resource: Resource,
  spec: JsonObject,
  namespace: string,
): Exposure[] {
  const parents = objectsAt(spec, 'parentRefs').filter(
    (parent) => (textAt(parent, 'kind') ?? 'Gateway') === 'Gateway',
  );
  const backends = objectsAt(spec, 'rules').flatMap((rule, at) =>
    objectsAt(rule, 'backendRefs').flatMap((ref, index): Backend[] => {
      const [name, port] = [textAt(ref, 'name'), numberAt(ref, 'port')];
      if (name === undefined || (textAt(ref, 'kind') ?? 'Service') !== 'Service') return [];
      const path = ['spec', 'rules', at, 'backendRefs', index];
      const home = textAt(ref, 'namespace') ?? namespace;
      return [{ namespace: home, name, ...(port !== undefined && { port }), path }];
    }),
  );
  return parents.flatMap((parent) => {
    const gateway = textAt(parent, 'name');
    const through = gateway === undefined ? 'controller' : { labels: { [GATEWAY_NAME]: gateway } };
    return backends.flatMap((backend) => resolved(cluster, resource, backend, through));
  });
}

/** Pods that a controller makes for a Gateway carry its name: gateway-api GEP-1762. */
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** What a VirtualService routes from gateways; without any it is about the mesh alone. */
function ofVirtualService(
  cluster: Cluster,
  { kind, namespace, spec, resource }: IstioFacts,
): Exposure[] {
  if (kind !== 'VirtualService') return [];
  const gateways = textsAt(spec, 'gateways').filter((name) => name !== 'mesh');
  const backends = ['http', 'tls', 'tcp'].flatMap((protocol) =>
    objectsAt(spec, protocol).flatMap((rule, at) =>
      objectsAt(rule, 'route').flatMap((route, index): Backend[] => {
        const destination = objectAt(route, 'destination');
        const host = textAt(destination, 'host')
          ?.replace(/\.svc(?:\.[a-z0-9.-]+)?$/, '')
          .split('.');
        const [name, home = namespace, ...more] = host ?? [];
        const port = numberAt(objectAt(destination, 'port'), 'number');
        if (name === undefined || more.length > 0) return [];
        const path = ['spec', protocol, at, 'route', index, 'destination'];
        return [{ namespace: home, name, ...(port !== undefined && { port }), path }];
      }),
    ),
  );
  return gateways.flatMap((text) => {
    const [own, name] = text.includes('/') ? text.split('/') : [namespace, text];
    const gateway = cluster.istioNetworking.find(
      (one) => one.kind === 'Gateway' && one.namespace === own && one.name === name,
    );
    const labels = gateway === undefined ? {} : labelsAt(gateway.spec, 'selector');
    const through = Object.keys(labels).length === 0 ? 'controller' : { labels };
    return backends.flatMap((backend) => resolved(cluster, resource, backend, through));
  });
}

/** Of type LoadBalancer or NodePort: each of its ports. */
function ofService(service: ServiceFacts): Exposure[] {
  const { type, resource, ports } = service;
  if (resource === undefined || (type !== 'LoadBalancer' && type !== 'NodePort')) return [];
  const listed = objectsAt(objectAt(resource.object, 'spec'), 'ports');
  return ports.map((port) => {
    const at = listed.findIndex((one) => numberAt(one, 'port') === port.port && isOf(one, port));
    return { resource, path: ['spec', 'ports', Math.max(at, 0)], service, port, through: 'nobody' };
  });
}

function isOf(declared: JsonObject, { name }: ServicePort): boolean {
  const own = field(declared, 'name');
  return name === undefined || own === name;
}

function resolved(
  { services }: Cluster,
  resource: Resource,
  { namespace, name, port, path }: Backend,
  through: Exposure['through'],
): Exposure[] {
  const service = services.find((one) => one.namespace === namespace && one.name === name);
  if (service === undefined) return [];
  const asked = service.ports.find(
    (one, index) =>
      (port === undefined && index === 0 && service.ports.length === 1) ||
      (typeof port === 'number' && one.port === port) ||
      (typeof port === 'string' && one.name === port),
  );
  return asked === undefined ? [] : [{ resource, path, service, port: asked, through }];
}
