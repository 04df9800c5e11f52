/**
 * What one end may send to another one over all layers: connections that pass whatever is in them,
 * TCP ports on which some requests pass, and what hangs on facts that no manifest shows.
 */
import type { PortRange } from '../values/port-ranges';
import { mergeRanges, rangesWithout } from '../values/port-ranges';
import { Protocol } from '../values/port';
import type { ConnectionPool, ConnectionsId } from './connections';
import { NONE } from './connections';
import { isEmptyRequests, isEveryRequest } from './http/requests';
import { describeRequests } from './http/request-text';
import type { RequestSet } from './http/requests';
import type { AllowedRequests } from './istio/combine';
import type { Verdict } from './verdict';

export interface PairVerdict {
  /** Every request passes. */
  readonly sure: ConnectionsId;
  /** TCP ports on which some requests pass; apart from each other and from `sure`. */
  readonly limited: readonly LimitedPorts[];
  readonly unknown: readonly UnknownConnections[];
}

export interface LimitedPorts {
  readonly ports: readonly PortRange[];
  readonly requests: RequestSet;
}

export interface UnknownConnections {
  readonly connections: ConnectionsId;
  /** Sorted, distinct. */
  readonly facts: readonly string[];
}

export const NOTHING: PairVerdict = { sure: NONE, limited: [], unknown: [] };

/** Without a mesh in between. */
export function ofNetwork({ sure, unsure, facts }: Verdict): PairVerdict {
  if (sure === NONE && unsure === NONE) return NOTHING;
  const { limited, unknown } = NOTHING;
  return { sure, limited, unknown: unsure === NONE ? unknown : [{ connections: unsure, facts }] };
}

export function isNothing({ sure, limited, unknown }: PairVerdict): boolean {
  return sure === NONE && limited.length === 0 && unknown.length === 0;
}

/** What passes on a range of TCP ports. */
export interface TcpPart {
  readonly range: PortRange;
  readonly answer: AllowedRequests;
}

/** UDP and SCTP as the network has them, and TCP part by part. */
export function assembled(
  pool: ConnectionPool,
  others: Verdict,
  parts: readonly TcpPart[],
): PairVerdict {
  const open: PortRange[] = [];
  const limited = new Map<string, { ports: PortRange[]; requests: RequestSet }>();
  const unknown = new Map<string, PortRange[]>();
  for (const { range, answer } of parts) {
    const { allowed, possible, missing } = answer;
    if (isEveryRequest(allowed)) open.push(range);
    else if (!isEmptyRequests(allowed)) {
      const key = describeRequests(allowed);
      const same = limited.get(key);
      if (same === undefined) limited.set(key, { ports: [range], requests: allowed });
      else same.ports.push(range);
    }
    if (missing.length === 0 || isEmptyRequests(possible)) continue;
    const facts = [...new Set(missing.map(({ fact }) => fact))].sort().join(' ');
    const same = unknown.get(facts);
    if (same === undefined) unknown.set(facts, [range]);
    else same.push(range);
  }
  const tcp = pool.idOfPorts(Protocol.TCP, open);
  const unsure = [...unknown].map(([facts, ranges]) => ({
    connections: pool.idOfPorts(Protocol.TCP, ranges),
    facts: facts.split(' '),
  }));
  if (others.unsure !== NONE) unsure.push({ connections: others.unsure, facts: [...others.facts] });
  return {
    sure: pool.union(tcp, others.sure),
    limited: [...limited.values()].map(({ ports, requests }) => ({
      ports: mergeRanges(ports),
      requests,
    })),
    unknown: unsure,
  };
}

/** What either of two pairs allows: pods of one workload that policies tell apart. */
export function merged(pool: ConnectionPool, a: PairVerdict, b: PairVerdict): PairVerdict {
  const sure = pool.union(a.sure, b.sure);
  const limited = [...a.limited, ...b.limited].flatMap(({ ports, requests }): LimitedPorts[] => {
    const left = rangesWithout(ports, pool.rangesOf(sure, Protocol.TCP));
    return left.length === 0 ? [] : [{ ports: left, requests }];
  });
  const unknown = [...a.unknown, ...b.unknown].flatMap(({ connections, facts }) => {
    const left = pool.without(connections, sure);
    return left === NONE ? [] : [{ connections: left, facts }];
  });
  const distinct = new Map(
    limited.map((one) => [`${one.ports.join(';')} ${describeRequests(one.requests)}`, one]),
  );
  return { sure, limited: [...distinct.values()], unknown };
}
