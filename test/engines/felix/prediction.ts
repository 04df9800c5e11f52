/** What `ml-netpol` says of a cell, and why. */

import type { Cluster } from '../../../src/read/cluster';
import { clusterOfObjects } from '../../../src/read/objects';
import { ask } from '../../../src/engine/ask';
import { explain } from '../../../src/engine/explain';
import type { Question } from '../../../src/engine/question';
import { World } from '../../../src/engine/world';
import type * as naive from '../../naive/world';
import type { Cell } from './felix-cluster';
import { manifestsOf } from './manifests';

export type Word = 'ALLOWED' | 'DENIED' | 'UNKNOWN';

export interface Prediction {
  verdict(cell: Cell): Word;
  evidence(cell: Cell): string;
}

/** Of a cluster of which everything is known. */
export function predictionOf(world: naive.World): Prediction {
  return predictionIn(
    clusterOfObjects(manifestsOf(world)),
    (pod) => `${pod.namespace}/Pod/${pod.name}`,
  );
}

/** Of any cluster; `idOfPod` is the workload that a pod belongs to. */
export function predictionIn(cluster: Cluster, idOfPod: (pod: naive.Pod) => string): Prediction {
  const world = new World(cluster);
  const question = ({ from, to, protocol, port }: Cell): Question => ({
    from: { kind: 'workload', id: idOfPod(from) },
    to: { kind: 'workload', id: idOfPod(to) },
    protocol: protocol as Question['protocol'],
    port,
  });
  return {
    verdict: (cell) => ask(world, question(cell)).verdict,
    evidence: (cell) => JSON.stringify(explain(world, question(cell)).layers, undefined, 1),
  };
}
