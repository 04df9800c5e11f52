/**
 * Does a proxy let this one request through, and which rule says so? Rule by rule and without sets
 * of requests, so that `allowed.ts` can be held against it.
 *
 * Order: certificate, token, CUSTOM, DENY, ALLOW (istio/istio:pilot/pkg/security/authz/builder).
 */
import { holdsPort } from '../../values/port-ranges';
import { clauseMatches } from '../http/clause';
import type { HttpRequest } from '../http/clause';
import type { RequestCondition } from '../http/conditions';
import { requestMatches } from '../http/requests';
import { allowedRequests, isCaptured } from './allowed';
import type { PortPolicies } from './allowed';
import type { CompiledRule } from './authorization';
import { all, any, factsOfCaller, someCallerMatches } from './callers';
import type { Answer, Caller } from './callers';
import type { MissingFact } from './facts';
import { distinctFacts } from './facts';
import type { MtlsMode } from './peer-authentication';
import { acceptsToken } from './request-authentication';
import type { CarriedAttributes } from './tokens';
import { valuesOfRequest } from './tokens';

/** One request to one port. */
export interface MeshRequest extends HttpRequest, CarriedAttributes {
  readonly caller: Caller;
}

export type Verdict = 'ALLOWED' | 'DENIED' | 'UNKNOWN';

export interface Decision {
  readonly verdict: Verdict;
  readonly by: Evidence;
  /** Of an allowed request: lists of conditions, one of which it must meet in full; none: it passes. */
  readonly conditions: readonly (readonly RequestCondition[])[];
  /** Of UNKNOWN. */
  readonly missing: readonly MissingFact[];
}

/** What decided. */
export type Evidence =
  | { readonly kind: 'not-captured' }
  | { readonly kind: 'mtls-strict' }
  | { readonly kind: 'token-refused' }
  | { readonly kind: 'several-authorizers' }
  | { readonly kind: 'authorizer'; readonly rule: CompiledRule }
  | { readonly kind: 'rule'; readonly rule: CompiledRule }
  /** No ALLOW policy: whatever no DENY rule lists passes. */
  | { readonly kind: 'no-allow-policy' }
  /** No rule of the ALLOW policies lists the request. */
  | { readonly kind: 'not-listed' }
  | { readonly kind: 'missing-fact' };

export function decideRequest(policies: PortPolicies, request: MeshRequest): Decision {
  const { authorization, mtls, port, isHttp } = policies;
  if (!isCaptured(authorization.proxy, port)) return allowedBy({ kind: 'not-captured' });
  const readings = isHttp === undefined ? [true, false] : [isHttp];
  const each = readings.flatMap((http) =>
    mtls.modes.map((mode) => new Reading({ ...policies, isHttp: http }, mode, request).decide()),
  );
  const [first, ...others] = each;
  if (first === undefined) return unknownFor(mtls.missing);
  const agreed = others.every(({ verdict }) => verdict === first.verdict);
  const open: MissingFact[] = readings.length > 1 ? [protocolOf(port)] : [];
  const decided = agreed
    ? first
    : unknownFor([...each.flatMap(({ missing }) => missing), ...mtls.missing, ...open]);
  return withConditions(policies, request, decided);
}

/** Where only the request's own attributes are open, the answer is ALLOWED under conditions. */
function withConditions(policies: PortPolicies, request: MeshRequest, decided: Decision): Decision {
  const { verdict, missing } = decided;
  if (verdict !== 'UNKNOWN' || !missing.every(({ fact }) => fact === 'request-attribute')) {
    return decided;
  }
  const { allowed } = allowedRequests(policies, request.caller);
  const hasValue = valuesOfRequest(request);
  const ways = allowed.clauses.flatMap((clause) => {
    const answer = clauseMatches(clause, request, hasValue);
    return answer === false ? [] : [{ answer, conditions: clause.conditions }];
  });
  if (ways.length === 0 || ways.some(({ answer }) => answer === true)) return decided;
  // a method, path or host that was not told is no condition that can be printed
  if (request.method === undefined || request.path === undefined) return decided;
  return {
    ...decided,
    verdict: 'ALLOWED',
    conditions: ways.map((one) => one.conditions),
    missing: [],
  };
}

/** One request as one reading of the port sees it. */
class Reading {
  private readonly rules: readonly CompiledRule[];
  private readonly caller: Caller;
  private readonly request: MeshRequest;
  private readonly missing: MissingFact[] = [];

  constructor(
    private readonly policies: PortPolicies & { readonly isHttp: boolean },
    private readonly mode: MtlsMode,
    request: MeshRequest,
  ) {
    const { authorization, tokens, isHttp, port } = policies;
    this.caller = mode === 'DISABLE' ? { ...request.caller, identity: undefined } : request.caller;
    // nobody reads the token where nothing validates it
    const reads = tokens.rules.length > 0 || tokens.unclear.length > 0;
    this.request = reads ? request : { ...request, token: undefined };
    this.rules = (isHttp ? authorization.http : authorization.bytes).filter(({ ports }) =>
      holdsPort(ports, port),
    );
  }

