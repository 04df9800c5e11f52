/**
 * L3/L4: which connections the network policies of both ends let through, for any two ends.
 *
 * An end is a class of pods or an address that is no pod's. A connection speaks one address family;
 * where both ends have addresses of several, one family has to pass on both sides.
 */
import type { Cluster } from '../read/cluster';
import type { Family } from './addresses';
import { addressOf, blockOf, holdsAddress } from './addresses';
import { EVERY, NONE } from './connections';
import type { Answer, Entry, Gate } from './gate';
import { familyOf, mentions, passing } from './gate';
import { Compilation } from './compilation';
import type { Direction } from './compilation';
import type { Gates } from './gates';
import { gatesOf } from './gates';
import type { AddressSet, PeerSet } from './peer-sets';
import { includes, remember } from './pods';
import type { Fact, Verdict } from './verdict';
import { both, either, orEverything } from './verdict';

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

/** What rules about addresses see of a pod. Equal looks are one object. */
export interface Look {
  readonly key: string;
  /** In which it has addresses, or may have. */
  readonly families: readonly Family[];
  /** Whether its addresses are known. */
  readonly addressed: boolean;
  /** Whether it uses the host's network. */
  readonly host: boolean;
}

const UNRESTRICTED: Verdict = { sure: EVERY, unsure: NONE, facts: [] };

export class Network {
  readonly compilation: Compilation;
  readonly gates: Gates;
  private readonly looks: readonly Look[];
  private readonly mentioned: (readonly Family[])[] = [];
  private readonly nodes: Nodes;

  constructor(cluster: Cluster) {
    this.compilation = new Compilation(cluster);
    this.gates = gatesOf(this.compilation);
    this.looks = looksOf(this.compilation);
    this.nodes = new Nodes(cluster);
  }

  /** Both directions. */
  between(from: End, to: End, sameNamespace = this.share(from, to)): Verdict {
    const gates = [this.gateOf('egress', from), this.gateOf('ingress', to)];
    return this.inEach(this.families(from), this.families(to), gates, (family) => {
      const asked = { family, sameNamespace };
      const egress = this.side('egress', from, to, asked);
      return both(this.compilation.pool, egress, this.side('ingress', to, from, asked));
    });
  }

  /** Both directions for two classes of which neither is named by a rule of the other. */
  betweenStrangers(from: PodsEnd, to: PodsEnd): Verdict {
    const [source, destination] = [this.lookOf(from.place), this.lookOf(to.place)];
    const [egress, ingress] = [this.gateOf('egress', from), this.gateOf('ingress', to)];
    return this.inEach(source.families, destination.families, [egress, ingress], (family) =>
      both(
        this.compilation.pool,
        this.ofStranger('egress', egress, destination, family),
        this.ofStranger('ingress', ingress, source, family),
      ),
    );
  }

  /** One direction alone: what the policies of an end say of a peer. */
  at(direction: Direction, own: End, peer: End): Verdict {
    const asked = { sameNamespace: this.share(own, peer) };
    const gates = [this.gateOf(direction, own)];
    return this.inEach(this.families(own), this.families(peer), gates, (family) =>
      this.side(direction, own, peer, { ...asked, family }),
    );
  }

  /** One direction alone, if an isolated end had these entries and no others. */
  ofEntries(own: PodsEnd, peer: End, gate: Gate): Verdict {
    const look = 'place' in peer ? this.lookOf(peer.place) : OUTSIDE;
    const sameNamespace = this.share(own, peer);
    return this.inEach(this.families(own), this.families(peer), [gate], (family) =>
      passing(this.compilation.pool, gate, (entry) =>
        means(entry, peer, { family, sameNamespace, look }),
      ),
    );
  }

  /** Whether a side lets anybody through whom none of its rules names, as far as it has a say. */
  isOpenTo(direction: Direction, own: PodsEnd, look: Look): boolean {
    const gate = this.gateOf(direction, own);
    const families = this.lookOf(own.place).families.filter((one) => look.families.includes(one));
    return (families.length === 0 ? [undefined] : families).some((family) => {
      const { sure, unsure } = this.ofStranger(direction, gate, look, family);
      return sure !== NONE || unsure !== NONE;
    });
  }

  /** One direction, for the pods of that end. */
  private side(direction: Direction, own: End, peer: End, asked: Omit<Asked, 'look'>): Verdict {
    const gate = this.gateOf(direction, own);
    if (!('place' in own) || gate === undefined) return UNRESTRICTED;
    const ownNode = direction === 'ingress' && this.isOwnNode(own, peer);
    if (ownNode === true) return UNRESTRICTED;
    const { pool } = this.compilation;
    const { family, sameNamespace } = asked;
    const look = 'place' in peer ? this.lookOf(peer.place) : OUTSIDE;
    const whole = { family, sameNamespace, look };
    const verdict = passing(pool, gate, (entry) => means(entry, peer, whole));
    return ownNode === false ? verdict : orEverything(pool, verdict, ownNode);
  }

  /** What a gate says of pods that none of its rules names. */
  private ofStranger(
    direction: Direction,
    gate: Gate | undefined,
    look: Look,
    family: Family | undefined,
  ): Verdict {
    if (gate === undefined) return UNRESTRICTED;
    const key = `${direction} ${String(gate.id)} ${look.key} ${String(family)}`;
    return remember(this.strangers, key, () => {
      const { pool } = this.compilation;
      const verdict = passing(
        pool,
        gate,
        ({ peers }) =>
          peers.kind === 'everyone' ||
          (peers.kind === 'addresses' && holds(peers.set, look, family)),
      );
      const ownNode = direction === 'ingress' && look.host && this.nodes.reachPods;
      return ownNode ? orEverything(pool, verdict, 'host-network') : verdict;
    });
  }
  private readonly strangers = new Map<string, Verdict>();

