/**
 * Sets of pods that rules name as peers. Equal definitions share one set, so that thousands of rules
 * that say the same cost one set; sets that depend on the namespace of whoever has the rule stay
 * symbolic (gate.ts).
 */
import type { ClusterFacts, ClusterPods, NodeFacts, PodFacts, PolicyPeer } from '../read/cluster';
import type { SelectorData } from '../values/selector';
import { isEverything, selectorKey } from '../values/selector';
import type { Block, Family, Interval } from './addresses';
import {
  addressOf,
  blockOf,
  commonIntervals,
  everyAddress,
  intervalsWithout,
  mergeIntervals,
} from './addresses';
import type { Places, Pods, Selected } from './pods';
import { ascending, remember, shared, within } from './pods';
import type { Fact } from './verdict';

/** Pods that are peers, and pods that are if a fact holds. */
export interface PeerSet {
  readonly id: number;
  readonly sure: Places;
  readonly maybe: Places;
  readonly fact: Fact;
}

/** A block of addresses with the pods in it. */
export interface AddressSet {
  /** Equal for sets of the same addresses and pods. */
  readonly id: number;
  /** Equal for sets of the same pods. */
  readonly pods: string;
  /** Pods whose addresses are known. */
  readonly peers: PeerSet;
  readonly block: Block;
  /** Whether pods whose addresses are not known are in it: all alike, so that nobody counts them. */
  readonly others: boolean | Fact;
  /** The same of pods of the host's network, whose addresses are their nodes'. */
  readonly hosts: boolean | Fact;
}

export class PeerSets {
  readonly sets: PeerSet[] = [];
  private readonly ids = new Map<string, PeerSet>();
  private readonly blocks = new Map<string, AddressSet | undefined>();
  private readonly addressSets = new Map<string, AddressSet>();
  private readonly parts = new Map<number, PeerSet>();
  private readonly addressed: readonly Addressed[];
  /** Pods whose addresses are not known. */
  readonly unaddressed: Places;
  readonly host: ReadonlySet<number>;

  constructor(
    private readonly pods: Pods,
    private readonly facts: ClusterFacts,
    private readonly nodes: readonly NodeFacts[] = [],
  ) {
    this.addressed = pods.classes.flatMap(({ index, pods: { hostNetwork, ...own } }) =>
      (hostNetwork ? own.nodeAddresses : own.addresses).flatMap((text): Addressed[] => {
        const address = addressOf(text);
        return address === undefined ? [] : [{ ...address, place: index, hostNetwork }];
      }),
    );
    const known = new Set(this.addressed.map(({ place }) => place));
    this.unaddressed = pods.classes.flatMap(({ index }) => (known.has(index) ? [] : [index]));
    this.host = new Set(
      pods.classes.flatMap(({ index, pods: { hostNetwork } }) => (hostNetwork ? [index] : [])),
    );
  }

  /** Pods by labels; whether pods of the host's network are meant is not known. */
  ofPods(namespaces: SelectorData | undefined, pods: SelectorData): PeerSet {
    const key = `pods ${namespaces === undefined ? '' : selectorKey(namespaces)} ${selectorKey(pods)}`;
    return remember(this.ids, key, () => {
      const { sure, maybe } = this.select(namespaces, pods);
      const unclear = sure.filter((place) => this.host.has(place));
      if (unclear.length === 0) return this.add(sure, maybe, this.factOf(pods));
      const certain = sure.filter((place) => !this.host.has(place));
      return this.add(certain, ascending([...maybe, ...unclear]), 'host-network');
    });
  }

  /** As ClusterNetworkPolicy means them: never pods of the host's network. */
  ofClusterPods({ namespaces, pods }: ClusterPods): PeerSet {
    const key = `cluster ${selectorKey(namespaces)} ${selectorKey(pods)}`;
    return remember(this.ids, key, () => {
      const { sure, maybe } = this.select(namespaces, pods);
      const isPod = (place: number): boolean => !this.host.has(place);
      return this.add(sure.filter(isPod), maybe.filter(isPod), this.factOf(pods));
    });
  }

