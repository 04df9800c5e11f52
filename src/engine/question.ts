/**
 * One connection that somebody asks about, and the pods and addresses that it is about: a workload is
 * several where its pods differ, a block of addresses where policies tell parts of it apart.
 */
import type { Json } from '../read/resource';
import { Protocol } from '../values/port';
import type { Interval } from './addresses';
import { blockOf, cidrsOf, commonIntervals, textOf } from './addresses';
import type { MeshRequest } from './istio/decide';
import type { Token } from './istio/tokens';
import type { AddressEnd } from './network';
import { mentions } from './gate';
import type { HttpAnswer, ResultConnection } from './result';
import type { World } from './world';

export type QuestionEnd =
  | { readonly kind: 'workload'; readonly id: string }
  /** A block; a single address is one with its full length. */
  | { readonly kind: 'addresses'; readonly cidr: string };

/** A Service: the pods behind it, on the ports that its ports lead to. */
export interface ServiceEnd {
  readonly kind: 'service';
  readonly namespace: string;
  readonly name: string;
}

/** One connection, and one request on it where it is told. */
export interface Question {
  readonly from: QuestionEnd;
  readonly to: QuestionEnd | ServiceEnd;
  readonly protocol: ResultConnection['protocol'];
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** By name, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Claims of a token that the request carries, and that is valid. */
  readonly jwt?: Readonly<Record<string, unknown>>;
}

/** A class of pods, or addresses that every policy treats alike. */
export type Piece =
  { readonly place: number; readonly name: string } | (AddressEnd & { readonly name: string });

export function endName(end: QuestionEnd | ServiceEnd): string {
  if (end.kind === 'service') return `${end.namespace}/Service/${end.name}`;
  return end.kind === 'workload' ? end.id : end.cidr;
}

export function protocolOf({ protocol }: Pick<Question, 'protocol'>): Protocol {
  return Protocol[protocol];
}

/** The request, without its caller; undefined: every request is meant. */
export function requestOf({
  method,
  path,
  host,
  headers,
  jwt,
}: Question): Omit<MeshRequest, 'caller'> | undefined {
  const told = [method, path, host, headers, jwt].some((one) => one !== undefined);
  return told
    ? { method, path, host, headers, token: jwt === undefined ? undefined : tokenOf(jwt) }
    : undefined;
}

function tokenOf(claims: Readonly<Record<string, unknown>>): Token {
  const { iss, sub, aud } = claims;
  const audiences = (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string');
  return {
    issuer: typeof iss === 'string' ? iss : '',
    ...(typeof sub === 'string' ? { subject: sub } : {}),
    audiences,
    // what JSON.parse gives: the caller's word
    claims: claims as Readonly<Record<string, Json>>,
    valid: true,
  };
}

/** The request as an answer shows it. */
export function httpOf({ method, path, host, headers = {}, jwt }: Question): HttpAnswer {
  const carried = Object.entries(headers).map(([name, value]) => ({
    key: `request.headers[${name}]`,
    values: [value],
  }));
  const claims = Object.entries(jwt ?? {}).map(([name, value]) => ({
    key: `request.auth.claims[${name}]`,
    values: (Array.isArray(value) ? value : [value]).map((one) =>
      typeof one === 'string' ? one : JSON.stringify(one),
    ),
  }));
  const list = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
  return {
    ...{ methods: list(method), paths: list(path), notPaths: [], hosts: list(host) },
    when: [...carried, ...claims],
  };
}

const byId = new WeakMap<World, ReadonlyMap<string, readonly number[]>>();

/** Classes of a workload; empty: there is none of that id. */
export function placesOf(world: World, id: string): readonly number[] {
  let known = byId.get(world);
  if (known === undefined) {
    const found = new Map<string, number[]>();
    for (const { index, workload } of world.classes) {
      const places = found.get(workload.id);
      if (places === undefined) found.set(workload.id, [index]);
      else places.push(index);
    }
    byId.set(world, (known = found));
  }
  return known.get(id) ?? [];
}

/** An end taken apart; `others`: pods at the other one, whose policies are asked. */
export function piecesOf(world: World, end: QuestionEnd, others: readonly number[]): Piece[] {
  if (end.kind === 'workload') {
    const places = placesOf(world, end.id);
    return places.map((place) => ({ place, name: className(world, place, places) }));
  }
  const block = blockOf(end.cidr.includes('/') ? end.cidr : fullLength(end.cidr));
  if (block === undefined) return [];
  const cuts = cutsOf(world, others, block.family);
  return block.intervals.flatMap((whole) =>
    partsOf(whole, cuts).map((part) => ({
      family: block.family,
      value: part[0],
      name: cidrsOf(block.family, part)[0] ?? textOf(block.family, part[0]),
    })),
  );
}

function fullLength(address: string): string {
  return `${address}/${address.includes(':') ? '128' : '32'}`;
}

/** What tells a class from its workload's other ones. */
function className({ classes }: World, place: number, places: readonly number[]): string {
  const labels = classes[place]?.pods.labels ?? {};
  if (places.length === 1) return classes[place]?.workload.id ?? '';
  const own = Object.entries(labels).filter(([key, value]) =>
    places.some((one) => classes[one]?.pods.labels[key] !== value),
  );
  if (own.length === 0) return `pods number ${String(places.indexOf(place) + 1)}`;
  return own.map(([key, value]) => `${key}=${value}`).join(',');
}

/** Blocks that rules, nodes and the mesh tell apart. */
function cutsOf(world: World, places: readonly number[], family: 4 | 6): Interval[] {
  const { network, mesh } = world.reach;
  const { nodes, profile } = world.cluster;
  const found: Interval[] = [];
  const add = (text: string): void => {
    const block = blockOf(text.includes('/') ? text : fullLength(text));
    if (block?.family === family) found.push(...block.intervals);
  };
  for (const place of places) {
    for (const direction of ['ingress', 'egress'] as const) {
      const gate = network.gateOf(direction, { place });
      for (const { peers } of gate === undefined ? [] : mentions(gate)) {
        if (peers.kind === 'addresses' && peers.set.block.family === family) {
          found.push(...peers.set.block.intervals);
        }
      }
    }
    for (const { attribute, values, notValues } of mesh?.targets.byPlace[place]?.tests ?? []) {
      if (attribute === 'address') [...values, ...notValues].forEach(add);
    }
    world.classes[place]?.pods.nodeAddresses.forEach(add);
  }
  nodes.flatMap(({ addresses }) => addresses).forEach(add);
  (profile.nodeRanges ?? []).forEach(add);
  return found;
}

function partsOf([first, last]: Interval, cuts: readonly Interval[]): Interval[] {
  const starts = new Set<bigint>([first]);
  for (const [low, high] of commonIntervals(cuts, [[first, last]])) {
    starts.add(low);
    if (high < last) starts.add(high + 1n);
  }
  for (const [low, high] of cuts) {
    if (first < low && low <= last) starts.add(low);
    if (first <= high && high < last) starts.add(high + 1n);
  }
  const sorted = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map((low, index): Interval => {
    const next = sorted[index + 1];
    return [low, next === undefined ? last : next - 1n];
  });
}
