/**
 * Which connections a rule's ports are. Names belong to the container ports of the destination: an
 * ingress rule is resolved for the pods that have it, an egress rule for each group of destinations
 * that means the same number by the name. An address has no names (NP-54, NP-55).
 */
import type { PodFacts } from '../read/cluster';
import type { Protocol } from '../values/port';
import type { PortRange } from '../values/port-ranges';
import type { ConnectionPool, ConnectionsId } from './connections';
import { EVERY, NONE } from './connections';
import type { Places, Pods } from './pods';
import { remember } from './pods';

/** A port of a rule; without protocol, the container port tells it. */
export interface RulePort {
  readonly protocol?: Protocol;
  readonly range?: readonly [low: number, high: number];
  readonly name?: string;
}

/** Connections by number, and the names that are left to be resolved. */
export interface RulePorts {
  readonly numbers: ConnectionsId;
  readonly names: readonly RulePort[];
}

export function rulePorts(pool: ConnectionPool, ports: readonly RulePort[] | undefined): RulePorts {
  if (ports === undefined) return { numbers: EVERY, names: [] };
  let numbers: ConnectionsId = NONE;
  for (const { protocol, range, name } of ports) {
    if (name !== undefined) continue;
    numbers = pool.union(numbers, pool.idOfRange(protocol, range ?? EVERY_PORT));
  }
  return { numbers, names: ports.filter(({ name }) => name !== undefined) };
}

const EVERY_PORT: PortRange = [1, 65535];

/** Ports of these pods that a name means; undefined: pods may have the name, nobody says. */
export function namedPort(
  pool: ConnectionPool,
  { name, protocol }: RulePort,
  pods: PodFacts,
): ConnectionsId | undefined {
  let found: ConnectionsId | undefined;
  for (const { name: own, port, protocol: by } of pods.ports) {
    if (own !== name || (protocol ?? by) !== by) continue;
    found = pool.union(found ?? NONE, pool.idOfRange(by, [port, port]));
  }
  return found ?? (pods.portsKnown ? NONE : undefined);
}

/** Destinations that mean the same connections by a name. */
export interface NamedGroup {
  readonly key: string;
  readonly connections: ConnectionsId;
  readonly places: Places;
  /** Whether the name is theirs for certain. */
  readonly sure: boolean;
}

/** Every pod that has a port of the name, or may have one. */
export function namedGroups(pool: ConnectionPool, pods: Pods, port: RulePort): NamedGroup[] {
  const groups = new Map<ConnectionsId | undefined, number[]>();
  for (const { index, pods: own } of pods.classes) {
    const connections = namedPort(pool, port, own);
    if (connections === NONE) continue;
    remember(groups, connections, (): number[] => []).push(index);
  }
  const name = `${port.name ?? ''} ${port.protocol ?? ''}`;
  return [...groups].map(([connections, places]) => ({
    key: `${name} ${String(connections)}`,
    connections: connections ?? pool.idOfPorts(port.protocol, [[1, 65535]]),
    places,
    sure: connections !== undefined,
  }));
}
