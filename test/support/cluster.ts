/** What did an app put into the cluster? Its YAML as text, read back for the naive evaluator. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { LoadedYaml } from '../naive/load-yaml';
import { loadYaml } from '../naive/load-yaml';
import { isolated } from '../naive/network-policy';
import type { World } from '../naive/world';
import { OUTSIDE, reached } from './reach';
import type { Named } from './reach';

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

/**
 * `from -> to TCP 8080` for whatever passes between pods of the namespace and these ends, among
 * which are always the internet, a private and a metadata address.
 */
export function reach(
  cluster: Cluster,
  namespace: string,
  ends: readonly Named[],
  ...ports: number[]
): string[] {
  const all = [...ends, ...Object.values(OUTSIDE)];
  const asked = ports.map((port) => ['TCP', port] as const);
  return reached(cluster, [all, all], asked).filter((line) => line.includes(`${namespace}/`));
}

/** `namespace/name: Ingress, Egress` for each of these pods that is isolated. */
export function isolation(cluster: Cluster, pods: readonly Named[]): string[] {
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
