/**
 * The gates of every class of pods: which policies select it, resolved to entries that are shared by
 * all rules that say the same.
 */
import type { Cluster } from '../read/cluster';
import { clusterPolicies } from './cluster-network-policy';
import { ConnectionPool } from './connections';
import type { Action, Entry, Gate, Ordered, Peers } from './gate';
import { networkPolicies } from './network-policy';
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

export interface Gates {
  readonly ingress: readonly Gate[];
  readonly egress: readonly Gate[];
}

/** One gate per class and direction; classes whose policies say the same share it. */
export function gatesOf(compilation: Compilation): Gates {
  const policies = networkPolicies(compilation);
  const cluster = clusterPolicies(compilation);
  const gates = new Map<string, Gate>();
  const enforces = compilation.cluster.profile.cni.enforces !== false;
  const of = (direction: Direction): Gate[] =>
    compilation.pods.classes.map(({ index }) => {
      const tier = policies[direction][index] ?? OPEN;
      const tiers = cluster?.[direction][index] ?? NO_TIERS;
      const content: Omit<Gate, 'id'> = enforces ? { ...tiers, ...tier } : { ...NO_TIERS, ...OPEN };
      return remember(gates, gateKey(content), () => ({ id: gates.size, ...content }));
    });
  return { ingress: of('ingress'), egress: of('egress') };
}

export const OPEN: PolicyTier = { isolated: false, entries: [] };
const NO_TIERS: ClusterTiers = { admin: [], baseline: [] };

function gateKey({ admin, isolated, entries, baseline }: Omit<Gate, 'id'>): string {
  const ids = (list: readonly Entry[]): string => list.map(({ id }) => id).join(',');
  const ordered = (list: readonly Ordered[]): string =>
    list.map(({ priority, entries: own }) => `${String(priority)}:${ids(own)}`).join(';');
  return `${ordered(admin)}|${String(isolated)}|${ids(entries)}|${ordered(baseline)}`;
}
