/**
 * Sets of HTTP requests, as policies describe them: unions of clauses, with exact emptiness and
 * containment. A set that would need more than `MAX_CLAUSES` says that it is inexact; whoever asks
 * then answers UNKNOWN.
 */
import { clauseMatches, clauseWithout, clearlyHolds, EVERY_REQUEST, meetClauses } from './clause';
import type { Clause, HttpRequest } from './clause';
import type { HasValue, RequestCondition } from './conditions';
import { hostPattern, pathPattern, textPattern } from './patterns';
import { EVERY, noneOf, oneOf } from './text-sets';
import type { TextSet } from './text-sets';

export interface RequestSet {
  /** A request is in the set if it meets one of them. Sorted, none superfluous. */
  readonly clauses: readonly Clause[];
  /** The set was too large to say: neither what is listed nor what is missing can be relied on. */
  readonly inexact: boolean;
}

/** Values as policies write them; an absent or empty list says nothing. */
export interface RequestLimits {
  readonly methods?: readonly string[];
  readonly notMethods?: readonly string[];
  readonly paths?: readonly string[];
  readonly notPaths?: readonly string[];
  readonly hosts?: readonly string[];
  readonly notHosts?: readonly string[];
  readonly conditions?: readonly RequestCondition[];
}

/** Beyond it a set is inexact. */
export const MAX_CLAUSES = 256;

export const NO_REQUESTS: RequestSet = { clauses: [], inexact: false };
export const ALL_REQUESTS: RequestSet = { clauses: [EVERY_REQUEST], inexact: false };

/** Requests within these limits. */
export function requestsOf(limits: RequestLimits): RequestSet {
  const { methods, notMethods, paths, notPaths, hosts, notHosts, conditions = [] } = limits;
  const clause = {
    methods: limitOf(methods?.map(textPattern), notMethods?.map(textPattern)),
    paths: limitOf(paths?.map(pathPattern), notPaths?.map(pathPattern)),
    hosts: limitOf(hosts?.map(hostPattern), notHosts?.map(hostPattern)),
    conditions,
  };
  return setOf([meetClauses(EVERY_REQUEST, clause)], false);
}

/** Requests that meet a condition. */
export function requestsWith(condition: RequestCondition): RequestSet {
  return requestsOf({ conditions: [condition] });
}

export function unionRequests(...sets: readonly RequestSet[]): RequestSet {
  return setOf(
    sets.flatMap(({ clauses }) => clauses),
    sets.some(({ inexact }) => inexact),
  );
}

export function intersectRequests(a: RequestSet, b: RequestSet): RequestSet {
  const clauses = a.clauses.flatMap((one) => b.clauses.map((other) => meetClauses(one, other)));
  return setOf(clauses, a.inexact || b.inexact);
}

/** Requests of `a` that are not in `b`. */
export function subtractRequests(a: RequestSet, b: RequestSet): RequestSet {
  let left: RequestSet = { clauses: a.clauses, inexact: a.inexact || b.inexact };
  for (const clause of b.clauses) {
    left = setOf(
      left.clauses.flatMap((one) => clauseWithout(one, clause)),
      left.inexact,
    );
  }
  return left;
}

/** Exact, but for sets that are not: of those nothing is known to be missing. */
export function isEmptyRequests({ clauses, inexact }: RequestSet): boolean {
  return clauses.length === 0 && !inexact;
}

/** Whether every request of `inner` is in `outer`. */
export function containsRequests(outer: RequestSet, inner: RequestSet): boolean {
  return isEmptyRequests(subtractRequests(inner, outer));
}

export function equalRequests(a: RequestSet, b: RequestSet): boolean {
  return containsRequests(a, b) && containsRequests(b, a);
}

/** Whether all requests are in the set, by its look: `ALL_REQUESTS` in any other words needs `equalRequests`. */
export function isEveryRequest({ clauses, inexact }: RequestSet): boolean {
  return !inexact && clauses.some((one) => clearlyHolds(one, EVERY_REQUEST));
}

/** Undefined: it hangs on what is not known of the request. */
export function requestMatches(
  { clauses, inexact }: RequestSet,
  request: HttpRequest,
  hasValue: HasValue,
): boolean | undefined {
  if (inexact) return undefined;
  const answers = clauses.map((clause) => clauseMatches(clause, request, hasValue));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

/** The same set with every clause's conditions judged anew. */
export function mapConditions(
  set: RequestSet,
  map: (conditions: readonly RequestCondition[]) => readonly RequestCondition[] | undefined,
): RequestSet {
  const clauses = set.clauses.map((clause): Clause | undefined => {
    const conditions = map(clause.conditions);
    return conditions && { ...clause, conditions };
  });
  return setOf(clauses, set.inexact);
}

/** Drops clauses that do not exist and those that another one holds. */
function setOf(clauses: readonly (Clause | undefined)[], inexact: boolean): RequestSet {
  const kept: Clause[] = [];
  for (const clause of clauses) {
    if (clause === undefined || kept.some((one) => clearlyHolds(one, clause))) continue;
    for (let at = kept.length - 1; at >= 0; at -= 1) {
      const other = kept[at];
      if (other !== undefined && clearlyHolds(clause, other)) kept.splice(at, 1);
    }
    kept.push(clause);
    if (kept.length > MAX_CLAUSES) return { clauses: [], inexact: true };
  }
  const keyed = kept.map((clause) => ({ clause, key: JSON.stringify(clause) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { clauses: keyed.map(({ clause }) => clause), inexact };
}

function limitOf(
  some: readonly ReturnType<typeof textPattern>[] = [],
  none: readonly ReturnType<typeof textPattern>[] = [],
): TextSet {
  const one = some.length === 0 ? EVERY : oneOf(some);
  return { some: one.some, none: noneOf(none).none };
}
