/**
 * The AuthorizationPolicies that one proxy obeys, as rules over callers, ports and requests: once as
 * the proxy reads them where it sees requests, and once where it sees bytes.
 *
 * Source: istio/istio:pilot/pkg/security/authz/builder and model (1.31): on bytes an ALLOW rule with
 * an HTTP field is dropped, a DENY or CUSTOM rule loses the field and so denies more. What ztunnel
 * makes of a rule is another matter (ztunnel.ts).
 */
import type { IstioFacts } from '../../read/cluster';
import type { PortRange } from '../../values/port-ranges';
import type { RequestSet } from '../http/requests';
import { appliesTo } from './attachment';
import type { EnforcementPoint } from './attachment';
import type { CallerCondition } from './callers';
import type { MissingFact } from './facts';
import { unclearFacts } from './facts';
import { compileRule, onBytes } from './rules';
import { actionOf, isDryRun, providerOf, rulesOf } from './spec';
import type { Action, AuthorizationRule } from './spec';
import { atZtunnel } from './ztunnel';

/** A part of a rule: its callers may send its requests to its ports. */
export interface CompiledRule {
  readonly action: Action;
  readonly policy: IstioFacts;
  /** Of the rule in the policy; a rule with several parts appears several times. */
  readonly index: number;
  /** One of them. */
  readonly callers: readonly CallerCondition[];
  readonly ports: readonly PortRange[];
  readonly requests: RequestSet;
  /** Of CUSTOM. */
  readonly provider?: string;
  /** What must be known before the rule can be judged at all. */
  readonly missing: readonly MissingFact[];
}

/** A rule that does not reach this proxy, or not as it was written. */
export interface DroppedRule {
  readonly policy: IstioFacts;
  /** Absent: the whole policy. */
  readonly index?: number;
  readonly on: 'every port' | 'bytes';
  readonly why: string;
}

export interface CompiledPolicies {
  readonly proxy: EnforcementPoint['proxy'];
  /** Where the proxy sees requests. */
  readonly http: readonly CompiledRule[];
  /** Where it sees bytes: requests are limited by conditions alone. */
  readonly bytes: readonly CompiledRule[];
  /** The first ALLOW policy denies whatever none of them lists, even if all rules were dropped. */
  readonly allowPolicies: readonly IstioFacts[];
  readonly hasAllow: boolean;
  /** Of CUSTOM policies; with several of them Istio denies what they match. */
  readonly providers: readonly string[];
  readonly dropped: readonly DroppedRule[];
  /** Policies that Istio refuses: whatever they would decide is not known. */
  readonly unclear: readonly MissingFact[];
}

export function compileAuthorization(
  policies: readonly IstioFacts[],
  point: EnforcementPoint,
): CompiledPolicies {
  const own = policies.filter((policy) => !isDryRun(policy) && appliesTo(policy, point));
  const unclear = own.flatMap(unclearFacts);
  const clear = own.filter((policy) => policy.unclear.length === 0);
  const dropped: DroppedRule[] = [];
  const compiled = clear.map((policy) =>
    point.proxy === 'ztunnel' ? forZtunnel(policy, dropped) : forEnvoy(policy, dropped),
  );
  const allowPolicies = clear.filter((policy) => actionOf(policy) === 'ALLOW');
  // also of rules that match nothing: Istio counts providers, not matches
  const custom = clear.filter((policy) => actionOf(policy) === 'CUSTOM');
  return {
    proxy: point.proxy,
    http: compiled.flatMap(({ http }) => http),
    bytes: compiled.flatMap(({ bytes }) => bytes),
    allowPolicies,
    hasAllow: allowPolicies.length > 0,
    providers: [...new Set(custom.map((policy) => providerOf(policy) ?? ''))].sort(),
    dropped,
    unclear,
  };
}

interface BothReadings {
  readonly http: readonly CompiledRule[];
  readonly bytes: readonly CompiledRule[];
}

function forEnvoy(policy: IstioFacts, dropped: DroppedRule[]): BothReadings {
  // AUDIT never changes a verdict
  const action = actionOf(policy);
  if (action === 'AUDIT') return { http: [], bytes: [] };
  const rules = rulesOf(policy);
  const http = rules.flatMap((rule, index) => compiledParts(policy, { rule, index, action }));
  const bytes = rules.flatMap((written, index) => {
    const rule = onBytes(written, action);
    if (rule !== undefined) return compiledParts(policy, { rule, index, action });
    dropped.push({ policy, index, on: 'bytes', why: 'an ALLOW rule with HTTP fields' });
    return [];
  });
  return { http, bytes };
}

/** ztunnel sees bytes on every port. */
function forZtunnel(policy: IstioFacts, dropped: DroppedRule[]): BothReadings {
  const action = actionOf(policy);
  if (action === 'CUSTOM' || action === 'AUDIT') {
    dropped.push({ policy, on: 'every port', why: `ztunnel knows no ${action}` });
    return { http: [], bytes: [] };
  }
  const all = rulesOf(policy).flatMap((written, index) => {
    const { rule, why } = atZtunnel(written, action);
    if (why !== undefined) dropped.push({ policy, index, on: 'every port', why });
    return rule === undefined ? [] : compiledParts(policy, { rule, index, action });
  });
  return { http: all, bytes: all };
}

function compiledParts(
  policy: IstioFacts,
  { rule, index, action }: { rule: AuthorizationRule; index: number; action: Action },
): CompiledRule[] {
  const { parts, missing } = compileRule(rule, policy.namespace);
  const provider = action === 'CUSTOM' ? (providerOf(policy) ?? '') : undefined;
  const facts = missing.map((fact): MissingFact => ({ ...fact, policy, path: pathOf(index) }));
  return parts.map((part) => ({ action, policy, index, ...part, provider, missing: facts }));
}

/** Where a rule stands in its object. */
export function pathOf(index: number): readonly (string | number)[] {
  return ['spec', 'rules', index];
}
