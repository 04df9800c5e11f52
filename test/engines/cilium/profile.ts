import { Cni } from '../../../src/cluster/cni';
import type { ClusterFacts } from '../../../src/read/cluster';
import { NO_FACTS } from '../../support/cluster-of-world';

/** A cluster of which nothing is known but its network plug-in. */
export const CILIUM: ClusterFacts = { ...NO_FACTS, cni: Cni.CILIUM._data };
