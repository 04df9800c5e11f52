/**
 * A conjunction over one request: its method, its path, its host, and conditions that others judge.
 * Normal form or nothing: a clause that no request can meet does not exist.
 */
import type { TextDomain } from './automaton';
import { allConditions, conditionsHold, conditionsImply, notCondition } from './conditions';
import type { HasValue, RequestCondition } from './conditions';
import { normalPath } from './normal-path';
import { complementTexts, clearlyContains, EVERY, intersectTexts, textMatches } from './text-sets';
import type { TextSet } from './text-sets';

export interface Clause {
  readonly methods: TextSet;
  readonly paths: TextSet;
  readonly hosts: TextSet;
  readonly conditions: readonly RequestCondition[];
}

/** One request, as far as it is known. */
export interface HttpRequest {
  readonly method?: string;
  /** As it is sent: `normalPath` is what is compared. */
  readonly path?: string;
  /** The authority, with its port where the client writes one. */
  readonly host?: string;
}

export const EVERY_REQUEST: Clause = { methods: EVERY, paths: EVERY, hosts: EVERY, conditions: [] };

const TEXTS = ['methods', 'paths', 'hosts'] as const;

/** A request has a method, a path and a host: Envoy refuses others before any policy. */
const DOMAINS: Readonly<Record<(typeof TEXTS)[number], TextDomain>> = {
  methods: { nonEmpty: true, without: '' },
  // what is compared ends before the query
  paths: { nonEmpty: true, without: '?#' },
  // an empty one is present as well, so `*` never asks for more
  hosts: { nonEmpty: true, without: '' },
};

/** Undefined: no request meets both. */
export function meetClauses(a: Clause, b: Clause): Clause | undefined {
  const conditions = allConditions([...a.conditions, ...b.conditions]);
  if (conditions === undefined) return undefined;
  const methods = intersectTexts(a.methods, b.methods, DOMAINS.methods);
  if (methods === undefined) return undefined;
  const paths = intersectTexts(a.paths, b.paths, DOMAINS.paths);
  if (paths === undefined) return undefined;
  const hosts = intersectTexts(a.hosts, b.hosts, DOMAINS.hosts);
  return hosts === undefined ? undefined : { methods, paths, hosts, conditions };
}

/**
 * Requests of `a` that are not in `b`: outside in the method; inside there and outside in the path;
 * and so on. Parts that lie apart stay few when more is taken away: n exceptions by method and path
 * leave about n clauses, where parts that overlap would be 2^n.
 */
export function clauseWithout(a: Clause, b: Clause): Clause[] {
  if (meetClauses(a, b) === undefined) return [a];
  const limits = [
    ...TEXTS.map((field) => ({
      inside: { ...EVERY_REQUEST, [field]: b[field] },
      outside: complementTexts(b[field]).map((texts): Clause => ({
        ...EVERY_REQUEST,
        [field]: texts,
      })),
    })),
    ...b.conditions.map((condition) => ({
      inside: { ...EVERY_REQUEST, conditions: [condition] },
      outside: notCondition(condition).map((one) => ({ ...EVERY_REQUEST, conditions: [one] })),
    })),
  ];
  const left: Clause[] = [];
  let rest: Clause | undefined = a;
  for (const { inside, outside } of limits) {
    if (rest === undefined) break;
    const whole: Clause = rest;
    left.push(...outside.flatMap((one) => meetClauses(whole, one) ?? []));
    if (outside.length > 0) rest = meetClauses(whole, inside);
  }
  return left;
}

/** Cheap and sound, not complete. */
export function clearlyHolds(outer: Clause, inner: Clause): boolean {
  return (
    TEXTS.every((field) => clearlyContains(outer[field], inner[field])) &&
    conditionsImply(inner.conditions, outer.conditions)
  );
}

/** Undefined: it hangs on what is not known of the request. */
export function clauseMatches(
  clause: Clause,
  { method, path, host }: HttpRequest,
  hasValue: HasValue,
): boolean | undefined {
  const texts = [
    textOf(clause.methods, method),
    textOf(clause.paths, path === undefined ? undefined : normalPath(path)),
    textOf(clause.hosts, host?.toLowerCase()),
  ];
  if (texts.includes(false)) return false;
  const conditions = conditionsHold(clause.conditions, hasValue);
  if (conditions === false) return false;
  return texts.includes(undefined) ? undefined : conditions;
}

function textOf(set: TextSet, value: string | undefined): boolean | undefined {
  if (set.some.length === 0 && set.none.length === 0) return true;
  return value === undefined ? undefined : textMatches(set, value);
}
