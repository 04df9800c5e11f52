/** What lets users in from outside, way by way: which Service it leads to, and through whom. */
import type { ServiceFacts, ServicePort } from '../read/cluster';
import type { FieldPath, Resource } from '../read/resource';
import type { Target } from '../engine/behind';
import { declaredRoutes } from '../engine/routes/all';
import { behind } from '../engine/routes/backends';
import { frontOf } from '../engine/routes/fronts';
import type { World } from '../engine/world';

/** One way from outside to a Service's port. */
export interface Exposure {
  readonly resource: Resource;
  readonly path: FieldPath;
  readonly service: ServiceFacts;
  readonly port: ServicePort;
  readonly targets: readonly Target[];
  /** Pods through which it leads, none where nobody shows them; absent: clients call the pods. */
  readonly callers?: readonly number[];
}

/** Those whose pods are known: what a way breaks before them is no policy's fault. */
export function exposures(world: World): Exposure[] {
  return declaredRoutes(world).flatMap((route): Exposure[] => {
    const { backend, protocol, entry } = route;
    if (backend === undefined || route.broken.some(({ verdict }) => verdict === 'DENIED'))
      return [];
    const { service, port, targets } = behind(world, backend, protocol);
    if (service === undefined || port === undefined) return [];
    const front = frontOf(world, route.front);
    const { resource, path = [] } = backend.because ?? entry;
    return [
      {
        ...{ resource, path, service, port, targets },
        ...(front === undefined ? {} : { callers: front.places }),
      },
    ];
  });
}
