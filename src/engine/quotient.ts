/**
 * Which pairs of pods can differ from the rest? Classes that every rule treats alike are one node, and
 * a pair of nodes is special only where a rule of one names the other; all other pairs follow from
 * what each side says of pods that it does not name. So the cost follows the rules, not pods × pods.
 */
import type { PeerSet } from './peer-sets';
import { remember } from './pods';

/** What the rules of one side of a class tell apart. */
export interface Side {
  /** Equal for classes whose rules say the same. */
  readonly id: number;
  readonly mentions: readonly PeerSet[];
  /** Sets that count only for pods of the own namespace. */
  readonly here: readonly PeerSet[];
}

export interface Sides {
  /** Classes in the order of their places. */
  readonly source: (place: number) => Side;
  readonly destination: (place: number) => Side;
  readonly namespaceOf: (place: number) => number;
  /** Equal for classes that are alike besides. */
  readonly kindOf: (place: number) => string;
  readonly count: number;
}

/** Classes that are interchangeable, but for their namespaces. */
export interface Node {
  readonly id: number;
  /** Ascending. */
  readonly places: readonly number[];
  readonly source: Side;
  readonly destination: Side;
}

export interface Quotient {
  readonly nodes: readonly Node[];
  readonly nodeOf: readonly number[];
  /** By source: destinations that one of the two names, wherever they are; ascending. */
  readonly special: readonly (readonly number[])[];
  /** By source: destinations that share a namespace with it, where a rule asks for that. */
  readonly neighbours: readonly ReadonlySet<number>[];
}

export function quotientOf(sides: Sides): Quotient {
  const members = membersOf(sides);
  const byKey = new Map<string, { places: number[]; source: Side; destination: Side }>();
  const keys: string[] = [];
  for (let place = 0; place < sides.count; place += 1) {
    const [source, destination] = [sides.source(place), sides.destination(place)];
    const key = `${String(source.id)} ${String(destination.id)} ${sides.kindOf(place)} ${members[place]?.join(',') ?? ''}`;
    keys.push(key);
    remember(byKey, key, () => ({ places: [], source, destination })).places.push(place);
  }
  const nodes = [...byKey.values()].map((node, id): Node => ({ id, ...node }));
  const ids = new Map([...byKey.keys()].map((key, id) => [key, id]));
  const nodeOf = keys.map((key) => ids.get(key) ?? -1);
  return {
    nodes,
    nodeOf,
    special: specialOf(nodes, nodeOf),
    neighbours: neighboursOf(sides, nodes, nodeOf),
  };
}

/** The sets that each class is in, or may be in; every set that some rule mentions counts. */
function membersOf(sides: Sides): number[][] {
  const members = Array.from({ length: sides.count }, (): number[] => []);
  for (const set of mentionedSets(sides)) {
    for (const place of set.sure) members[place]?.push(set.id * 2);
    for (const place of set.maybe) members[place]?.push(set.id * 2 + 1);
  }
  return members;
}

function mentionedSets(sides: Sides): PeerSet[] {
  const seen = new Set<Side>();
  const sets = new Map<number, PeerSet>();
  for (let place = 0; place < sides.count; place += 1) {
    for (const side of [sides.source(place), sides.destination(place)]) {
      if (seen.has(side)) continue;
      seen.add(side);
      for (const set of [...side.mentions, ...side.here]) sets.set(set.id, set);
    }
  }
  return [...sets.values()].sort((a, b) => a.id - b.id);
}

/** Pairs of nodes of which one names the other. */
function specialOf(nodes: readonly Node[], nodeOf: readonly number[]): number[][] {
  const inSet = new Map<number, readonly number[]>();
  const nodesIn = (set: PeerSet): readonly number[] =>
    remember(inSet, set.id, () => [
      ...new Set([...set.sure, ...set.maybe].map((place) => nodeOf[place] ?? -1)),
    ]);
  const special = nodes.map((): Set<number> => new Set());
  for (const { id, source, destination } of nodes) {
    const own = special[id];
    for (const set of source.mentions) for (const to of nodesIn(set)) own?.add(to);
    for (const set of destination.mentions) for (const from of nodesIn(set)) special[from]?.add(id);
  }
  return special.map((destinations) => [...destinations].sort((a, b) => a - b));
}

/** Pairs of nodes that occur together in a namespace, where one names pods of its own namespace. */
function neighboursOf(
  sides: Sides,
  nodes: readonly Node[],
  nodeOf: readonly number[],
): ReadonlySet<number>[] {
  const neighbours = nodes.map((): Set<number> => new Set());
  const seen = new Set<string>();
  for (const together of nodesByNamespace(sides, nodeOf)) {
    const key = together.join(',');
    if (seen.has(key)) continue;
    seen.add(key);
    for (const from of together) {
      const relative = (nodes[from]?.source.here.length ?? 0) > 0;
      for (const to of together) {
        if (relative || (nodes[to]?.destination.here.length ?? 0) > 0) neighbours[from]?.add(to);
      }
    }
  }
  return neighbours;
}

function nodesByNamespace(sides: Sides, nodeOf: readonly number[]): number[][] {
  const found = new Map<number, Set<number>>();
  nodeOf.forEach((node, place) => {
    remember(found, sides.namespaceOf(place), () => new Set<number>()).add(node);
  });
  return [...found.values()].map((nodes) => [...nodes].sort((a, b) => a - b));
}
