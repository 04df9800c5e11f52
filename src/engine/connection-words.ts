/** What is known of a pair as the contract has it (result.ts): by protocol, ports merged and sorted. */
import { mergeRanges } from '../values/port-ranges';
import { Protocol } from '../values/port';
import type { ConnectionPool } from './connections';
import { PROTOCOLS } from './connections';
import { requestsToJson } from './http/request-text';
import type { PairVerdict } from './pair';
import type { AllowedPorts, PortSpan, ResultConnection, UnknownPorts } from './result';

export type ConnectionAnswer = Pick<ResultConnection, 'protocol' | 'allow' | 'unknown'>;

/** Nothing of a protocol: no entry. */
export function answersOf(
  pool: ConnectionPool,
  { sure, limited, unknown }: PairVerdict,
): ConnectionAnswer[] {
  return PROTOCOLS.flatMap((protocol): ConnectionAnswer[] => {
    const allow: AllowedPorts[] = [];
    const open = pool.rangesOf(sure, protocol);
    if (open.length > 0) allow.push({ ports: open });
    if (protocol === Protocol.TCP) {
      for (const { ports, requests } of limited) {
        allow.push({ ports: mergeRanges(ports), http: requestsToJson(requests) });
      }
    }
    const facts = new Map<string, PortSpan[]>();
    for (const one of unknown) {
      const ports = pool.rangesOf(one.connections, protocol);
      const fact = one.facts.join(', ');
      if (ports.length > 0) facts.set(fact, [...(facts.get(fact) ?? []), ...ports]);
    }
    const missing = [...facts].map(([fact, ports]): UnknownPorts => ({
      ports: mergeRanges(ports),
      fact,
    }));
    if (allow.length === 0 && missing.length === 0) return [];
    return [{ protocol, allow: allow.sort(byPorts), unknown: missing.sort(byPorts) }];
  });
}

interface WithPorts {
  readonly ports: readonly PortSpan[];
}

/** First ports first; of the same ports, whatever is written first. */
function byPorts(a: WithPorts, b: WithPorts): number {
  const [low, other] = [a.ports[0]?.[0] ?? 0, b.ports[0]?.[0] ?? 0];
  if (low !== other) return low - other;
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
