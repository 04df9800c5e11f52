/**
 * What a gate says of addresses that are no pod's: intervals of addresses that its rules treat alike.
 * Only the rules of the gate cut them, so that a cluster full of CIDRs costs each gate its own.
 */
import type { Family, Interval } from './addresses';
import { cidrsOf, everyAddress } from './addresses';
import type { ConnectionPool } from './connections';
import type { Gate } from './gate';
import { mentions, passing } from './gate';
import type { Verdict } from './verdict';

/** Addresses with one verdict. */
export interface AddressVerdict {
  readonly family: Family;
  readonly intervals: readonly Interval[];
  readonly verdict: Verdict;
}

/** All addresses of both families, by verdict, in the order of their first addresses. */
export function addressVerdicts(
  pool: ConnectionPool,
  gate: Gate | undefined,
): readonly AddressVerdict[] {
  const known = gate && said.get(gate);
  if (known !== undefined) return known;
  const verdicts = judged(pool, gate);
  if (gate !== undefined) said.set(gate, verdicts);
  return verdicts;
}

/** The fewest CIDRs that together are the addresses of a verdict. */
export function cidrsOfVerdict(verdict: AddressVerdict): readonly string[] {
  const known = blocks.get(verdict);
  if (known !== undefined) return known;
  const cidrs = verdict.intervals.flatMap((one) => cidrsOf(verdict.family, one));
  blocks.set(verdict, cidrs);
  return cidrs;
}

/** Many pods share a gate, and each of them is asked about; a gate never changes. */
const said = new WeakMap<Gate, readonly AddressVerdict[]>();
const blocks = new WeakMap<AddressVerdict, readonly string[]>();

function judged(pool: ConnectionPool, gate: Gate | undefined): AddressVerdict[] {
  return ([4, 6] as const).flatMap((family) => {
    const found = new Map<string, { intervals: Interval[]; verdict: Verdict }>();
    for (const interval of elementary(gate, family)) {
      const verdict = verdictOfAddress(pool, gate, { family, value: interval[0] });
      const key = `${String(verdict.sure)} ${String(verdict.unsure)} ${verdict.facts.join(' ')}`;
      const same = found.get(key);
      if (same === undefined) found.set(key, { intervals: [interval], verdict });
      else same.intervals.push(interval);
    }
    return [...found.values()].map(({ intervals, verdict }) => ({
      ...{ family, verdict, intervals: joined(intervals) },
    }));
  });
}

/** What a gate says of one address. */
export function verdictOfAddress(
  pool: ConnectionPool,
  gate: Gate | undefined,
  { family, value }: { readonly family: Family; readonly value: bigint },
): Verdict {
  if (gate === undefined) return { sure: 1, unsure: 0, facts: [] };
  return passing(pool, gate, ({ peers }) => {
    switch (peers.kind) {
      case 'everyone':
        return true;
      case 'names':
        return 'domain-names';
      case 'addresses':
        return (
          peers.set.block.family === family &&
          peers.set.block.intervals.some(([low, high]) => low <= value && value <= high)
        );
      case 'pods':
      case 'same-namespace':
        return false;
    }
  });
}

/** Intervals that no rule cuts. */
function elementary(gate: Gate | undefined, family: Family): Interval[] {
  const [first, last] = everyAddress(family);
  const starts = new Set<bigint>([first]);
  for (const { peers } of gate === undefined ? [] : mentions(gate)) {
    if (peers.kind !== 'addresses' || peers.set.block.family !== family) continue;
    for (const [low, high] of peers.set.block.intervals) {
      starts.add(low);
      if (high < last) starts.add(high + 1n);
    }
  }
  const sorted = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map((low, index): Interval => {
    const next = sorted[index + 1];
    return [low, next === undefined ? last : next - 1n];
  });
}

/** Neighbours as one; they come in order. */
function joined(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const [low, high] of intervals) {
    const last = result.at(-1);
    if (last !== undefined && last[1] + 1n === low) result[result.length - 1] = [last[0], high];
    else result.push([low, high]);
  }
  return result;
}
