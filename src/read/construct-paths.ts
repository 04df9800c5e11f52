/**
 * Which construct wrote an object: cdk8s records it in `construct-metadata.json` beside the YAML, if
 * the app asks for it (`recordConstructMetadata`).
 *
 * A stock App keys it by metadata.name alone, so that of two objects with one name it knows one, and
 * does not say which: such a name tells nothing here. Keys of `Kind/namespace/name` tell.
 */
import { field, isObject, objectAt, textAt } from './json';
import type { Json } from './resource';
import type { ReadResource } from './resources';

export const CONSTRUCT_METADATA = 'construct-metadata.json';

/** The paths by key; undefined where the text is something else. */
export function constructPathsOf(text: string): ReadonlyMap<string, string> | undefined {
  let record: Json;
  try {
    record = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  if (!isObject(record)) return undefined;
  const paths = new Map<string, string>();
  const entries = objectAt(record, 'resources');
  for (const [key, entry] of Object.entries(entries)) {
    const path = isObject(entry) ? textAt(entry, 'path') : undefined;
    if (path !== undefined) paths.set(key, path);
  }
  return paths;
}

/** Notes the paths on the objects of one output folder. */
export function noteConstructPaths(
  resources: readonly ReadResource[],
  paths: ReadonlyMap<string, string>,
): void {
  const counts = new Map<string, number>();
  for (const { name } of resources) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const resource of resources) {
    const { kind, name, object } = resource;
    const namespace = field(objectAt(object, 'metadata'), 'namespace');
    const written = typeof namespace === 'string' ? namespace : '';
    const byName = counts.get(name) === 1 ? paths.get(name) : undefined;
    const path = paths.get(`${kind}/${written}/${name}`) ?? byName;
    if (path !== undefined) resource.constructPath = path;
  }
}
