/**
 * L3/L4: which connections the network policies of both ends let through, for any two ends.
 *
 * An end is a class of pods or an address that is no pod's. A connection speaks one address family;
 * where both ends have addresses of several, one family has to pass on both sides.
 */
import type { Cluster } from '../read/cluster';
import type { Family } from './addresses';
import { addressOf, holdsAddress } from './addresses';
import { EVERY } from './connections';
import type { Answer, Entry, Gate } from './gate';
import { passing } from './gate';
import type { Direction, Gates } from './gates';
import { Compilation, gatesOf } from './gates';
import type { PeerSet } from './peer-sets';
import type { Places } from './pods';
import { firstFrom } from './pods';
import type { Verdict } from './verdict';
import { both, either } from './verdict';

/** A class of pods, by its place. */
export interface PodsEnd {
  readonly place: number;
}

/** An address that is not known to be a pod's. */
export interface AddressEnd {
  readonly family: Family;
  readonly value: bigint;
}

export type End = PodsEnd | AddressEnd;

const UNRESTRICTED: Verdict = { sure: EVERY, unsure: 0, facts: [] };

export class Network {
  readonly compilation: Compilation;
  readonly gates: Gates;
  private readonly unaddressed: ReadonlySet<number>;
  private readonly families: readonly (readonly Family[])[];

  constructor(cluster: Cluster) {
    this.compilation = new Compilation(cluster);
    this.gates = gatesOf(this.compilation);
    this.unaddressed = new Set(this.compilation.sets.unaddressed);
    this.families = this.compilation.pods.classes.map(({ pods }) => [
      ...new Set(pods.addresses.flatMap((text) => addressOf(text)?.family ?? [])),
    ]);
  }

  /** Both directions. */
  between(from: End, to: End, sameNamespace = this.share(from, to)): Verdict {
    const families = this.sharedFamilies(from, to);
    const [first = undefined, ...others] = families;
    return others.reduce(
      (verdict, family) =>
        either(this.compilation.pool, verdict, this.inFamily(from, to, family, sameNamespace)),
      this.inFamily(from, to, first, sameNamespace),
    );
  }

  /** One direction, for the pods of that end. */
  half(
    direction: Direction,
    own: End,
    peer: End,
    { family, sameNamespace }: { readonly family?: Family; readonly sameNamespace: boolean },
  ): Verdict {
    if (!('place' in own)) return UNRESTRICTED;
    const gate = this.gateOf(direction, own);
    if (gate === undefined) return UNRESTRICTED;
    if (direction === 'ingress' && this.isOwnNode(own, peer)) return UNRESTRICTED;
    const addressed = !('place' in peer) || this.isAddressed(peer.place);
    return passing(this.compilation.pool, gate, (entry) =>
      means(entry, peer, { family, sameNamespace, addressed }),
    );
  }

  gateOf(direction: Direction, { place }: PodsEnd): Gate | undefined {
    return this.gates[direction][place];
  }

  /** What a gate says of pods that none of its rules names. */
  ofOthers(gate: Gate, addressed: boolean): Verdict {
    return passing(this.compilation.pool, gate, ({ peers }) => {
      if (peers.kind === 'addresses') return !addressed && peers.set.others;
      return peers.kind === 'everyone';
    });
  }

  isAddressed(place: number): boolean {
    return !this.unaddressed.has(place);
  }

  /** Families in which both ends have addresses; `undefined` alone: not known, or none shared. */
  private sharedFamilies(from: End, to: End): readonly (Family | undefined)[] {
    const [a, b] = [this.familiesOf(from), this.familiesOf(to)];
    const shared = a.filter((family) => b.includes(family));
    return shared.length === 0 ? [undefined] : shared;
  }

  familiesOf(end: End): readonly Family[] {
    return 'place' in end ? (this.families[end.place] ?? []) : [end.family];
  }

  private inFamily(
    from: End,
    to: End,
    family: Family | undefined,
    sameNamespace: boolean,
  ): Verdict {
    const asked = family === undefined ? { sameNamespace } : { family, sameNamespace };
    const egress = this.half('egress', from, to, asked);
    return both(this.compilation.pool, egress, this.half('ingress', to, from, asked));
  }

  share(from: End, to: End): boolean {
    if (!('place' in from) || !('place' in to)) return false;
    const { classes } = this.compilation.pods;
    return classes[from.place]?.namespace === classes[to.place]?.namespace;
  }

  /** A pod's own node always reaches it (NP-09), unless the CNI is known to ask for a rule. */
  private isOwnNode({ place }: PodsEnd, peer: End): boolean {
    if ('place' in peer || this.compilation.cluster.profile.cni.nodeTrafficImplicit === false) {
      return false;
    }
    const nodes = this.compilation.pods.classes[place]?.pods.nodeAddresses ?? [];
    return nodes.some((text) => {
      const address = addressOf(text);
      return address?.family === peer.family && address.value === peer.value;
    });
  }
}

interface Asked {
  readonly family?: Family;
  readonly sameNamespace: boolean;
  /** Whether the peer's addresses are known. */
  readonly addressed: boolean;
}

/** Whether an entry of one end means the other one. */
function means({ peers }: Entry, peer: End, { family, sameNamespace, addressed }: Asked): Answer {
  switch (peers.kind) {
    case 'everyone':
      return true;
    case 'same-namespace':
      return sameNamespace && 'place' in peer && among(peers.set, peer.place);
    case 'pods':
      return 'place' in peer && among(peers.set, peer.place);
    case 'addresses': {
      const { block, peers: set, others } = peers.set;
      if (family !== undefined && family !== block.family) return false;
      if ('place' in peer) return addressed ? among(set, peer.place) : others;
      return peer.family === block.family && holdsAddress(block.intervals, peer.value);
    }
    case 'names':
      return 'place' in peer ? false : 'domain-names';
  }
}

function among({ sure, maybe, fact }: PeerSet, place: number): Answer {
  if (holds(sure, place)) return true;
  return holds(maybe, place) ? fact : false;
}

function holds(places: Places, place: number): boolean {
  return places[firstFrom(places, place)] === place;
}
