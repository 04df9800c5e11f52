/** What an answer rests on, as data: an object or one of its rules, and where the text has it. */
import type { FieldPath, Resource } from '../read/resource';
import type { Evidence, Place } from './result';

export function placeOf(resource: Resource, path?: FieldPath): Place {
  const at = resource.locate(path);
  const { constructPath } = resource;
  return constructPath === undefined ? at : { ...at, constructPath };
}

/** `NetworkPolicy llm-serving/model-api-ingress` */
export function objectName({
  kind,
  namespace,
  name,
}: Pick<Resource, 'kind' | 'namespace' | 'name'>): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

export function evidenceOf(resource: Resource, path?: FieldPath, rule?: string): Evidence {
  const own = { ...placeOf(resource, path), object: objectName(resource) };
  return rule === undefined ? own : { ...own, rule };
}
