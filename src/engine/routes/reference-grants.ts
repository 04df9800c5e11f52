/**
 * Whether a route may lead to a Service of another namespace: only where that namespace says so.
 *
 * Source: kubernetes-sigs/gateway-api:apis/v1beta1/referencegrant_types.go
 */
import type { Cluster } from '../../read/cluster';
import { objectAt, objectsAt, textAt } from '../../read/json';
import type { Resource } from '../../read/resource';
import type { BrokenLink } from './declared';
import { closed } from './declared';
import type { Because } from '../layer';

const GROUP = 'gateway.networking.k8s.io';

/** What is missing for a route to lead to a Service. */
export function grantMissing(
  cluster: Cluster,
  route: Resource,
  backend: { readonly namespace: string; readonly name: string; readonly because: Because },
): BrokenLink[] {
  const home = route.namespace ?? 'default';
  if (backend.namespace === home) return [];
  const granted = cluster.others.some(
    (one) =>
      one.kind === 'ReferenceGrant' &&
      (one.namespace ?? 'default') === backend.namespace &&
      grants(one, { kind: route.kind, home, name: backend.name }),
  );
  if (granted) return [];
  const says = `no ReferenceGrant of ${backend.namespace} lets ${route.kind} ${home}/${route.name} lead to Service ${backend.name}`;
  return [closed(says, backend.because)];
}

function grants(
  { object }: Resource,
  { kind, home, name }: { readonly kind: string; readonly home: string; readonly name: string },
): boolean {
  const spec = objectAt(object, 'spec');
  const from = objectsAt(spec, 'from').some(
    (one) =>
      textAt(one, 'group') === GROUP &&
      textAt(one, 'kind') === kind &&
      textAt(one, 'namespace') === home,
  );
  const to = objectsAt(spec, 'to').some(
    (one) =>
      textAt(one, 'group') === undefined &&
      textAt(one, 'kind') === 'Service' &&
      (textAt(one, 'name') ?? name) === name,
  );
  return from && to;
}
