/** What one proxy says of a connection, or of one request on it: mutual TLS, then authorization. */
import type { IstioFacts } from '../read/cluster';
import { holdsPort } from '../values/port-ranges';
import { describeCondition } from './http/conditions';
import { describeRequests } from './http/request-text';
import { isEmptyRequests, isEveryRequest } from './http/requests';
import { allowedRequests, isCaptured } from './istio/allowed';
import type { PortPolicies } from './istio/allowed';
import { pathOf } from './istio/authorization';
import type { CompiledRule } from './istio/authorization';
import type { Caller } from './istio/callers';
import { someCallerMatches } from './istio/callers';
import type { Decision, MeshRequest } from './istio/decide';
import { decideRequest } from './istio/decide';
import type { MissingFact } from './istio/facts';
import type { Because, Layer } from './layer';
import { describeAuthorization, listed } from './rule-words';

export type Request = Omit<MeshRequest, 'caller'>;

/** Both layers of a proxy that obeys no policy, or of pods without one. */
export function plainLayers(says: string, inMesh: boolean): Layer[] {
  const plain = { says, by: [], facts: [] };
  return (['mtls', 'authorization'] as const).map((layer): Layer => ({
    layer,
    verdict: inMesh ? 'ALLOWED' : 'NOT IN MESH',
    ...plain,
  }));
}

/** `where`: the proxy, where it is not the pods' own. */
export function proxyLayers(
  policies: PortPolicies,
  { caller, request, where = '' }: { caller: Caller; request?: Request; where?: string },
): Layer[] {
  const mtls = mtlsLayer(policies, caller);
  const open = withoutStrict(policies);
  const authorization =
    request === undefined
      ? ofConnection(open, caller)
      : ofDecision(open, decideRequest(open, { ...request, caller }));
  const at =
    where === '' ? authorization : { ...authorization, says: `${where}: ${authorization.says}` };
  return [mtls, at];
}

/** Those that the caller's certificate is not held against. */
function withoutStrict(policies: PortPolicies): PortPolicies {
  const { modes, missing } = policies.mtls;
  const kept = [...new Set(modes.map((mode) => (mode === 'STRICT' ? 'PERMISSIVE' : mode)))];
  // where every mode says the same of callers, which of them counts is no question
  const mtls = { ...policies.mtls, modes: kept, missing: kept.length > 1 ? missing : [] };
  return { ...policies, mtls };
}

function mtlsLayer({ mtls, authorization, port }: PortPolicies, { identity }: Caller): Layer {
  const by = mtls.policies.map(({ resource }): Because => ({ resource }));
  const said = { layer: 'mtls', by, facts: [] } as const;
  if (authorization.proxy === 'waypoint') {
    return { ...said, verdict: 'ALLOWED', says: 'the nodes vouch for the caller' };
  }
  if (!isCaptured(authorization.proxy, port)) {
    return { ...said, verdict: 'ALLOWED', says: 'no policy holds this port', by: [] };
  }
  const modes = mtls.modes.join(' or ');
  if (!mtls.modes.includes('STRICT') || (identity !== undefined && identity !== 'unknown')) {
    const who = identity === undefined ? 'not in the mesh' : 'in the mesh';
    const whose = identity === 'unknown' ? '' : `, caller ${who}`;
    const says = by.length === 0 ? `${modes} by default` : `${modes}${whose}`;
    return { ...said, verdict: 'ALLOWED', says };
  }
  if (identity === undefined && mtls.modes.length === 1) {
    return { ...said, verdict: 'DENIED', says: 'STRICT, caller not in the mesh' };
  }
  const own = identity === 'unknown' ? ['mesh-membership'] : [];
  const facts = [...own, ...factsOf(mtls.missing)];
  return { ...said, verdict: 'UNKNOWN', says: `${modes}, caller may be in the mesh`, facts };
}

