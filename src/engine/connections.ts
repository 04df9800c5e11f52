/**
 * Sets of connections to one pod: ports per protocol, as intervals.
 *
 * Equal sets have equal ids within one pool, and every operation on two ids is computed once: large
 * clusters use few distinct sets. Ports count from 1 to 65535, both ends inclusive.
 */
import { Protocol } from '../values/port';
import type { PortRange } from '../values/port-ranges';
import { ALL_PORTS, commonRanges, mergeRanges, rangesWithout } from '../values/port-ranges';

/** Protocols in the order of output. */
export const PROTOCOLS: readonly Protocol[] = [Protocol.TCP, Protocol.UDP, Protocol.SCTP];

/** Sorted, merged ranges of each protocol, in the order of PROTOCOLS. */
export type Connections = readonly (readonly PortRange[])[];

/** A set in a pool. */
export type ConnectionsId = number;

/** No connection. */
export const NONE: ConnectionsId = 0;
/** Every port of every protocol. */
export const EVERY: ConnectionsId = 1;

type Operation = 'union' | 'common' | 'without';

/** Hash-consed sets. */
export class ConnectionPool {
  private readonly sets: Connections[] = [];
  private readonly ids = new Map<string, ConnectionsId>();
  private readonly ranges = new Map<string, ConnectionsId>();
  private readonly results: Record<Operation, Map<number, ConnectionsId>> = {
    union: new Map(),
    common: new Map(),
    without: new Map(),
  };

  constructor() {
    this.idOf(PROTOCOLS.map(() => []));
    this.idOf(PROTOCOLS.map(() => ALL_PORTS));
  }

  /** The id of a set; ranges may come in any order. */
  idOf(connections: Connections): ConnectionsId {
    const merged = connections.map((ranges) => mergeRanges(ranges));
    const key = merged.map((ranges) => ranges.join(';')).join('|');
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.sets.length;
    this.sets.push(merged);
    this.ids.set(key, id);
    return id;
  }

  /** Ports of one protocol, or of all protocols. */
  idOfPorts(protocol: Protocol | undefined, ranges: readonly PortRange[]): ConnectionsId {
    return this.idOf(PROTOCOLS.map((one) => ((protocol ?? one) === one ? ranges : [])));
  }

  /** One range of ports of one protocol, or of all protocols: what nearly every rule says. */
  idOfRange(protocol: Protocol | undefined, [low, high]: PortRange): ConnectionsId {
    // no number: what a pod declares as its port may be any number
    const key = `${protocol ?? ''} ${String(low)} ${String(high)}`;
    const known = this.ranges.get(key);
    if (known !== undefined) return known;
    const id = this.idOfPorts(protocol, [[low, high]]);
    this.ranges.set(key, id);
    return id;
  }

  setOf(id: ConnectionsId): Connections {
    return this.sets[id] ?? [];
  }

  rangesOf(id: ConnectionsId, protocol: Protocol): readonly PortRange[] {
    return this.setOf(id)[PROTOCOLS.indexOf(protocol)] ?? [];
  }

  has(id: ConnectionsId, protocol: Protocol, port: number): boolean {
    return this.rangesOf(id, protocol).some(([low, high]) => low <= port && port <= high);
  }

  union(a: ConnectionsId, b: ConnectionsId): ConnectionsId {
    if (a === b || b === NONE || a === EVERY) return a;
    if (a === NONE || b === EVERY) return b;
    return this.once('union', Math.min(a, b), Math.max(a, b), (x, y) => mergeRanges([...x, ...y]));
  }

  common(a: ConnectionsId, b: ConnectionsId): ConnectionsId {
    if (a === b || a === NONE || b === EVERY) return a;
    if (b === NONE || a === EVERY) return b;
    return this.once('common', Math.min(a, b), Math.max(a, b), commonRanges);
  }

  /** The connections of `a` that are not in `b`. */
  without(a: ConnectionsId, b: ConnectionsId): ConnectionsId {
    if (a === b || a === NONE || b === EVERY) return NONE;
    if (b === NONE) return a;
    return this.once('without', a, b, rangesWithout);
  }

  private once(
    operation: Operation,
    a: ConnectionsId,
    b: ConnectionsId,
    compute: (x: readonly PortRange[], y: readonly PortRange[]) => PortRange[],
  ): ConnectionsId {
    // ids stay far below 2^26: their product is exact
    const key = a * 0x4000000 + b;
    const known = this.results[operation].get(key);
    if (known !== undefined) return known;
    const [x, y] = [this.setOf(a), this.setOf(b)];
    const result = this.idOf(PROTOCOLS.map((_, at) => compute(x[at] ?? [], y[at] ?? [])));
    this.results[operation].set(key, result);
    return result;
  }
}
