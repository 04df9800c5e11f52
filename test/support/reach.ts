/**
 * Who reaches whom, as a list of lines: the full matrix of some ends and ports, judged by the naive
 * evaluator. A test states the lines that it expects; every pair that is missing there is denied.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowed } from '../naive/network-policy';
import type { Address, Labels, Pod, Protocol, World } from '../naive/world';

/** A pod or an address with the name by which lines call it. */
export interface Named {
  readonly name: string;
  readonly end: Pod | Address;
}

export type PortOfInterest = readonly [Protocol, number];

/** Everybody who is asked about: the pods that policies are written for, and everybody else. */
export interface Cast {
  readonly ours: readonly Named[];
  readonly others: readonly Named[];
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A fresh folder for what an app writes, removed after the tests of the file. */
export function outputFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ml-netpol-'));
  folders.push(folder);
  return folder;
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
export function address(name: string, ip: string): Named & { readonly end: Address } {
  return { name, end: { ip } };
}

/** Addresses that no workload should reach unless it is declared. */
export const OUTSIDE = {
  internet: address('internet', '203.0.113.7'),
  internet6: address('internet6', '2001:db8::7'),
  metadata: address('metadata', '169.254.169.254'),
  linkLocal: address('linkLocal', '169.254.7.7'),
  private: address('private', '192.168.7.7'),
  uniqueLocal: address('uniqueLocal', 'fd00::7'),
} as const;

/** Pods of kube-system: those that answer DNS, and another. */
export const KUBE_SYSTEM = {
  dns: pod('kube-system/dns', { 'k8s-app': 'kube-dns' }),
  other: pod('kube-system/other'),
} as const;

/**
 * A line `from -> to TCP 8080` for every port on which an end reaches another, `from -> to every
 * port` where it is all of them. An end that stands on both sides means two pods that are alike.
 */
export function reached(
  world: Omit<World, 'pods'>,
  [from, to]: readonly [readonly Named[], readonly Named[]],
  ports: readonly PortOfInterest[],
): string[] {
  const lines = from.flatMap((source) =>
    to.flatMap((target) => {
      const end = target === source ? replica(target.end) : target.end;
      const pods = [source.end, end].flatMap((one) => ('namespace' in one ? [one] : []));
      const open = ports.filter(([protocol, port]) =>
        allowed({ ...world, pods }, source.end, end, protocol, port),
      );
      const told = open.length === ports.length ? ['every port'] : open.map((one) => one.join(' '));
      return told.map((port) => `${source.name} -> ${target.name} ${port}`);
    }),
  );
  return lines.sort();
}

/** Every pair with one of ours at an end, in both directions. */
export function reachedBy(
  world: Omit<World, 'pods'>,
  { ours, others }: Cast,
  ports: readonly PortOfInterest[],
): string[] {
  const outgoing = reached(world, [ours, [...ours, ...others]], ports);
  return [...outgoing, ...reached(world, [others, ours], ports)].sort();
}

/** The lines that say so of every one of these pairs, for expectations. */
export function lines(from: readonly Named[], to: readonly Named[], ...ports: string[]): string[] {
  return from.flatMap((source) =>
    to.flatMap((target) => ports.map((port) => `${source.name} -> ${target.name} ${port}`)),
  );
}

function replica(end: Pod | Address): Pod | Address {
  return 'namespace' in end ? { ...end, name: `${end.name}-replica`, ip: '10.244.255.255' } : end;
}