  decide(): Decision {
    const strict = this.mode === 'STRICT';
    if (strict && this.caller.identity === undefined) return deniedBy({ kind: 'mtls-strict' });
    if (this.refusesToken()) return deniedBy({ kind: 'token-refused' });
    const denying = this.first('DENY', 'yes');
    if (denying !== undefined) return deniedBy({ kind: 'rule', rule: denying });
    const custom = this.ofAuthorizers();
    if (custom?.verdict === 'DENIED') return custom;
    const { authorization, tokens } = this.policies;
    this.missing.push(...authorization.unclear, ...tokens.unclear);
    if (this.missing.length > 0) return unknownFor(this.missing);
    const listed = this.listed();
    if (listed === 'no') return deniedBy({ kind: 'not-listed' });
    // only what could still deny, or not allow, is asked for facts
    const open = this.matching('DENY', 'unknown');
    const asked = listed === 'unknown' ? [...open, ...this.matching('ALLOW', 'unknown')] : open;
    this.missing.push(...asked.flatMap((rule) => this.factsOf(rule)));
    if (strict && this.caller.identity === 'unknown') {
      this.missing.push({ fact: 'caller-identity', detail: 'mTLS is STRICT' });
    }
    if (custom !== undefined) this.missing.push(...custom.missing);
    if (this.missing.length > 0) return unknownFor(this.missing);
    const rule = this.first('ALLOW', 'yes');
    return allowedBy(rule === undefined ? { kind: 'no-allow-policy' } : { kind: 'rule', rule });
  }

  private refusesToken(): boolean {
    const { tokens, isHttp } = this.policies;
    const { token } = this.request;
    if (!isHttp || token === undefined || tokens.rules.length === 0) return false;
    return !acceptsToken(tokens, token);
  }

  /** Undefined: no authorizer is asked, or it says yes. */
  private ofAuthorizers(): Decision | undefined {
    const { providers } = this.policies.authorization;
    const asking = this.first('CUSTOM', 'yes');
    if (asking !== undefined) {
      if (providers.length > 1) return deniedBy({ kind: 'several-authorizers' });
      if (this.request.authorized === true) return undefined;
      if (this.request.authorized === false) return deniedBy({ kind: 'authorizer', rule: asking });
      return unknownFor([attribute(asking, `authorizer ${asking.provider ?? ''}`)]);
    }
    const open = this.matching('CUSTOM', 'unknown');
    if (open.length === 0 || (providers.length === 1 && this.request.authorized === true)) {
      return undefined;
    }
    return unknownFor(open.flatMap((rule) => this.factsOf(rule)));
  }

  private listed(): Answer {
    if (!this.policies.authorization.hasAllow) return 'yes';
    return any(
      this.rules.filter(({ action }) => action === 'ALLOW').map((rule) => this.matches(rule)),
    );
  }

  private first(action: CompiledRule['action'], answer: Answer): CompiledRule | undefined {
    return this.rules.find((rule) => rule.action === action && this.matches(rule) === answer);
  }

  private matching(action: CompiledRule['action'], answer: Answer): CompiledRule[] {
    return this.rules.filter((rule) => rule.action === action && this.matches(rule) === answer);
  }

  private matches(rule: CompiledRule): Answer {
    return all([
      someCallerMatches(rule.callers, this.caller),
      this.carries(rule),
      rule.missing.length > 0 ? 'unknown' : 'yes',
    ]);
  }

  private carries({ requests }: CompiledRule): Answer {
    const matches = requestMatches(requests, this.request, valuesOfRequest(this.request));
    if (matches === undefined) return 'unknown';
    return matches ? 'yes' : 'no';
  }

  private factsOf(rule: CompiledRule): MissingFact[] {
    const facts = factsOfCaller(rule.callers, this.caller).map((fact) => ({
      ...attribute(rule, `callers of rule ${rule.index}`),
      fact,
    }));
    const open = this.carries(rule) === 'unknown' ? [attribute(rule, 'the request')] : [];
    return [...rule.missing, ...facts, ...open];
  }
}

function attribute({ policy, index }: CompiledRule, detail: string): MissingFact {
  return { fact: 'request-attribute', detail, policy, path: ['spec', 'rules', index] };
}

function protocolOf(port: number): MissingFact {
  return { fact: 'port-protocol', detail: `port ${port}` };
}

function allowedBy(by: Evidence): Decision {
  return { verdict: 'ALLOWED', by, conditions: [], missing: [] };
}

function deniedBy(by: Evidence): Decision {
  return { verdict: 'DENIED', by, conditions: [], missing: [] };
}

function unknownFor(missing: readonly MissingFact[]): Decision {
  const by: Evidence = { kind: 'missing-fact' };
  return { verdict: 'UNKNOWN', by, conditions: [], missing: distinctFacts(missing) };
}
