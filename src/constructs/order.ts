/**
 * The order of documents: by rank, but never before what an object depends on.
 */
import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';

/**
 * Objects sorted by rank, each after those of them that it depends on. A dependency between
 * constructs is one between all their objects. O(objects log objects + dependencies).
 */
export function inDependencyOrder(
  root: IConstruct,
  objects: readonly ApiObject[],
  rank: (object: ApiObject) => string,
): ApiObject[] {
  const members = new Set(objects);
  const ordered = new Set<ApiObject>();
  const visit = (object: ApiObject): void => {
    if (ordered.has(object) || !members.delete(object)) return;
    for (const dependency of dependenciesOf(root, object)) visit(dependency);
    ordered.add(object);
  };
  const keyed = objects.map((object, index) => ({ object, index, key: rank(object) }));
  keyed.sort((a, b) => (a.key === b.key ? a.index - b.index : a.key < b.key ? -1 : 1));
  for (const { object } of keyed) visit(object);
  return [...ordered];
}

/** Objects that this one or a construct around it depends on. */
function dependenciesOf(root: IConstruct, object: ApiObject): ApiObject[] {
  const found: ApiObject[] = [];
  for (let node: IConstruct | undefined = object; node !== undefined; node = node.node.scope) {
    for (const dependency of node.node.dependencies) {
      if (dependency === root) continue;
      found.push(...dependency.node.findAll().filter((one) => ApiObject.isApiObject(one)));
    }
  }
  return found;
}