  gateOf(direction: Direction, end: End): Gate | undefined {
    return 'place' in end ? this.gates[direction][end.place] : undefined;
  }

  lookOf(place: number): Look {
    return this.looks[place] ?? OUTSIDE;
  }

  share(from: End, to: End): boolean {
    if (!('place' in from) || !('place' in to)) return false;
    const { classes } = this.compilation.pods;
    return classes[from.place]?.namespace === classes[to.place]?.namespace;
  }

  private families(end: End): readonly Family[] {
    return 'place' in end ? this.lookOf(end.place).families : [end.family];
  }

  /** A connection speaks one family: the answers of all that both ends have, where that matters. */
  private inEach(
    a: readonly Family[],
    b: readonly Family[],
    gates: readonly (Gate | undefined)[],
    judge: (family: Family | undefined) => Verdict,
  ): Verdict {
    const shared = a === b ? a : a.filter((family) => b.includes(family));
    const asked = shared.filter((family) =>
      gates.some((gate) => gate !== undefined && this.mentionedIn(gate).includes(family)),
    );
    // where no rule denies, a family that no rule is about adds nothing to those that one is about
    const orders = gates.some((gate) => gate !== undefined && isOrdered(gate));
    const relevant = orders || asked.length === 0 ? shared : asked;
    let verdict = judge(relevant[0]);
    // where no rule is about a family that both have, all of them get one answer
    if (relevant.length === 1 || asked.length === 0) return verdict;
    for (const family of relevant.slice(1)) {
      verdict = either(this.compilation.pool, verdict, judge(family));
    }
    return verdict;
  }

  /** The families that a gate's rules are about. */
  private mentionedIn(gate: Gate): readonly Family[] {
    return (this.mentioned[gate.id] ??= [
      ...new Set(mentions(gate).flatMap((entry) => familyOf(entry) ?? [])),
    ]);
  }

  /** NP-09: a pod's own node always reaches it, unless the CNI is known to ask for a rule. */
  private isOwnNode({ place }: PodsEnd, peer: End): boolean | Fact {
    if (!this.nodes.reachPods) return false;
    // of two pods of the host's network, one may be on the node
    if ('place' in peer) return this.lookOf(peer.place).host && 'host-network';
    const known = this.compilation.pods.classes[place]?.pods.nodeAddresses ?? [];
    if (known.length === 0) return this.nodes.has(peer) && 'node-address';
    return known.some((text) => isAddress(text, peer));
  }
}

/** The nodes of a cluster, as far as they are known. */
class Nodes {
  /** Whether pods let their own node in without a rule. */
  readonly reachPods: boolean;

  constructor(private readonly cluster: Cluster) {
    this.reachPods = cluster.profile.cni.nodeTrafficImplicit !== false;
  }

  has(end: AddressEnd): boolean {
    const { nodes, profile } = this.cluster;
    return (
      nodes.some(({ addresses }) => addresses.some((text) => isAddress(text, end))) ||
      (profile.nodeRanges ?? []).some((cidr) => {
        const block = blockOf(cidr);
        return block?.family === end.family && holdsAddress(block.intervals, end.value);
      })
    );
  }
}

function isAddress(text: string, { family, value }: AddressEnd): boolean {
  const address = addressOf(text);
  return address?.family === family && address.value === value;
}

function looksOf({ pods, sets }: Compilation): Look[] {
  const unaddressed = new Set(sets.unaddressed);
  const known = new Map<string, Look>();
  return pods.classes.map(({ index, pods: own }): Look => {
    const families = sets.familiesOf(own);
    const [addressed, host] = [!unaddressed.has(index), own.hostNetwork];
    const key = `${families.join('+')} ${String(addressed)} ${String(host)}`;
    return remember(known, key, () => ({ key, families, addressed, host }));
  });
}

const OUTSIDE: Look = { key: '', families: [], addressed: true, host: false };

interface Asked {
  readonly family: Family | undefined;
  readonly sameNamespace: boolean;
  /** Of the peer. */
  readonly look: Look;
}

/** Whether an entry of one end means the other one. */
function means({ peers }: Entry, peer: End, { family, sameNamespace, look }: Asked): Answer {
  switch (peers.kind) {
    case 'everyone':
      return true;
    case 'same-namespace':
      return sameNamespace && 'place' in peer && among(peers.set, peer.place);
    case 'pods':
      if (isOther(family, peers.family)) return false;
      return 'place' in peer && among(peers.set, peer.place);
    case 'addresses': {
      const { block, peers: set } = peers.set;
      if (isOther(family, block.family)) return false;
      if (!look.addressed) return holds(peers.set, look, family);
      if ('place' in peer) return among(set, peer.place);
      return peer.family === block.family && holdsAddress(block.intervals, peer.value);
    }
    case 'names':
      return 'place' in peer ? false : 'domain-names';
  }
}

/** Whether a rule is about another family than the connection is of. */
function isOther(family: Family | undefined, own: Family | undefined): boolean {
  return family !== undefined && own !== undefined && family !== own;
}

/** Whether a block holds a pod whose addresses are not known. */
function holds(
  { block, others, hosts }: AddressSet,
  { addressed, host }: Look,
  family: Family | undefined,
): Answer {
  if (addressed || isOther(family, block.family)) return false;
  return host ? hosts : others;
}

function among({ sure, maybe, fact }: PeerSet, place: number): Answer {
  if (includes(sure, place)) return true;
  return includes(maybe, place) ? fact : false;
}

/** Whether order decides in a gate, so that a rule can take away. */
function isOrdered({ admin, baseline }: Gate): boolean {
  return admin.length > 0 || baseline.length > 0;
}
