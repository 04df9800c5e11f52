/**
 * Istio's objects, each with what Istio's own rules object to: such an object never reaches a proxy,
 * and what its author meant is not known.
 */
import { checkIstioObject } from '../../values/istio';
import type { IstioFacts } from '../cluster';
import { labelsAt, objectAt, textAt } from '../json';
import { fieldPath } from '../locate';
import type { Resource } from '../resource';

export function istioObject(resource: Resource): IstioFacts {
  const { kind, name, object } = resource;
  const metadata = objectAt(object, 'metadata');
  const created = textAt(metadata, 'creationTimestamp');
  const problems = checkIstioObject(object)
    .filter(({ severity }) => severity === 'error')
    .map(({ field, expected }) => ({
      path: fieldPath(field),
      why: `${field}: expected ${expected}`,
    }));
  return {
    kind,
    namespace: resource.namespace ?? 'default',
    name,
    annotations: labelsAt(metadata, 'annotations'),
    ...(created !== undefined && { created }),
    spec: objectAt(object, 'spec'),
    unclear: [...resource.unclear, ...problems],
    resource,
  };
}
