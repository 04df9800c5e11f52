/**
 * Who gets which requests through to whom, as a list of lines: the full matrix of some ends, judged
 * by NetworkPolicy and, where there is one, by the mesh. A test states the lines that it expects;
 * everything that is missing there is denied.
 */
import type { AmbientWorld } from '../naive/istio-ambient';
import { ambientAllows } from '../naive/istio-ambient';
import { meshAllows } from '../naive/istio';
import type { MeshPod, MeshWorld, Token } from '../naive/istio-world';
import { allowed } from '../naive/network-policy';
import type { Address, Protocol, World } from '../naive/world';

/** Somebody with the name by which lines call it. */
export interface Somebody {
  readonly name: string;
  readonly end: MeshPod | Address;
  /** Whether it goes around its own proxy. */
  readonly plaintext?: boolean;
}

/** What is sent; lines call it by its name. */
export interface Ask {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly jwt?: Token;
}

/** A cluster with what was written for it, and how its mesh works. */
export type Judged =
  | { readonly mode: 'none'; readonly network: World }
  | { readonly mode: 'sidecar'; readonly network: World; readonly mesh: MeshWorld }
  | ({ readonly mode: 'ambient' } & AmbientWorld);

/** Whether NetworkPolicy and the mesh both let it through. */
export function arrives(judged: Judged, from: Somebody, to: Somebody, ask: Ask): boolean {
  const { protocol, port } = ask;
  const connects = allowed(judged.network, from.end, to.end, protocol, port);
  if (!isPod(to.end)) return connects;
  const request = { ...ask, from: from.end, to: to.end, plaintext: from.plaintext };
  switch (judged.mode) {
    case 'none':
      return connects;
    case 'sidecar':
      return connects && meshAllows(judged.mesh, request);
    case 'ambient':
      return ambientAllows(judged, request);
  }
}

/** A line `from -> to name` for each request that arrives; `every …` where it is all of a kind. */
export function arriving(
  judged: Judged,
  pairs: readonly (readonly [from: Somebody, to: Somebody])[],
  asksOf: (to: Somebody) => readonly Ask[],
): string[] {
  return pairs
    .flatMap(([from, to]) => {
      const asks = asksOf(to);
      const open = asks.filter((ask) => arrives(judged, from, to, ask));
      return told(asks, open).map((what) => `${from.name} -> ${to.name} ${what}`);
    })
    .sort();
}

function told(asks: readonly Ask[], open: readonly Ask[]): string[] {
  if (open.length === 0) return [];
  if (open.length === asks.length) return ['every port'];
  const tcp = asks.filter(({ protocol }) => protocol === 'TCP');
  const allTcp = tcp.every((ask) => open.includes(ask));
  const others = allTcp ? open.filter(({ protocol }) => protocol !== 'TCP') : open;
  return [...(allTcp ? ['every TCP port'] : []), ...others.map(({ name }) => name)];
}

function isPod(end: MeshPod | Address): end is MeshPod {
  return 'namespace' in end;
}
