/**
 * Which tokens does a proxy read? A token that no rule accepts is refused, a missing one is not; and
 * where no rule is, nobody reads tokens, so that nothing about them can match.
 *
 * Source: istio/istio:pilot/pkg/security/authn/policy_applier.go (1.31)
 */
import type { IstioFacts } from '../../read/cluster';
import type { RequestCondition } from '../http/conditions';
import { mapConditions } from '../http/requests';
import type { RequestSet } from '../http/requests';
import { appliesTo } from './attachment';
import type { EnforcementPoint } from './attachment';
import type { MissingFact } from './facts';
import { unclearFacts } from './facts';
import { listOf, textOf, textsOf } from './spec';
import type { Token } from './tokens';

export interface JwtRule {
  /** Absent: any issuer whose keys are the rule's. */
  readonly issuer?: string;
  /** Empty: any audience. */
  readonly audiences: readonly string[];
}

export interface TokenRules {
  readonly rules: readonly JwtRule[];
  /** Policies that Istio refuses. */
  readonly unclear: readonly MissingFact[];
}

/** All rules of root namespace, namespace and selecting policies count together. */
export function tokenRules(policies: readonly IstioFacts[], point: EnforcementPoint): TokenRules {
  // ztunnel sees bytes
  const own = policies.filter((one) => point.proxy !== 'ztunnel' && appliesTo(one, point));
  const clear = own.filter(({ unclear }) => unclear.length === 0);
  const rules = clear.flatMap(({ spec }) => listOf(spec['jwtRules']));
  return {
    rules: rules.map((rule) => ({
      issuer: textOf(rule['issuer']),
      audiences: textsOf(rule['audiences']),
    })),
    unclear: own.flatMap(unclearFacts),
  };
}

/** Whether some rule accepts the token. */
export function acceptsToken({ rules }: TokenRules, token: Token): boolean {
  const { issuer, audiences = [], valid } = token;
  return (
    valid &&
    rules.some(
      (rule) =>
        (rule.issuer ?? issuer) === issuer &&
        (rule.audiences.length === 0 || rule.audiences.some((one) => audiences.includes(one))),
    )
  );
}

/** The requests that are left where nobody reads tokens. */
export function withoutTokens(requests: RequestSet): RequestSet {
  return mapConditions(requests, (conditions) => {
    const [asked, others] = [
      conditions.filter(asksToken),
      conditions.filter((it) => !asksToken(it)),
    ];
    return asked.some(({ values }) => values.length > 0) ? undefined : others;
  });
}

function asksToken({ key }: RequestCondition): boolean {
  return key.startsWith('request.auth.');
}
