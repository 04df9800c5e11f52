/**
 * Who can reach whom, as the contract has it (result.ts): workload by workload, with the addresses that
 * policies tell apart. Connections are made while they are listed; nobody holds a million of them.
 */
import { blockOf, cidrsOf, commonIntervals } from './addresses';
import type { ConnectionAnswer } from './connection-words';
import { answersOf } from './connection-words';
import type { Direction } from './compilation';
import { addressVerdicts, cidrsOfVerdict } from './external';
import type { PairVerdict } from './pair';
import { isNothing, merged, ofNetwork } from './pair';
import { compareText, remember } from './pods';
import type { ResultConnection, ResultWorkload } from './result';
import { isStranger } from './strangers';
import type { World } from './world';

/** Ends that are asked about; absent: all of them. */
export interface ReachFilter {
  readonly from?: EndFilter;
  readonly to?: EndFilter;
}

export interface EndFilter {
  readonly workloads: ReadonlySet<string>;
  readonly blocks: readonly string[];
}

/** Workloads that the input shows, sorted by id. */
export function shownWorkloads(world: World): ResultWorkload[] {
  const places = placesByWorkload(world);
  return world.cluster.workloads
    .filter((one) => !isStranger(one))
    .map(({ id, namespace, kind, name }) => ({
      ...{ id, namespace, kind, name },
      isolated: (['ingress', 'egress'] as const).filter((direction) =>
        (places.get(id) ?? []).every((place) => world.isIsolated(place, direction)),
      ),
    }))
    .sort((a, b) => compareText(a.id, b.id));
}

/** One connection per pair and protocol, by `from`, `to` and protocol. */
export function* connectionsOf(
  world: World,
  { from, to }: ReachFilter = {},
): Generator<ResultConnection> {
  const places = placesByWorkload(world);
  const ids = [...places.keys()].sort(compareText);
  const outside = from === undefined || from.blocks.length > 0;
  const inside = (id: string): boolean => from === undefined || from.workloads.has(id);
  const ends = [
    ...ids.filter(inside).map((id) => ({ id, addresses: false })),
    ...(outside ? addressSources(world, from?.blocks).map((id) => ({ id, addresses: true })) : []),
  ].sort((a, b) => compareText(a.id, b.id));
  for (const { id, addresses } of ends) {
    const found = addresses
      ? fromAddresses(world, id, places)
      : fromWorkload(world, id, { places, to });
    const wanted = addresses ? found.filter((one) => isWanted(one.to, to)) : found;
    yield* wanted.sort((a, b) => compareText(a.to, b.to) || compareText(a.protocol, b.protocol));
  }
}

function isWanted(id: string, filter: EndFilter | undefined): boolean {
  return filter === undefined || filter.workloads.has(id);
}

function fromWorkload(
  world: World,
  id: string,
  {
    places,
    to,
  }: {
    readonly places: ReadonlyMap<string, readonly number[]>;
    readonly to?: EndFilter | undefined;
  },
): ResultConnection[] {
  const own = places.get(id) ?? [];
  const byTarget = new Map<string, PairVerdict>();
  for (const pair of own.flatMap((place) => [...world.reach.pairsFrom(place)])) {
    const { workload } = world.classes[pair.to] ?? {};
    if (workload === undefined || isStranger(workload) || !isWanted(workload.id, to)) continue;
    const known = byTarget.get(workload.id);
    byTarget.set(
      workload.id,
      known === undefined ? pair.verdict : merged(world.reach.pool, known, pair.verdict),
    );
  }
  const ofPods = [...byTarget].flatMap(([target, verdict]) => lines(world, id, target, verdict));
  if (to !== undefined && to.blocks.length === 0) return ofPods;
  return [...ofPods, ...toAddresses(world, id, own, to?.blocks)];
}

function toAddresses(
  world: World,
  id: string,
  own: readonly number[],
  blocks: readonly string[] | undefined,
): ResultConnection[] {
  return own
    .slice(0, 1)
    .flatMap((place) =>
      atAddresses(world, place, 'egress', blocks).flatMap(({ cidr, verdict }) =>
        lines(world, id, cidr, verdict),
      ),
    );
}

/** What some addresses may send to each workload. */
function fromAddresses(
  world: World,
  cidr: string,
  places: ReadonlyMap<string, readonly number[]>,
): ResultConnection[] {
  return [...places].flatMap(([id, [place]]) => {
    if (place === undefined) return [];
    return atAddresses(world, place, 'ingress', [cidr])
      .filter((one) => one.cidr === cidr)
      .flatMap(({ verdict }) => lines(world, cidr, id, verdict));
  });
}

/** Blocks that policies for ingress tell apart anywhere, split where they split them. */
function addressSources(world: World, blocks: readonly string[] | undefined): string[] {
  const found = new Set<string>();
  const seen = new Set<number>();
  for (const { index, workload } of world.classes) {
    const gate = world.reach.network.gateOf('ingress', { place: index });
    if (isStranger(workload) || gate === undefined || seen.has(gate.id)) continue;
    seen.add(gate.id);
    for (const { cidr } of atAddresses(world, index, 'ingress', blocks)) found.add(cidr);
  }
  return [...found];
}

interface AtAddresses {
  readonly cidr: string;
  readonly verdict: PairVerdict;
}

/** What a class allows to or from addresses, as few blocks as that takes. */
function atAddresses(
  world: World,
  place: number,
  direction: Direction,
  blocks: readonly string[] | undefined,
): AtAddresses[] {
  const { pool, network, mesh } = world.reach;
  const asked = blocks?.flatMap((cidr) => blockOf(cidr) ?? []);
  return addressVerdicts(pool, network.gateOf(direction, { place })).flatMap((one) => {
    const { family, intervals, verdict } = one;
    const said =
      direction === 'egress'
        ? ofNetwork(verdict)
        : (mesh?.fromAddress(verdict, place) ?? ofNetwork(verdict));
    if (isNothing(said)) return [];
    const cidrs =
      asked === undefined
        ? cidrsOfVerdict(one)
        : asked
            .filter((block) => block.family === family)
            .flatMap((block) => commonIntervals(intervals, block.intervals))
            .flatMap((interval) => cidrsOf(family, interval));
    return cidrs.map((cidr) => ({ cidr, verdict: said }));
  });
}

function lines(world: World, from: string, to: string, verdict: PairVerdict): ResultConnection[] {
  return answersOf(world.reach.pool, verdict).map((answer: ConnectionAnswer) => ({
    from,
    to,
    ...answer,
  }));
}

function placesByWorkload(world: World): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const { index, workload } of world.classes) {
    if (!isStranger(workload)) remember(places, workload.id, (): number[] => []).push(index);
  }
  return places;
}
