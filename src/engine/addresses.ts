/**
 * Addresses as numbers, and blocks of them as intervals: which addresses a CIDR with exceptions holds.
 * IPv4 and IPv6 never meet: 0.0.0.0/0 does not cover ::/0 (networking/v1 types, IPBlock).
 */
import * as ipaddr from 'ipaddr.js';

export type Family = 4 | 6;

/** First and last address, both inclusive. */
export type Interval = readonly [low: bigint, high: bigint];

/** Addresses of one family: sorted intervals that do not touch. */
export interface Block {
  readonly family: Family;
  readonly intervals: readonly Interval[];
}

/** The addresses of a CIDR outside its exceptions; undefined where one is no CIDR. */
export function blockOf(cidr: string, except: readonly string[] = []): Block | undefined {
  const outer = parseCidr(cidr);
  const inner = except.map(parseCidr);
  if (outer === undefined) return undefined;
  const holes: Interval[] = [];
  for (const one of inner) {
    if (one === undefined) return undefined;
    if (one.family === outer.family) holes.push(one.interval);
  }
  return { family: outer.family, intervals: intervalsWithout([outer.interval], holes) };
}

/** All addresses of a family. */
export function everyAddress(family: Family): Interval {
  return [0n, (1n << BigInt(bitsOf(family))) - 1n];
}

/** An address as a number; undefined where the text is none. */
export function addressOf(text: string): { family: Family; value: bigint } | undefined {
  const plain = decimal(text);
  if (plain === undefined || !ipaddr.isValid(plain)) return undefined;
  const address = ipaddr.parse(plain);
  return { family: address.kind() === 'ipv4' ? 4 : 6, value: valueOf(address) };
}

export function holdsAddress(intervals: readonly Interval[], value: bigint): boolean {
  return intervals.some(([low, high]) => low <= value && value <= high);
}

/** Addresses of the first list that are in none of the second. */
export function intervalsWithout(
  intervals: readonly Interval[],
  others: readonly Interval[],
): Interval[] {
  return others.reduce<Interval[]>(
    (left, [from, to]) =>
      left.flatMap(([low, high]): Interval[] => {
        if (to < low || high < from) return [[low, high]];
        const parts: Interval[] = [
          [low, from - 1n],
          [to + 1n, high],
        ];
        return parts.filter(([first, last]) => first <= last);
      }),
    mergeIntervals(intervals),
  );
}

export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const [low, high] of [...intervals].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = merged.at(-1);
    if (last === undefined || low > last[1] + 1n) merged.push([low, high]);
    else merged[merged.length - 1] = [last[0], high > last[1] ? high : last[1]];
  }
  return merged;
}

/** Addresses of both lists. */
export function commonIntervals(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  return intervalsWithout(a, intervalsWithout(a, b));
}

/** The fewest CIDRs that together are an interval. */
export function cidrsOf(family: Family, [first, last]: Interval): string[] {
  const bits = bitsOf(family);
  const cidrs: string[] = [];
  for (let low = first; low <= last;) {
    let free = 0;
    while (free < bits) {
      const size = 1n << BigInt(free + 1);
      if (low % size !== 0n || low + size - 1n > last) break;
      free += 1;
    }
    cidrs.push(`${textOf(family, low)}/${String(bits - free)}`);
    low += 1n << BigInt(free);
  }
  return cidrs;
}

export function textOf(family: Family, value: bigint): string {
  const bytes = Array.from({ length: bitsOf(family) / 8 }, (_, index) =>
    Number((value >> BigInt(bitsOf(family) - 8 * (index + 1))) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

const parsed = new Map<string, { family: Family; interval: Interval } | undefined>();

function parseCidr(text: string): { family: Family; interval: Interval } | undefined {
  if (!parsed.has(text)) {
    // one entry per distinct CIDR that was ever read: bounded by what was read, but not for ever
    if (parsed.size > 100_000) parsed.clear();
    parsed.set(text, intervalOf(text));
  }
  return parsed.get(text);
}

function intervalOf(text: string): { family: Family; interval: Interval } | undefined {
  const plain = decimal(text);
  if (plain === undefined || !ipaddr.isValidCIDR(plain)) return undefined;
  const [address, prefix] = ipaddr.parseCIDR(plain);
  const family: Family = address.kind() === 'ipv4' ? 4 : 6;
  const size = 1n << BigInt(bitsOf(family) - prefix);
  const value = valueOf(address);
  const low = value - (value % size);
  return { family, interval: [low, low + size - 1n] };
}

/**
 * IPv4 in four decimal numbers: the API server takes 010 for ten, ipaddr.js for eight.
 * Source: kubernetes/utils:internal/third_party/forked/golang/net/parse.go
 */
function decimal(text: string): string | undefined {
  if (text.includes(':')) return text;
  if (!/^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(text)) return undefined;
  return text.replace(/(?<=^|\.)0+(?=\d)/g, '');
}

function valueOf(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
  return address.toByteArray().reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128;
}