/** Whether anything passes; what, is said. */
function ofConnection(policies: PortPolicies, caller: Caller): Layer {
  const { allowed, possible, missing } = allowedRequests(policies, caller);
  const layer = { layer: 'authorization', facts: [] } as const;
  if (!isEmptyRequests(allowed)) {
    const by = matching(policies, caller, 'ALLOW');
    const limits = isEveryRequest(allowed) ? [] : matching(policies, caller, 'DENY');
    const says = isEveryRequest(allowed)
      ? by.length === 0
        ? 'no ALLOW policy'
        : `allowed by ${names(by)}`
      : `only ${describeRequests(allowed)}`;
    return { ...layer, verdict: 'ALLOWED', says, by: [...by, ...limits].map(because) };
  }
  if (!isEmptyRequests(possible)) return { ...layer, ...unknownFor(missing) };
  const denying = matching(policies, caller, 'DENY');
  const verdict = 'DENIED';
  const { hasAllow, allowPolicies } = policies.authorization;
  const listedByNobody = hasAllow && matching(policies, caller, 'ALLOW').length === 0;
  if (denying.length > 0 && !listedByNobody) {
    return { ...layer, verdict, says: `denied by ${names(denying)}`, by: denying.map(because) };
  }
  return { ...layer, verdict, ...notListed(policies, allowPolicies) };
}

function ofDecision(policies: PortPolicies, decision: Decision): Layer {
  const { verdict, by, conditions, missing } = decision;
  const layer = { layer: 'authorization', verdict, facts: [] } as const;
  if (verdict === 'UNKNOWN') return { ...layer, ...unknownFor(missing) };
  const when = conditions.map((one) => one.map(describeCondition).join(' and ')).join(' or ');
  if (when !== '') {
    const asking = missing.flatMap(becauseMissing);
    return { ...layer, says: `allowed when ${when}`, by: asking };
  }
  switch (by.kind) {
    case 'rule': {
      const word = verdict === 'ALLOWED' ? 'allowed' : 'denied';
      return { ...layer, says: `${word} by ${by.rule.policy.name}`, by: [because(by.rule)] };
    }
    case 'authorizer':
      return { ...layer, says: 'refused by its authorizer', by: [because(by.rule)] };
    case 'not-listed':
      return { ...layer, ...notListed(policies, policies.authorization.allowPolicies) };
    case 'no-allow-policy':
      return { ...layer, says: 'no ALLOW policy', by: [] };
    case 'not-captured':
      return { ...layer, says: 'no policy holds this port', by: [] };
    case 'token-refused':
      return { ...layer, says: 'no RequestAuthentication accepts the token', by: [] };
    case 'several-authorizers':
      return { ...layer, says: 'several external authorizers', by: [] };
    case 'mtls-strict':
    case 'missing-fact':
      return { ...layer, says: 'depends on what is not known', by: [] };
  }
}

/** The policies that list others, and the rule for the port that names somebody else. */
function notListed(
  { authorization: { http, bytes }, port, isHttp }: PortPolicies,
  allowPolicies: readonly IstioFacts[],
): Pick<Layer, 'says' | 'by' | 'nearest'> {
  const by = allowPolicies.map(({ resource }): Because => ({ resource }));
  const rules = (isHttp === false ? bytes : http).filter(({ action }) => action === 'ALLOW');
  const near = rules.find(({ ports }) => holdsPort(ports, port)) ?? rules[0];
  const says = `not listed by ${listed(allowPolicies.map(({ name }) => name))}`;
  return near === undefined ? { says, by } : { says, by, nearest: because(near) };
}

/** Rules that a caller certainly meets, by one reading of the port. */
function matching(
  { authorization, port, isHttp }: PortPolicies,
  caller: Caller,
  action: CompiledRule['action'],
): CompiledRule[] {
  const rules = isHttp === false ? authorization.bytes : authorization.http;
  return rules.filter(
    (rule) =>
      rule.action === action &&
      holdsPort(rule.ports, port) &&
      someCallerMatches(rule.callers, caller) === 'yes',
  );
}

function unknownFor(
  missing: readonly MissingFact[],
): Pick<Layer, 'verdict' | 'says' | 'by' | 'facts'> {
  const facts = factsOf(missing);
  const says = `depends on ${listed(missing.map(({ detail }) => detail))}`;
  return { verdict: 'UNKNOWN', says, by: missing.flatMap(becauseMissing), facts };
}

function factsOf(missing: readonly MissingFact[]): string[] {
  return [...new Set(missing.map(({ fact }) => fact))].sort();
}

function becauseMissing({ policy, path, detail }: MissingFact): Because[] {
  if (policy === undefined) return [];
  const { resource } = policy;
  return [path === undefined ? { resource } : { resource, path, rule: detail }];
}

function because(rule: CompiledRule): Because {
  const { resource } = rule.policy;
  return { resource, path: pathOf(rule.index), rule: describeAuthorization(rule) };
}

function names(rules: readonly CompiledRule[]): string {
  return listed([...new Set(rules.map(({ policy }) => policy.name))]);
}
