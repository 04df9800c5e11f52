/** Services that take clients from outside themselves: load balancers, node ports, external addresses. */
import type { ServiceFacts, ServicePort } from '../../read/cluster';
import { field, numberAt, objectAt, objectsAt } from '../../read/json';
import type { FieldPath, JsonObject, Resource } from '../../read/resource';
import type { Arriving, ClientLimits } from './clients';
import type { DeclaredRoute } from './declared';
import { doubts, EVERY_CONNECTION } from './declared';

export function serviceRoutes(service: ServiceFacts): DeclaredRoute[] {
  const { resource, namespace, name } = service;
  if (resource === undefined || !isExposed(service)) return [];
  return service.ports.map((port): DeclaredRoute => {
    const because = { resource, path: pathOfPort(resource, port) };
    return {
      entry: because,
      protocol: port.protocol,
      port: port.port,
      requests: EVERY_CONNECTION,
      front: { kind: 'nobody' },
      backend: { namespace, name, port: port.name ?? port.port, because },
      broken: doubts(resource),
    };
  });
}

/** Whether clients outside reach it at an address of its own, or of the nodes. */
export function isExposed({ type, externalAddresses = [] }: ServiceFacts): boolean {
  if (type === 'LoadBalancer' || type === 'NodePort') return true;
  return type === 'ClusterIP' && externalAddresses.length > 0;
}

/** How clients of Services come to the pods: of all of them, as they may take any. */
export function comingBy(
  services: readonly ServiceFacts[],
): Pick<Arriving, 'keepsClientAddress' | 'limits'> {
  const keepsClientAddress =
    services.length > 0 && services.every((service) => service.keepsClientAddress === true);
  const limits = services.flatMap(limitsOf);
  if (limits.length === 0 || limits.length < services.length) return { keepsClientAddress };
  const [cidrs, by] = [limits.flatMap((one) => one.cidrs), limits.flatMap((one) => one.by)];
  return { keepsClientAddress, limits: { cidrs, by } };
}

function limitsOf({ clientRanges: cidrs, resource }: ServiceFacts): ClientLimits[] {
  if (cidrs === undefined || resource === undefined) return [];
  return [{ cidrs, by: [{ resource, path: ['spec', 'loadBalancerSourceRanges'] }] }];
}

function pathOfPort(resource: Resource, port: ServicePort): FieldPath {
  const listed = objectsAt(objectAt(resource.object, 'spec'), 'ports');
  const at = listed.findIndex((one) => numberAt(one, 'port') === port.port && isOf(one, port));
  return ['spec', 'ports', Math.max(at, 0)];
}

function isOf(declared: JsonObject, { name }: ServicePort): boolean {
  return name === undefined || field(declared, 'name') === name;
}
