/**
 * Ports as AuthorizationPolicies list them: one by one, since Istio knows no ranges.
 */
import type { PortRange } from '../../values/port-ranges';
import {
  ALL_PORTS,
  countPorts,
  numbersOf,
  rangesOf,
  rangesWithout,
} from '../../values/port-ranges';
import type { PortData } from '../../values/port';
import { Protocol } from '../../values/port';

/** As many ports are listed; of more, NetworkPolicy alone holds which. */
export const LISTED_PORTS = 256;

/** The ports of an operation, and what these fields admit. */
export interface WrittenPorts {
  readonly fields: { readonly ports?: readonly string[]; readonly notPorts?: readonly string[] };
  readonly admitted: readonly PortRange[];
}

/** The shortest list that says it; none where neither the ports nor the others can be listed. */
export function writtenPorts(ranges: readonly PortRange[]): WrittenPorts {
  if (countPorts(ranges) <= LISTED_PORTS) {
    return { fields: { ports: numbersOf(ranges).map(String) }, admitted: ranges };
  }
  const others = rangesWithout(ALL_PORTS, ranges);
  const count = countPorts(others);
  if (count > 0 && count <= LISTED_PORTS) {
    return { fields: { notPorts: numbersOf(others).map(String) }, admitted: ranges };
  }
  return { fields: {}, admitted: ALL_PORTS };
}

/** Whether an operation would admit more ports than these. */
export function isWidened(ranges: readonly PortRange[]): boolean {
  return countPorts(writtenPorts(ranges).admitted) > countPorts(ranges);
}

/** Single TCP ports of a list; none where it holds more than can be listed. */
export function listedPorts(ports: readonly PortData[]): number[] {
  const ranges = rangesOf(ports, Protocol.TCP);
  return countPorts(ranges) > LISTED_PORTS ? [] : numbersOf(ranges);
}
