/**
 * Whether an assertion holds. `allow` holds when every pair certainly may, `deny` when every pair
 * certainly may not; a fact that no manifest shows makes it unknown, and unknown is no pass.
 */
import type { AssertionAnswer, Evidence, PortSpan, VerdictWord } from '../engine/result';
import { httpText, portsText } from '../report/words';
import type { Analysis, End, ProtocolWord, Question } from './analysis';
import type { Assertion } from './assertion-file';
import type { Port } from './connection';

interface Pair {
  readonly from: End;
  readonly to: End;
}

/** What one pair may do of what the assertion is about. */
interface Found {
  readonly pair: Pair;
  readonly verdict: VerdictWord;
  /** Ports that decide, as text; empty: those of the assertion. */
  readonly ports: string;
  /** Facts that are missing. */
  readonly facts: readonly string[];
  /** A connection to explain. */
  readonly port?: Port;
}

export function judgeAssertion(
  assertion: Assertion,
  ends: { readonly from: readonly End[]; readonly to: readonly End[] },
  analysis: Analysis,
): AssertionAnswer {
  const { expect, text, at, reason } = assertion;
  const wanted: VerdictWord = expect === 'allow' ? 'ALLOWED' : 'DENIED';
  const found = ends.from.flatMap((from) =>
    ends.to.flatMap((to) => foundOf(assertion, { from, to }, analysis)),
  );
  const against =
    found.find(({ verdict }) => verdict !== wanted && verdict !== 'UNKNOWN') ??
    found.find(({ verdict }) => verdict === 'UNKNOWN');
  const failed = against?.verdict === 'UNKNOWN' ? 'unknown' : 'failed';
  return {
    assertion: text,
    at,
    ...(reason === undefined ? {} : { reason }),
    verdict: against === undefined ? 'passed' : failed,
    got: against === undefined ? wanted : gotText(against),
    expected: wanted,
    evidence: against === undefined ? [] : evidenceOf(assertion, against, analysis),
  };
}

function foundOf(assertion: Assertion, pair: Pair, analysis: Analysis): Found[] {
  const { expect, port, request } = assertion;
  if (port !== undefined && (request !== undefined || hasAddress(pair))) {
    const { verdict, unknown } = analysis.ask({ ...pair, ...port, ...request });
    return [{ pair, verdict, ports: '', facts: unknown, port }];
  }
  const found = connectionsOf(pair, port, analysis);
  const allowed = found.filter(({ verdict }) => verdict === 'ALLOWED');
  if (expect === 'deny') return found;
  // some requests are not every request
  const whole = allowed.filter(({ ports }) => ports === '');
  if (whole.length > 0) return whole;
  const unsure = found.filter(({ verdict }) => verdict === 'UNKNOWN');
  if (unsure.length > 0) return unsure;
  const ports = allowed.length === 0 ? '' : `only ${allowed.map((each) => each.ports).join(', ')}`;
  return [{ pair, verdict: 'DENIED', ports, facts: [], ...(port === undefined ? {} : { port }) }];
}

/** Allowed and unknown connections of a pair; none: denied. `ports` tells limits of requests. */
function connectionsOf(pair: Pair, port: Port | undefined, analysis: Analysis): Found[] {
  const { connections } = analysis.reach({ from: [pair.from], to: [pair.to] });
  const about = (
    spans: readonly PortSpan[],
    protocol: ProtocolWord,
  ): Pick<Found, 'pair' | 'port'> => {
    return { pair, port: port ?? { protocol, port: spans[0]?.[0] ?? 1 } };
  };
  return [...connections]
    .filter(({ protocol }) => port === undefined || port.protocol === protocol)
    .flatMap(({ protocol, allow, unknown }): Found[] => [
      ...allow
        .filter(({ ports }) => holds(ports, port))
        .map(({ ports, http }): Found => {
          const requests = http?.map(httpText).join(' or ') ?? '';
          const limits =
            port === undefined ? `${portsText(protocol, ports)} ${requests}` : requests;
          return { ...about(ports, protocol), verdict: 'ALLOWED', ports: limits.trim(), facts: [] };
        }),
      ...unknown
        .filter(({ ports }) => holds(ports, port))
        .map(({ ports, fact }): Found => {
          const limits = port === undefined ? portsText(protocol, ports) : '';
          return { ...about(ports, protocol), verdict: 'UNKNOWN', ports: limits, facts: [fact] };
        }),
    ]);
}

function holds(ports: readonly PortSpan[], port: Port | undefined): boolean {
  return port === undefined || ports.some(([low, high]) => low <= port.port && port.port <= high);
}

function hasAddress({ from, to }: Pair): boolean {
  return from.kind === 'addresses' || to.kind === 'addresses';
}

function gotText({ verdict, pair, ports, facts }: Found): string {
  const where = `${nameOf(pair.from)} -> ${nameOf(pair.to)}`;
  const missing = facts.length === 0 ? '' : ` depends on ${facts.join(', ')}`;
  return `${verdict}: ${where}${ports === '' ? '' : ` ${ports}`}${missing}`;
}

function nameOf(end: End): string {
  return end.kind === 'workload' ? end.id : end.cidr;
}

/** The objects that decide about the first connection that goes against the assertion. */
function evidenceOf({ request }: Assertion, found: Found, analysis: Analysis): readonly Evidence[] {
  const { port, pair } = found;
  if (port === undefined) return [];
  const question: Question = { ...pair, ...port, ...request };
  const { layers } = analysis.explain(question);
  return layers
    .filter(({ verdict }) => verdict === found.verdict)
    .flatMap(({ by, nearest }) => [...by, ...(nearest === undefined ? [] : [nearest])]);
}
