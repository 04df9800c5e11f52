/**
 * Which requests of a caller does a proxy let through to a port? What some ALLOW rule lists, without
 * what some DENY rule lists, and under the external authorizer's condition what CUSTOM rules list.
 * Computed twice: with everything unknown against the caller, and with everything for it. What lies
 * between is UNKNOWN, and the facts say why.
 *
 * The requests are those whose token, if they carry one, is valid: others are refused before.
 */
import { holdsPort } from '../../values/port-ranges';
import {
  ALL_REQUESTS,
  intersectRequests,
  isEmptyRequests,
  NO_REQUESTS,
  requestsWith,
  subtractRequests,
  unionRequests,
} from '../http/requests';
import type { RequestSet } from '../http/requests';
import type { CompiledPolicies, CompiledRule } from './authorization';
import { settled } from './combine';
import type { AllowedRequests } from './combine';
import type { Answer, Caller } from './callers';
import { factsOfCaller, someCallerMatches } from './callers';
import type { MissingFact } from './facts';
import type { EffectiveMtls, MtlsMode } from './peer-authentication';
import type { TokenRules } from './request-authentication';
import { withoutTokens } from './request-authentication';
import { AUTHORIZER } from './tokens';

/** What one proxy obeys, for one port. */
export interface PortPolicies {
  readonly authorization: CompiledPolicies;
  readonly mtls: EffectiveMtls;
  readonly tokens: TokenRules;
  readonly port: number;
  /** Whether the proxy sees requests there; undefined: not known, both are asked. */
  readonly isHttp: boolean | undefined;
}

/** Metrics and health of the proxy itself, which no policy holds. */
const NEVER_CAPTURED = [15020, 15021, 15090];

/** Whether a proxy stands before the port. */
export function isCaptured(proxy: CompiledPolicies['proxy'], port: number): boolean {
  if (proxy === 'waypoint' || proxy === 'ztunnel') return true;
  return !NEVER_CAPTURED.includes(port);
}

export function allowedRequests(policies: PortPolicies, caller: Caller): AllowedRequests {
  const { authorization, mtls, port } = policies;
  if (!isCaptured(authorization.proxy, port)) return exactly(ALL_REQUESTS);
  const readings = policies.isHttp === undefined ? [true, false] : [policies.isHttp];
  const each = readings.flatMap((isHttp) =>
    mtls.modes.map((mode) => oneReading({ ...policies, isHttp }, mode, caller)),
  );
  const [first, ...others] = each;
  if (first === undefined) return exactly(NO_REQUESTS);
  const both = others.reduce(
    (a, b) => ({
      allowed: intersectRequests(a.allowed, b.allowed),
      possible: unionRequests(a.possible, b.possible),
      missing: [...a.missing, ...b.missing],
    }),
    first,
  );
  const open: MissingFact[] =
    readings.length > 1 ? [{ fact: 'port-protocol', detail: `port ${port}` }] : [];
  return settled({ ...both, missing: [...both.missing, ...mtls.missing, ...open] });
}

function exactly(requests: RequestSet): AllowedRequests {
  return { allowed: requests, possible: requests, missing: [] };
}

function oneReading(
  { authorization, tokens, port, isHttp }: PortPolicies & { readonly isHttp: boolean },
  mode: MtlsMode,
  caller: Caller,
): AllowedRequests {
  const seen = mode === 'DISABLE' ? { ...caller, identity: undefined } : caller;
  if (mode === 'STRICT' && seen.identity === undefined) return exactly(NO_REQUESTS);
  const rules = (isHttp ? authorization.http : authorization.bytes)
    .filter(({ ports }) => holdsPort(ports, port))
    .map((rule) => judged(rule, seen, tokens));
  const of = (action: CompiledRule['action'], ...answers: Answer[]): RequestSet =>
    unionRequests(
      ...rules
        .filter((one) => one.rule.action === action && answers.includes(one.answer))
        .map(({ requests }) => requests),
    );
  const limited = (some: Answer[], others: Answer[]): RequestSet => {
    const listed = authorization.hasAllow ? of('ALLOW', ...some) : ALL_REQUESTS;
    const left = subtractRequests(listed, of('DENY', ...others));
    return underAuthorizers(left, of('CUSTOM', ...others), authorization.providers);
  };
  const missing = [...rules.flatMap((one) => one.missing), ...authorization.unclear];
  const unclear = [...authorization.unclear, ...tokens.unclear];
  // a policy that Istio refuses may allow more and may deny more; what is denied stays denied
  const denied = subtractRequests(ALL_REQUESTS, of('DENY', 'yes'));
  const possible = unclear.length > 0 ? denied : limited(['yes', 'unknown'], ['yes']);
  const strictUnknown = mode === 'STRICT' && seen.identity === 'unknown';
  if (strictUnknown) missing.push({ fact: 'caller-identity', detail: 'mTLS is STRICT' });
  const allowed =
    unclear.length > 0 || strictUnknown ? NO_REQUESTS : limited(['yes'], ['yes', 'unknown']);
  return { allowed, possible, missing: [...missing, ...tokens.unclear] };
}

interface Judged {
  readonly rule: CompiledRule;
  readonly requests: RequestSet;
  readonly answer: Answer;
  readonly missing: readonly MissingFact[];
}

function judged(rule: CompiledRule, caller: Caller, { rules, unclear }: TokenRules): Judged {
  const said = someCallerMatches(rule.callers, caller);
  const answer = said === 'yes' && rule.missing.length > 0 ? 'unknown' : said;
  const reads = rules.length > 0 || unclear.length > 0;
  const requests = reads ? rule.requests : withoutTokens(rule.requests);
  if (answer !== 'unknown') return { rule, requests, answer, missing: [] };
  const missing = factsOfCaller(rule.callers, caller).map((fact): MissingFact => {
    const path = ['spec', 'rules', rule.index];
    return { fact, detail: `callers of rule ${rule.index}`, policy: rule.policy, path };
  });
  return { rule, requests, answer, missing: [...rule.missing, ...missing] };
}

/** With several authorizers on one proxy Istio denies whatever their rules list. */
function underAuthorizers(
  requests: RequestSet,
  asked: RequestSet,
  providers: readonly string[],
): RequestSet {
  if (isEmptyRequests(asked)) return requests;
  const free = subtractRequests(requests, asked);
  const [provider = '', ...others] = providers;
  if (others.length > 0) return free;
  const condition = requestsWith({ key: AUTHORIZER, values: [provider], notValues: [] });
  return unionRequests(free, intersectRequests(intersectRequests(requests, asked), condition));
}
