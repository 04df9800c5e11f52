/**
 * Which pairs of pods can differ from the rest? Classes that every rule treats alike are one node, and
 * a pair of nodes is special only where a rule of one names the other; all other pairs follow from
 * what each side says of pods that it does not name. So the cost follows the rules, not pods × pods.
 */
import type { PeerSet } from './peer-sets';
import { ascending, remember } from './pods';

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
  readonly neighbours: readonly (readonly number[])[];
}

export function quotientOf(sides: Sides): Quotient {
  const kinds = kindsOf(sides);
  const byKind = new Map<number, { places: number[]; source: Side; destination: Side }>();
  kinds.forEach((kind, place) => {
    const [source, destination] = [sides.source(place), sides.destination(place)];
    remember(byKind, kind, () => ({ places: [], source, destination })).places.push(place);
  });
  const nodes = [...byKind.values()].map((node, id): Node => ({ id, ...node }));
  const nodeOf = kinds.map(() => -1);
  for (const { id, places } of nodes) for (const place of places) nodeOf[place] = id;
  return {
    nodes,
    nodeOf,
    special: specialOf(nodes, nodeOf),
    neighbours: neighboursOf(sides, nodes, nodeOf),
  };
}

/**
 * Numbers that are equal for classes that every rule treats alike: those with the same rules, split by
 * every set that some rule mentions into those in it, those that may be, and the others. A set costs
 * what it holds.
 */
function kindsOf(sides: Sides): number[] {
  const known = new Map<string, number>();
  const kinds = Array.from({ length: sides.count }, (_, place) => {
    const ids = `${String(sides.source(place).id)} ${String(sides.destination(place).id)}`;
    return remember(known, `${ids} ${sides.kindOf(place)}`, () => known.size);
  });
  let next = known.size;
  for (const { sure, maybe } of mentionedSets(sides)) {
    for (const places of [sure, maybe]) {
      const split = new Map<number, number>();
      for (const place of places) {
        kinds[place] = remember(split, kinds[place] ?? -1, () => next + split.size);
      }
      next += split.size;
    }
  }
  return kinds;
}

function mentionedSets(sides: Sides): ReadonlySet<PeerSet> {
  const seen = new Set<Side>();
  const sets = new Set<PeerSet>();
  for (let place = 0; place < sides.count; place += 1) {
    for (const side of [sides.source(place), sides.destination(place)]) {
      if (seen.has(side)) continue;
      seen.add(side);
      for (const set of side.mentions) sets.add(set);
      for (const set of side.here) sets.add(set);
    }
  }
  return sets;
}

/** Pairs of nodes of which one names the other. */
function specialOf(
  nodes: readonly Node[],
  nodeOf: readonly number[],
): readonly (readonly number[])[] {
  const inSet = new Map<number, readonly number[]>();
  const nodesIn = (set: PeerSet): readonly number[] =>
    remember(inSet, set.id, () =>
      ascending([...set.sure, ...set.maybe].map((place) => nodeOf[place] ?? -1)),
    );
  const special = nodes.map((): number[] => []);
  for (const { id, source, destination } of nodes) {
    for (const set of source.mentions) for (const to of nodesIn(set)) special[id]?.push(to);
    for (const set of destination.mentions) {
      for (const from of nodesIn(set)) special[from]?.push(id);
    }
  }
  return special.map(ascending);
}

/** Pairs of nodes that occur together in a namespace, where one names pods of its own namespace. */
function neighboursOf(
  sides: Sides,
  nodes: readonly Node[],
  nodeOf: readonly number[],
): readonly (readonly number[])[] {
  const neighbours = nodes.map((): number[] => []);
  const seen = new Set<string>();
  for (const together of nodesByNamespace(sides, nodeOf)) {
    const key = together.join(',');
    if (seen.has(key)) continue;
    seen.add(key);
    for (const from of together) {
      const relative = (nodes[from]?.source.here.length ?? 0) > 0;
      for (const to of together) {
        if (relative || (nodes[to]?.destination.here.length ?? 0) > 0) neighbours[from]?.push(to);
      }
    }
  }
  return neighbours.map(ascending);
}

function nodesByNamespace(sides: Sides, nodeOf: readonly number[]): readonly (readonly number[])[] {
  const found = new Map<number, number[]>();
  nodeOf.forEach((node, place) => {
    remember(found, sides.namespaceOf(place), (): number[] => []).push(node);
  });
  return [...found.values()].map(ascending);
}
