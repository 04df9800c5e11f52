/** What did an app put into the cluster? Its YAML as text, read back for the naive evaluator. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { LoadedYaml } from '../naive/load-yaml';
import { loadYaml } from '../naive/load-yaml';
import { allowed, isolated } from '../naive/network-policy';
import type { Endpoint, Labels, World } from '../naive/world';

/** A pod or an address, with the name by which a test calls it. */
export interface End {
  readonly name: string;
  readonly end: Endpoint;
}

let lastPod = 0;

/** A pod `namespace/name` with an address of its own. */
export function pod(id: string, labels: Labels = {}): End {
  const [namespace = '', name = ''] = id.split('/');
  lastPod += 1;
  return { name: id, end: { namespace, name, labels, ip: `10.244.0.${String(lastPod)}` } };
}

/** What is always asked about: nobody reaches it, or is reached by it, unless that is declared. */
export const OUTSIDE: readonly End[] = [
  { name: 'internet', end: { ip: '203.0.113.7' } },
  { name: 'internet6', end: { ip: '2001:db8::7' } },
  { name: 'private', end: { ip: '192.168.7.7' } },
  { name: 'metadata', end: { ip: '169.254.169.254' } },
];

/** The objects of the whole app that the construct stands in. */
export function clusterOf(construct: IConstruct): LoadedYaml {
  const folder = mkdtempSync(join(tmpdir(), 'ml-netpol-cluster-'));
  try {
    writeFileSync(join(folder, 'app.yaml'), App.of(construct).synthYaml());
    return loadYaml(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Namespaces and policies alone. */
export type Cluster = Omit<World, 'pods'>;

/** `from -> to TCP 8080` for whatever passes between pods of the namespace and these ends. */
export function reach(
  cluster: Cluster,
  namespace: string,
  ends: readonly End[],
  ...ports: number[]
): string[] {
  const world = { ...cluster, pods: [] };
  const all = [...ends, ...OUTSIDE];
  const lines = all.flatMap((from) =>
    all.flatMap((to) =>
      ports
        .filter((port) => from !== to && allowed(world, from.end, to.end, 'TCP', port))
        .map((port) => `${from.name} -> ${to.name} TCP ${String(port)}`),
    ),
  );
  return lines.filter((line) => line.includes(`${namespace}/`)).sort();
}

/** `namespace/name: Ingress, Egress` for each of these pods that is isolated. */
export function isolation(cluster: Cluster, pods: readonly End[]): string[] {
  return pods.flatMap(({ name, end }) => {
    if (!('namespace' in end)) return [];
    const world = { ...cluster, pods: [end] };
    const directions = (['Ingress', 'Egress'] as const).filter((one) => isolated(world, end, one));
    return directions.length === 0 ? [] : [`${name}: ${directions.join(', ')}`];
  });
}

/** The same text for the same items in every order: `build` gets each order in turn. */
export function inEveryOrder<T>(items: readonly T[], build: (order: readonly T[]) => string): void {
  const [first, ...others] = permutations(items).map(build);
  for (const other of others) expect(other).toBe(first);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) =>
    permutations(items.filter((_, index) => index !== at)).map((rest) => [item, ...rest]),
  );
}

/** The documents of an app's YAML, sorted: a stock App writes them in the order of the tree. */
export function sortedYaml(construct: IConstruct): string {
  return App.of(construct).synthYaml().split('---\n').sort().join('---\n');
}
