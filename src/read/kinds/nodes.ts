/**
 * Nodes, and the namespaces that anything lives in.
 */
import type { Labels, NamespaceFacts, NodeFacts } from '../cluster';
import { labelsAt, NO_LABELS, objectAt, objectsAt, textAt } from '../json';
import type { Resource } from '../resource';

/** Set by the API server on every namespace; nobody can change it. */
export const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

export function node(resource: Resource): NodeFacts {
  const addresses = objectsAt(objectAt(resource.object, 'status'), 'addresses');
  return {
    name: resource.name,
    labels: labelsAt(objectAt(resource.object, 'metadata'), 'labels'),
    addresses: addresses
      .filter((one) => ['InternalIP', 'ExternalIP'].includes(textAt(one, 'type') ?? ''))
      .flatMap((one) => textAt(one, 'address') ?? []),
    resource,
  };
}

export function namespace(resource: Resource): NamespaceFacts {
  const metadata = objectAt(resource.object, 'metadata');
  return {
    name: resource.name,
    labels: withName(resource.name, labelsAt(metadata, 'labels')),
    labelsKnown: true,
    annotations: labelsAt(metadata, 'annotations'),
    resource,
  };
}

/** A namespace that is only spoken of: besides its name, its labels are not all known. */
export function namespaceByName(name: string, labels: Labels = NO_LABELS): NamespaceFacts {
  return { name, labels: withName(name, labels), labelsKnown: false, annotations: NO_LABELS };
}

function withName(name: string, labels: Labels): Labels {
  return labels[NAMESPACE_NAME] === name ? labels : { ...labels, [NAMESPACE_NAME]: name };
}