  /** Addresses with the pods that have them; undefined: the text is no CIDR. */
  ofBlock(
    { cidr, except }: Omit<PolicyPeer & { kind: 'block' }, 'kind'>,
    {
      matchesPods = this.facts.cni.ipBlockMatchesPods !== false,
      matchesNodes = this.facts.cni.ipBlockMatchesNodes !== false,
    } = {},
  ): AddressSet | undefined {
    const kind = `${matchesPods ? '' : 'no pods '}${matchesNodes ? '' : 'no nodes '}`;
    const key = `${kind}${cidr} ${except.join(' ')}`;
    return remember(this.blocks, key, () => {
      const block = blockOf(cidr, except);
      return block && this.block(block, { matchesPods, matchesNodes });
    });
  }

  /** Nodes by labels: their addresses, and the pods of the host's network on them. */
  ofNodes(selector: SelectorData, matches: (labels: NodeFacts['labels']) => boolean): PeerSet {
    return remember(this.ids, `nodes ${selectorKey(selector)}`, () => {
      const meant = this.nodes.filter(({ labels }) => matches(labels));
      const values = new Set(meant.flatMap(({ addresses }) => addresses.map(canonical)));
      const sure = this.addressed.flatMap(({ hostNetwork, place, family, value }) =>
        hostNetwork && values.has(`${String(family)} ${String(value)}`) ? [place] : [],
      );
      // a pod of the host's network runs on some node
      const maybe = this.unaddressed.filter((place) => this.host.has(place));
      return this.add(ascending(sure), maybe, 'node-address');
    });
  }

  /** The pods of a set that are in another one. */
  narrowed(set: PeerSet, among: PeerSet): PeerSet {
    // ids stay far below 2^26: their product is exact
    return remember(this.parts, set.id * 0x4000000 + among.id, () => {
      const sure = shared(set.sure, among.sure);
      const possible = [
        ...shared(set.sure, among.maybe),
        ...shared(set.maybe, among.sure),
        ...shared(set.maybe, among.maybe),
      ];
      if (sure.length + possible.length === 0) return this.nobody;
      return this.add(sure, ascending(possible), set.maybe.length > 0 ? set.fact : among.fact);
    });
  }

  private get nobody(): PeerSet {
    return this.ofPlaces('nobody', { sure: [], maybe: [] }, 'pod-labels');
  }

  /** The pods of an address set that are in another one; no other address is. */
  narrowedAddresses({ peers, block }: AddressSet, among: PeerSet): AddressSet {
    const none = { ...block, intervals: [] };
    return this.addresses(this.narrowed(peers, among), none, { others: false, hosts: false });
  }

  private addresses(
    peers: PeerSet,
    block: Block,
    { others, hosts }: Pick<AddressSet, 'others' | 'hosts'>,
  ): AddressSet {
    const pods = `at ${String(peers.id)} ${String(others)} ${String(hosts)} ${String(block.family)}`;
    return remember(this.addressSets, `${pods} ${block.intervals.join(';')}`, () => ({
      id: this.addressSets.size,
      ...{ pods, peers, block, others, hosts },
    }));
  }

  /**
   * Pods whose addresses are not known: those of the host's network, or the others. For each family a
   * set of its own: rules about the one are no rules about the other.
   */
  unknownAddresses(hosts: boolean, family: Family): PeerSet {
    const sure = this.unaddressed.filter((place) => this.host.has(place) === hosts);
    return this.ofPlaces(
      `unaddressed ${String(hosts)} ${String(family)}`,
      { sure, maybe: [] },
      'pod-address',
    );
  }

  /** Some places as a set. */
  ofPlaces(key: string, { sure, maybe }: Selected, fact: Fact): PeerSet {
    return remember(this.ids, `places ${key}`, () => this.add(sure, maybe, fact));
  }

  private add(sure: Places, maybe: Places, fact: Fact): PeerSet {
    const set = { id: this.sets.length, sure, maybe, fact };
    this.sets.push(set);
    return set;
  }

  /** What is missing where a selector may mean a pod. */
  private factOf(pods: SelectorData): Fact {
    return this.pods.undecided(pods).length > 0 ? 'pod-labels' : 'namespace-labels';
  }

  private select(namespaces: SelectorData | undefined, pods: SelectorData): Selected {
    const undecided = this.pods.undecided(pods);
    if (namespaces === undefined || isEverything(namespaces)) {
      return { sure: this.pods.selected(pods), maybe: undecided };
    }
    const among = this.pods.namespacesSelected(namespaces);
    const sure = this.podsIn(among.sure, pods);
    const maybe = this.podsIn(among.maybe, pods);
    if (undecided.length === 0) return { sure, maybe };
    const within = new Set([...among.sure, ...among.maybe]);
    const open = undecided.filter((place) => within.has(this.pods.classes[place]?.namespace ?? -1));
    return { sure, maybe: ascending([...maybe, ...open]) };
  }

