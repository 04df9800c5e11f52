/**
 * Ports as ranges of numbers: what one list holds beyond another. Ports that are known by name only
 * have no number and are in no range.
 */
import type { PortData } from './port';
import { normalizePorts, Protocol } from './port';

/** First and last number, both inclusive. */
export type PortRange = readonly [low: number, high: number];

const LOWEST = 1;
const HIGHEST = 65535;

/** Every port of a protocol. */
export const ALL_PORTS: readonly PortRange[] = [[LOWEST, HIGHEST]];

/** The numbers that a list opens for a protocol: sorted, apart from each other. */
export function rangesOf(ports: readonly PortData[], protocol: Protocol): PortRange[] {
  return mergeRanges(
    ports
      .filter((port) => port.protocol === undefined || port.protocol === protocol)
      .flatMap(({ port, endPort = port, name }): PortRange[] => {
        if (port !== undefined && endPort !== undefined) return [[port, endPort]];
        return name === undefined ? [[LOWEST, HIGHEST]] : [];
      }),
  );
}

/** The same numbers, sorted, in as few ranges as possible. */
export function mergeRanges(ranges: readonly PortRange[]): PortRange[] {
  const merged: PortRange[] = [];
  for (const [low, high] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last === undefined || low > last[1] + 1) merged.push([low, high]);
    else merged[merged.length - 1] = [last[0], Math.max(last[1], high)];
  }
  return merged;
}

/** Numbers of the first list that are not in the second. */
export function rangesWithout(
  ranges: readonly PortRange[],
  others: readonly PortRange[],
): PortRange[] {
  return others.reduce<PortRange[]>(
    (left, [from, to]) =>
      left.flatMap(([low, high]): PortRange[] =>
        [[low, Math.min(high, from - 1)] as const, [Math.max(low, to + 1), high] as const].filter(
          ([first, last]) => first <= last,
        ),
      ),
    mergeRanges(ranges),
  );
}

/** Numbers of both lists. */
export function commonRanges(a: readonly PortRange[], b: readonly PortRange[]): PortRange[] {
  return rangesWithout(a, rangesWithout(ALL_PORTS, b));
}

/** How many numbers there are. */
export function countPorts(ranges: readonly PortRange[]): number {
  return mergeRanges(ranges).reduce((sum, [low, high]) => sum + high - low + 1, 0);
}

/** Every number, one by one. */
export function numbersOf(ranges: readonly PortRange[]): number[] {
  return mergeRanges(ranges).flatMap(([low, high]) =>
    Array.from({ length: high - low + 1 }, (_, index) => low + index),
  );
}

/** Whether a number is in one of the ranges. */
export function holdsPort(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(([low, high]) => low <= port && port <= high);
}

/** Ports of the first list that are not in the second, protocol by protocol; those left whole stay as they are. */
export function portsWithout(ports: readonly PortData[], others: readonly PortData[]): PortData[] {
  return normalizePorts(ports.flatMap((port) => portWithout(port, others)));
}

function portWithout(port: PortData, others: readonly PortData[]): PortData[] {
  if (port.port === undefined && port.name !== undefined) {
    const { protocol, name } = port;
    const taken = others.some((other) => holdsName(other, { protocol, name }));
    return taken ? [] : [port];
  }
  const protocols = port.protocol === undefined ? Object.values(Protocol) : [port.protocol];
  const left = protocols.map((protocol) => {
    const own = rangesOf([port], protocol);
    return { protocol, own, left: rangesWithout(own, rangesOf(others, protocol)) };
  });
  if (left.every((one) => countPorts(one.left) === countPorts(one.own))) return [port];
  const { purpose, appProtocol } = port;
  return left.flatMap((one) =>
    one.left.map(([low, high]): PortData => {
      if (low === LOWEST && high === HIGHEST) return { protocol: one.protocol, purpose };
      const single = { protocol: one.protocol, port: low, purpose, appProtocol };
      return low === high ? single : { ...single, endPort: high };
    }),
  );
}

function holdsName(
  other: PortData,
  { protocol, name }: Pick<PortData, 'protocol' | 'name'>,
): boolean {
  if (other.protocol !== undefined && other.protocol !== protocol) return false;
  return other.port === undefined && (other.name === undefined || other.name === name);
}
