/**
 * `toReach`: every pair that the names mean certainly connects; `.not.toReach`: every pair certainly
 * does not. What hangs on a fact that no manifest shows is proof of neither.
 */
import type { Interval } from '../engine/addresses';
import { blockOf as addressesOf, mergeIntervals } from '../engine/addresses';
import type { EndFilter } from '../engine/reach-result';
import { connectionsOf } from '../engine/reach-result';
import type { ResultConnection } from '../engine/result';
import { knownText } from '../report/words';
import { refuse } from '../values/problem';
import { endsOf, namesOf } from './ends';
import { gatesText } from './gates-text';
import type { PolicyCluster } from './policy-cluster';
import type { RequestOnPort, Said, Traffic } from './traffic';
import { requestOf, said, trafficText } from './traffic';

/** What jest and vitest want of a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

interface Judged extends Said {
  readonly from: string;
  readonly to: string;
  readonly connections: readonly ResultConnection[];
}

export interface ReachQuestion {
  readonly from: string;
  readonly to: string;
  readonly on?: Traffic;
}

export function reaches(
  cluster: PolicyCluster,
  { from, to, on }: ReachQuestion,
  isNot: boolean,
): MatcherResult {
  const request = requestOf(on);
  const ends = {
    from: endsOf(cluster, 'toReach: from', from),
    to: endsOf(cluster, 'toReach: to', to),
  };
  if (ends.from.blocks.length > 0 && ends.to.blocks.length > 0) refuseAddresses(from, to);
  const pairs = judgedPairs(cluster, ends, request);
  const wanted = isNot ? 'DENIED' : 'ALLOWED';
  // pods of one workload need not reach each other for `a/*` to reach `a/*`, but must not either
  const meant = isNot || pairs.length === 1 ? pairs : pairs.filter((one) => one.from !== one.to);
  const against = meant.filter(({ word }) => word !== wanted);
  return {
    pass: isNot ? against.length > 0 : against.length === 0,
    message: () => {
      const asked = `${from} ${isNot ? 'not to reach' : 'to reach'} ${to}`;
      const title = `expected ${asked} on ${trafficText(request)}`;
      return [title, ...against.slice(0, SHOWN).map((one) => pairText(cluster, one, request))]
        .concat(against.length > SHOWN ? [`  and ${against.length - SHOWN} more pairs`] : [])
        .join('\n\n');
    },
  };
}

/** Pairs that a message explains. */
const SHOWN = 3;

function judgedPairs(
  { world }: PolicyCluster,
  ends: { readonly from: EndFilter; readonly to: EndFilter },
  request: RequestOnPort | undefined,
): Judged[] {
  const found = new Map<string, ResultConnection[]>();
  for (const connection of connectionsOf(world, ends)) {
    // addresses are answered in parts, where policies split them
    const from = ends.from.blocks[0] ?? connection.from;
    const to = ends.to.blocks[0] ?? connection.to;
    const key = `${from} ${to}`;
    found.set(key, [...(found.get(key) ?? []), connection]);
  }
  const [block] = [...ends.from.blocks, ...ends.to.blocks];
  return namesOf(ends.from).flatMap((from) =>
    namesOf(ends.to).map((to): Judged => {
      const connections = found.get(`${from} ${to}`) ?? [];
      const pair = { from, to, connections };
      if (block === undefined) return { ...pair, ...said(connections, request) };
      return { ...pair, ...saidOfBlock(block, connections, request) };
    }),
  );
}

/** ALLOWED where all addresses of the block are. */
function saidOfBlock(
  block: string,
  connections: readonly ResultConnection[],
  request: RequestOnPort | undefined,
): Said {
  const parts = new Map<string, ResultConnection[]>();
  for (const one of connections) {
    const part = one.from.includes('/') && addressesOf(one.from) !== undefined ? one.from : one.to;
    parts.set(part, [...(parts.get(part) ?? []), one]);
  }
  const answers = [...parts].map(([part, lines]) => ({ part, ...said(lines, request) }));
  const allowed = answers.filter(({ word }) => word === 'ALLOWED');
  // parts may hold each other, where another workload's policies split the block elsewhere
  const open = mergeIntervals(allowed.flatMap(({ part }) => intervalsOf(part)));
  if (sizeOf(open) === sizeOf(intervalsOf(block))) return { word: 'ALLOWED', facts: [] };
  const facts = [...new Set(answers.flatMap((one) => one.facts))];
  if (facts.length > 0) return { word: 'UNKNOWN', facts };
  return { word: answers.some(({ word }) => word !== 'DENIED') ? 'SOME' : 'DENIED', facts };
}

function intervalsOf(cidr: string): readonly Interval[] {
  return addressesOf(cidr)?.intervals ?? [];
}

function sizeOf(intervals: readonly Interval[]): bigint {
  return intervals.reduce((sum, [low, high]) => sum + high - low + 1n, 0n);
}

function pairText(
  { world }: PolicyCluster,
  { from, to, word, facts, connections }: Judged,
  request: RequestOnPort | undefined,
): string {
  const why = facts.length === 0 ? '' : `, it depends on ${facts.join(', ')}`;
  const known = connections.map((one) => {
    const parts = [one.from, one.to].filter((end) => end !== from && end !== to);
    return [...parts, knownText(one.protocol, one)].join(' ');
  });
  return [
    `  ${from} -> ${to}: ${WORDS[word]}${why}`,
    `    allowed between them: ${known.length === 0 ? 'nothing' : known.join('; ')}`,
    ...gatesText(world, { from, to }, request).map((line) => `    ${line}`),
  ].join('\n');
}

const WORDS = {
  ALLOWED: 'ALLOWED',
  SOME: 'ALLOWED in part',
  UNKNOWN: 'UNKNOWN',
  DENIED: 'DENIED',
} as const;

function refuseAddresses(from: string, to: string): never {
  return refuse({
    code: 'two-addresses',
    where: 'toReach',
    got: `${from} and ${to}`,
    expected: 'a workload at one end at least: policies select pods',
    fix: "expect(cluster).toReach('ml-training/bert', '203.0.113.7', 443)",
  });
}
