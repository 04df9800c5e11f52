/** Every way from outside that the input declares, object by object, in the order of the input. */
import type { Resource } from '../../read/resource';
import type { World } from '../world';
import type { DeclaredRoute } from './declared';
import { gatewayRoutes, isGatewayRoute } from './gateway-api';
import { ingressRoutes } from './ingress';
import { virtualServiceRoutes } from './istio';
import { serviceRoutes } from './services';

const known = new WeakMap<World, readonly DeclaredRoute[]>();

export function declaredRoutes(world: World): readonly DeclaredRoute[] {
  const found = known.get(world) ?? listed(world);
  known.set(world, found);
  return found;
}

function listed({ cluster, pods }: World): readonly DeclaredRoute[] {
  const ofOther = (resource: Resource): DeclaredRoute[] => {
    if (resource.kind === 'Ingress') return ingressRoutes(cluster, resource);
    return isGatewayRoute(resource) ? gatewayRoutes(cluster, pods, resource) : [];
  };
  return [
    ...cluster.others.flatMap(ofOther),
    ...cluster.istioNetworking.flatMap((one) =>
      one.kind === 'VirtualService' ? virtualServiceRoutes(cluster, one) : [],
    ),
    ...cluster.services.flatMap(serviceRoutes),
  ];
}
