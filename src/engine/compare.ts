/** Whether an answer allows more or less than another one, port by port and request by request. */
import type { Protocol } from '../values/port';
import type { PortRange } from '../values/port-ranges';
import { holdsPort } from '../values/port-ranges';
import { answersOf } from './connection-words';
import { PROTOCOLS } from './connections';
import type { ConnectionPool } from './connections';
import { ALL_REQUESTS, containsRequests, NO_REQUESTS, unionRequests } from './http/requests';
import type { RequestSet } from './http/requests';
import type { PairVerdict } from './pair';
import type { DiffChange } from './result';

/** What one world says of two ends; several verdicts where their pods differ. */
export interface SaidBy {
  readonly pool: ConnectionPool;
  readonly verdicts: readonly PairVerdict[];
}

/** Objects that concern some workloads and are not what they were. */
export type Because = (...ids: readonly string[]) => DiffChange['because'];

/** The changes of one pair of ends. */
export function changesOf(
  ends: Pick<DiffChange, 'from' | 'to'>,
  was: SaidBy,
  now: SaidBy,
  because: () => DiffChange['because'],
): DiffChange[] {
  return PROTOCOLS.flatMap((protocol): DiffChange[] => {
    const change = changeOf(was, now, protocol);
    if (change === undefined) return [];
    const [before, after] = [known(was, protocol), known(now, protocol)];
    return [{ change, ...ends, protocol, was: before, now: after, because: because() }];
  });
}

function known({ pool, verdicts }: SaidBy, protocol: DiffChange['protocol']): DiffChange['was'] {
  const own = verdicts
    .flatMap((verdict) => answersOf(pool, verdict))
    .filter((one) => one.protocol === protocol);
  return {
    allow: distinct(own.flatMap(({ allow }) => allow)),
    unknown: distinct(own.flatMap(({ unknown }) => unknown)),
  };
}

function distinct<T>(list: readonly T[]): T[] {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}

/** Undefined: the same. UNKNOWN is more than denied, and less than allowed. */
function changeOf(was: SaidBy, now: SaidBy, protocol: Protocol): DiffChange['change'] | undefined {
  const starts = [...new Set([...startsOf(was, protocol), ...startsOf(now, protocol)])];
  let [more, less] = [false, false];
  for (const port of starts) {
    const [before, after] = [at(was, protocol, port), at(now, protocol, port)];
    if (before.text === after.text) continue;
    more ||= !containsRequests(before.allowed, after.allowed);
    less ||= !containsRequests(after.allowed, before.allowed);
    more ||= after.unknown && !before.unknown && !containsRequests(before.allowed, ALL_REQUESTS);
    less ||= before.unknown && !after.unknown && !containsRequests(after.allowed, ALL_REQUESTS);
  }
  if (more && less) return 'changed';
  return more ? 'widened' : less ? 'narrowed' : undefined;
}

/** First ports of ranges on which nothing changes. */
function startsOf({ pool, verdicts }: SaidBy, protocol: Protocol): number[] {
  const ranges = verdicts.flatMap(({ sure, limited, unknown }): PortRange[] => [
    ...pool.rangesOf(sure, protocol),
    ...limited.flatMap(({ ports }) => ports),
    ...unknown.flatMap(({ connections }) => pool.rangesOf(connections, protocol)),
  ]);
  return [1, ...ranges.flatMap(([low, high]) => (high < 65535 ? [low, high + 1] : [low]))];
}

interface AtPort {
  readonly allowed: RequestSet;
  readonly unknown: boolean;
  readonly text: string;
}

/** What some of the pods may send. */
function at({ pool, verdicts }: SaidBy, protocol: Protocol, port: number): AtPort {
  const isTcp = protocol === PROTOCOLS[0];
  const sets = verdicts.flatMap(({ sure, limited }): RequestSet[] => {
    if (pool.has(sure, protocol, port)) return [ALL_REQUESTS];
    if (!isTcp) return [];
    return limited.filter(({ ports }) => holdsPort(ports, port)).map(({ requests }) => requests);
  });
  const unknown = verdicts.some((one) =>
    one.unknown.some(({ connections }) => pool.has(connections, protocol, port)),
  );
  const allowed = sets.length === 0 ? NO_REQUESTS : unionRequests(...sets);
  return { allowed, unknown, text: JSON.stringify([allowed, unknown]) };
}
