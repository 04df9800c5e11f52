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
  /** By what is said of the connections, then by peers and connections. */
  private readonly entries = new Map<string, Map<number, Entry>>();
  private readonly meanings = new Map<string, number>();
  private readonly names = new Map<string, number>();
  private said = 0;

  constructor(readonly cluster: Cluster) {
    this.pods = new Pods(cluster);
    this.sets = new PeerSets(this.pods, cluster.profile, cluster.nodes);
  }

  /** The one entry that says this. */
  entry(peers: Peers, connections: number, action: Action, fact?: Fact): Entry {
    const way = fact === undefined ? action : `${action} ${fact}`;
    const alike = remember(this.entries, way, () => new Map<number, Entry>());
    // ids of sets and of connections stay far below 2^24: the key is exact
    return remember(alike, this.keyOf(peers) * 0x1000000 + connections, () => {
      const id = this.said;
      this.said += 1;
      const meaning = this.meaningOf(peers, `${String(connections)} ${way}`) ?? id;
      return { id, meaning, peers, connections, action, ...(fact !== undefined && { fact }) };
    });
  }

  /** Equal for equal peers. */
  private keyOf(peers: Peers): number {
    switch (peers.kind) {
      case 'everyone':
        return 0;
      case 'same-namespace':
        return peers.set.id * 4 + 1;
      case 'pods':
        return peers.set.id * 4 + 2;
      case 'addresses':
        return peers.set.id * 4 + 3;
      case 'names':
        return remember(this.names, peers.names.join(' '), () => this.names.size + 1) * 4;
    }
  }

  /** Where peers are addresses, others may be the same pods; such meanings count from -1 down. */
  private meaningOf(peers: Peers, said: string): number | undefined {
    if (peers.kind !== 'addresses') return undefined;
    return remember(this.meanings, `${peers.set.pods} ${said}`, () => -1 - this.meanings.size);
  }
}

/** What NetworkPolicy says of one class in one direction. */
export interface PolicyTier {
  /** Equal for tiers that say the same. */
  readonly id: number;
  readonly isolated: boolean | Fact;
  readonly entries: readonly Entry[];
}

/** What the ClusterNetworkPolicies of one tier say of one class in one direction. */
export interface ClusterTiers {
  readonly admin: readonly Ordered[];
  readonly baseline: readonly Ordered[];
}

export const OPEN: PolicyTier = { id: -1, isolated: false, entries: [] };
