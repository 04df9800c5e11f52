/**
 * Ports on which YAML and declaration each say one thing, and what was declared of the requests there.
 */
import type { ConnectionsId } from '../engine/connections';
import {
  ALL_REQUESTS,
  intersectRequests,
  NO_REQUESTS,
  unionRequests,
} from '../engine/http/requests';
import { describeRequests } from '../engine/http/request-text';
import type { RequestSet } from '../engine/http/requests';
import type { PairVerdict } from '../engine/pair';
import type { World } from '../engine/world';
import { Protocol } from '../values/port';
import type { PortRange } from '../values/port-ranges';
import type { Stated } from './declared';

export interface Part {
  readonly protocol: Protocol;
  readonly range: PortRange;
  readonly allowed: RequestSet;
  readonly possible: RequestSet;
}

/** Ranges of ports on which verdict and declaration each say one thing. */
export function partsOf(world: World, verdict: PairVerdict, stated: readonly Stated[]): Part[] {
  const { pool } = world.reach;
  return [Protocol.TCP, Protocol.UDP, Protocol.SCTP].flatMap((protocol) => {
    const limited = protocol === Protocol.TCP ? verdict.limited : [];
    const ids: ConnectionsId[] = [
      verdict.sure,
      ...verdict.unknown.map(({ connections }) => connections),
      ...stated.map(({ connections }) => connections),
    ];
    const ranges = [
      ...ids.map((id) => pool.rangesOf(id, protocol)),
      ...limited.map(({ ports }) => ports),
    ];
    return elementary(ranges.flat()).map((range): Part => {
      const [port] = range;
      const requests = limited.find(({ ports }) =>
        ports.some(([low, high]) => low <= port && port <= high),
      );
      const sure = pool.has(verdict.sure, protocol, port);
      const unknown = verdict.unknown.some(({ connections }) =>
        pool.has(connections, protocol, port),
      );
      const allowed = sure ? ALL_REQUESTS : (requests?.requests ?? NO_REQUESTS);
      return { protocol, range, allowed, possible: unknown ? ALL_REQUESTS : allowed };
    });
  });
}

function elementary(ranges: readonly PortRange[]): PortRange[] {
  const starts = [...new Set(ranges.flatMap(([low, high]) => [low, high + 1]))].sort(
    (a, b) => a - b,
  );
  return starts.flatMap((low, index): PortRange[] => {
    const next = starts[index + 1];
    if (next === undefined || !ranges.some(([from, to]) => from <= low && low <= to)) return [];
    return [[low, next - 1]];
  });
}

export function withRequests(text: string, requests: RequestSet): string {
  const what = describeRequests(requests);
  return what === '' ? text : `${text} ${what}`;
}

/** Statements about a part. */
export function covering(
  { reach: { pool } }: World,
  stated: readonly Stated[],
  { protocol, range }: Part,
): Stated[] {
  return stated.filter(({ connections }) => pool.has(connections, protocol, range[0]));
}

/** What statements about a part mean together, where a proxy holds limits; `tokens`: what it asks of all. */
export function requestsMeant(
  stated: readonly Pick<Stated, 'requests' | 'meant'>[],
  tokens: RequestSet | undefined,
): RequestSet {
  const all = stated.reduce<RequestSet>(
    // whoever only may be meant carries the labels of one and the account of another
    (sum, { requests, meant }) => unionRequests(sum, meant === 'yes' ? requests : ALL_REQUESTS),
    NO_REQUESTS,
  );
  return tokens === undefined ? all : intersectRequests(all, tokens);
}
