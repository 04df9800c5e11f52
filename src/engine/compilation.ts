/**
 * What the compilers of all policy APIs share: the pods, the sets that rules name, and one entry for all
 * rules that say the same.
 */
import type { Cluster } from '../read/cluster';
import { ConnectionPool } from './connections';
import type { Action, Entry, Ordered, Peers } from './gate';
import { PeerSets } from './peer-sets';
import { Pods, remember } from './pods';
import type { Fact } from './verdict';

export type Direction = 'ingress' | 'egress';

/** What the compilers of all policy APIs share. */
export class Compilation {
  readonly pool = new ConnectionPool();
  readonly pods: Pods;
  readonly sets: PeerSets;
  private readonly entries = new Map<string, Entry>();

  constructor(readonly cluster: Cluster) {
    this.pods = new Pods(cluster);
    this.sets = new PeerSets(this.pods, cluster.profile, cluster.nodes);
  }

  /** The one entry that says this. */
  entry(peers: Peers, connections: number, action: Action, fact?: Fact): Entry {
    const key = `${keyOf(peers)} ${String(connections)} ${action} ${fact ?? ''}`;
    return remember(this.entries, key, () => ({
      id: this.entries.size,
      peers,
      connections,
      action,
      ...(fact === undefined ? {} : { fact }),
    }));
  }
}

/** Equal for equal peers. */
function keyOf(peers: Peers): string {
  switch (peers.kind) {
    case 'everyone':
      return 'everyone';
    case 'same-namespace':
      return `here ${String(peers.set.id)}`;
    case 'pods':
      return `pods ${String(peers.set.id)}`;
    case 'addresses': {
      const { peers: set, block, others, hosts } = peers.set;
      return `addresses ${String(set.id)} ${String(others)} ${String(hosts)} ${String(block.family)} ${block.intervals.join(';')}`;
    }
    case 'names':
      return `names ${peers.names.join(' ')}`;
  }
}

/** What NetworkPolicy says of one class in one direction. */
export interface PolicyTier {
  readonly isolated: boolean | Fact;
  readonly entries: readonly Entry[];
}

/** What the ClusterNetworkPolicies of one tier say of one class in one direction. */
export interface ClusterTiers {
  readonly admin: readonly Ordered[];
  readonly baseline: readonly Ordered[];
}

export const OPEN: PolicyTier = { isolated: false, entries: [] };