  private podsIn(namespaces: Places, pods: SelectorData): Places {
    if (namespaces.length <= 4 || isEverything(pods)) {
      return namespaces.flatMap((one) => [...this.pods.selectedIn(one, pods)]);
    }
    const selected = this.pods.selected(pods);
    return namespaces.flatMap((one) => [...within(selected, this.pods.spanOf(one))]);
  }

  private block(block: Block, { matchesPods, matchesNodes }: Matches): AddressSet {
    const holding = this.addressed.filter(
      ({ family, value, hostNetwork }) =>
        (hostNetwork ? matchesNodes : matchesPods) &&
        family === block.family &&
        isIn(block.intervals, value),
    );
    const sure = ascending(holding.map(({ place }) => place));
    const key = `block ${String(block.family)} ${sure.join(',')}`;
    const peers = remember(this.ids, key, () => this.add(sure, [], 'pod-address'));
    return this.addresses(peers, matchesNodes ? block : this.withoutNodes(block), {
      others: matchesPods && statusOfUnknown(block, this.facts.podRanges, 'pod-address'),
      hosts: matchesNodes && statusOfUnknown(block, this.facts.nodeRanges, 'node-address'),
    });
  }

  /** For a network plug-in to which the addresses of nodes are not outside. */
  private withoutNodes({ family, intervals }: Block): Block {
    return { family, intervals: intervalsWithout(intervals, this.ofAnyNode(family)) };
  }

  /** Every address that is known to be a node's, by whoever tells. */
  private ofAnyNode(family: Family): readonly Interval[] {
    return remember(this.nodeAddresses, family, () => {
      const told = [
        ...this.nodes.flatMap(({ addresses }) => addresses),
        ...this.pods.classes.flatMap(({ pods: { nodeAddresses } }) => nodeAddresses),
      ].flatMap((text) => addressOf(text) ?? []);
      const ranges = (this.facts.nodeRanges ?? []).flatMap((cidr) => blockOf(cidr) ?? []);
      const all: Block[] = [
        ...told.map(({ family: own, value }) => ({
          family: own,
          intervals: [[value, value] satisfies Interval],
        })),
        ...ranges,
      ];
      return mergeIntervals(
        all.filter((one) => one.family === family).flatMap((one) => one.intervals),
      );
    });
  }
  private readonly nodeAddresses = new Map<Family, readonly Interval[]>();

  /** Families in which a pod has addresses; where none is known, those that it may have. */
  familiesOf({ hostNetwork, addresses, nodeAddresses }: PodFacts): readonly Family[] {
    const known = (hostNetwork ? nodeAddresses : addresses).flatMap(
      (text) => addressOf(text)?.family ?? [],
    );
    const ranges = (hostNetwork ? this.facts.nodeRanges : this.facts.podRanges) ?? [];
    const possible = known.length > 0 ? known : ranges.flatMap((one) => blockOf(one)?.family ?? []);
    return possible.length > 0 ? [...new Set(possible)].sort() : [4, 6];
  }
}

/** U-01: a block that covers every address that a pod may have matches it, a disjoint one does not. */
function statusOfUnknown(
  { family, intervals }: Block,
  known: readonly string[] = [],
  fact: Fact,
): boolean | Fact {
  const ranges = known.flatMap((cidr) => blockOf(cidr) ?? []);
  const own = ranges.filter((one) => one.family === family).flatMap((one) => one.intervals);
  const possible = ranges.length > 0 ? own : [everyAddress(family)];
  if (commonIntervals(possible, intervals).length === 0) return false;
  return intervalsWithout(possible, intervals).length === 0 ? true : fact;
}

/** What a block means besides addresses outside. */
interface Matches {
  readonly matchesPods: boolean;
  readonly matchesNodes: boolean;
}

interface Addressed {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly place: number;
  readonly hostNetwork: boolean;
}

function canonical(text: string): string {
  const address = addressOf(text);
  return address === undefined ? text : `${String(address.family)} ${String(address.value)}`;
}

function isIn(intervals: readonly Interval[], value: bigint): boolean {
  return intervals.some(([low, high]) => low <= value && value <= high);
}
