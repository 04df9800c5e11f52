/**
 * Objects in memory (jest, oracles, other readers) -> the same as their text would give. Their places
 * are their numbers: `object:3:1` is the third one.
 */
import type { Cluster, ClusterFacts } from './cluster';
import { clusterOf } from './cluster-of';
import type { Json, ReadProblem } from './resource';
import type { Places } from './resources';
import { resourcesOf } from './resources';
import type { ReadResult } from './result';
import { combine } from './result';

/** The objects, lists taken apart, duplicates named. */
export function readObjects(objects: readonly unknown[]): ReadResult {
  const problems: ReadProblem[] = [];
  const resources = objects.flatMap((object, index) => {
    const source: Places = {
      file: 'object',
      locate: () => ({ file: 'object', line: index + 1, column: 1 }),
    };
    // plain data, as JSON.parse gives it: the caller's word
    return resourcesOf({ value: (object ?? null) as Json, source, unclear: [] }, problems);
  });
  return combine([{ resources, models: [], problems }]);
}

/** The cluster that the objects make. */
export function clusterOfObjects(objects: readonly unknown[], profile?: ClusterFacts): Cluster {
  return clusterOf(readObjects(objects), profile);
}
