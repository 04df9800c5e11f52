/**
 * An AuthorizationPolicy's spec as the engine reads it. The text was judged by Istio's own rules
 * when it was read; what is not as expected here counts as absent, as decoding would have it.
 *
 * Source: istio/api:security/v1beta1/authorization_policy.proto (1.31)
 */
import type { IstioFacts } from '../../read/cluster';
import type { Json, JsonObject } from '../../read/resource';

export type Action = 'ALLOW' | 'DENY' | 'CUSTOM' | 'AUDIT';

export interface AuthorizationRule {
  /** Names of fields with their values; only fields that have some. No sources: everybody. */
  readonly sources: readonly Fields[];
  /** No operations: everything. */
  readonly operations: readonly Fields[];
  readonly when: readonly WhenCondition[];
}

export type Fields = Readonly<Record<string, readonly string[]>>;

export interface WhenCondition {
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

export function actionOf({ spec }: IstioFacts): Action {
  const action = textOf(spec['action']);
  return action === 'DENY' || action === 'CUSTOM' || action === 'AUDIT' ? action : 'ALLOW';
}

/** No rules match nothing; a rule without anything matches everything. */
export function rulesOf({ spec }: IstioFacts): AuthorizationRule[] {
  return listOf(spec['rules']).map((rule) => ({
    sources: listOf(rule['from']).map((entry) => fieldsOf(entry['source'])),
    operations: listOf(rule['to']).map((entry) => fieldsOf(entry['operation'])),
    when: listOf(rule['when']).map((entry) => ({
      key: textOf(entry['key']) ?? '',
      values: textsOf(entry['values']),
      notValues: textsOf(entry['notValues']),
    })),
  }));
}

export function providerOf({ spec }: IstioFacts): string | undefined {
  return textOf(objectOf(spec['provider'])['name']);
}

/** A shadow of a policy: it is counted and decides nothing. */
export function isDryRun({ annotations }: IstioFacts): boolean {
  // what Go's ParseBool takes for true
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(annotations['istio.io/dry-run'] ?? '');
}

export function objectOf(json: Json | undefined): JsonObject {
  if (json === undefined || json === null || typeof json !== 'object' || isList(json)) return {};
  return json;
}

/** Its objects; an empty list decodes to an absent one. */
export function listOf(json: Json | undefined): JsonObject[] {
  return isList(json) ? json.map(objectOf) : [];
}

export function textsOf(json: Json | undefined): string[] {
  return isList(json) ? json.filter((one) => typeof one === 'string') : [];
}

export function textOf(json: Json | undefined): string | undefined {
  return typeof json === 'string' ? json : undefined;
}

/** Labels of a selector; none of them: the selector selects everything. */
export function labelsOf(json: Json | undefined): Record<string, string> {
  const entries = Object.entries(objectOf(json)).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}

function fieldsOf(json: Json | undefined): Fields {
  const entries = Object.entries(objectOf(json)).map(([name, value]) => [name, textsOf(value)]);
  return Object.fromEntries(entries.filter(([, values]) => values?.length !== 0)) as Fields;
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}
