/**
 * Who reaches whom, as a list of lines: the full matrix of some ends and ports, judged by the naive
 * evaluator. A test states the lines that it expects; every pair that is missing there is denied.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowed } from '../naive/network-policy';
import type { Address, Labels, Pod, Protocol, World } from '../naive/world';

/** A pod or an address with the name by which lines call it. */
export interface Named {
  readonly name: string;
  readonly end: Pod | Address;
}

/** A fresh folder for what an app writes. */
export function outputFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ml-netpol-'));
}

let lastAddress = 0;

/** A pod `namespace/name` with an address of its own in 10.244.0.0/16. */
export function pod(id: string, labels: Labels = {}): Named {
  const [namespace = '', name = ''] = id.split('/');
  lastAddress += 1;
  const ip = `10.244.${String(lastAddress >> 8)}.${String(lastAddress & 255)}`;
  return { name: id, end: { namespace, name, labels, ip } };
}

/** An address outside the cluster. */
export function address(name: string, ip: string): Named {
  return { name, end: { ip } };
}

/** Addresses that no workload should reach unless it is declared. */
export const OUTSIDE = {
  internet: address('internet', '203.0.113.7'),
  internet6: address('internet6', '2001:db8::7'),
  metadata: address('metadata', '169.254.169.254'),
  private: address('private', '192.168.7.7'),
} as const;

/** `from -> to TCP 8080` for every pair of different ends that reach each other on a port. */
export function reached(
  world: Omit<World, 'pods'>,
  [from, to]: readonly [readonly Named[], readonly Named[]],
  ports: readonly (readonly [Protocol, number])[],
): string[] {
  const pods = [...from, ...to].flatMap(({ end }) => ('namespace' in end ? [end] : []));
  const whole = { ...world, pods };
  return from
    .flatMap((source) =>
      to
        .filter((target) => target !== source)
        .flatMap((target) =>
          ports
            .filter(([protocol, port]) => allowed(whole, source.end, target.end, protocol, port))
            .map(
              ([protocol, port]) => `${source.name} -> ${target.name} ${protocol} ${String(port)}`,
            ),
        ),
    )
    .sort();
}
