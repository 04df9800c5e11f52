/**
 * What a route takes, as a set of requests. Patterns that no set of requests can say (regular
 * expressions, names without case) and paths or hosts that are rewritten make the answer inexact: the
 * set is then too large, and whoever asks says UNKNOWN where that matters.
 */
import type { RequestCondition } from '../http/conditions';
import { requestsOf, unionRequests } from '../http/requests';
import type { RoutedRequests } from './declared';

/** One match of a route; absent lists say nothing. */
export interface Match {
  readonly methods?: readonly string[];
  /** Patterns as policies have them: `/api`, `/api/*`. */
  readonly paths?: readonly string[];
  readonly conditions?: readonly RequestCondition[];
  /** Whether the requests are fewer than these fields say. @default false */
  readonly narrower?: boolean;
}

export interface RouteLimits {
  /** Any of them; none: every request. */
  readonly matches: readonly Match[];
  /** Empty: every one. */
  readonly hosts: readonly string[];
  /** Whether path or host are other ones behind the route. */
  readonly rewrites: boolean;
}

export function routedRequests({ matches, hosts, rewrites }: RouteLimits): RoutedRequests {
  const each = matches.length === 0 ? [{}] : matches;
  const sets = each.map(({ methods = [], paths = [], conditions = [] }: Match) => ({
    taken: requestsOf({ methods, paths, hosts, conditions }),
    sent: requestsOf(rewrites ? { methods, conditions } : { methods, paths, hosts, conditions }),
  }));
  return {
    taken: unionRequests(...sets.map(({ taken }) => taken)),
    sent: unionRequests(...sets.map(({ sent }) => sent)),
    exact: !rewrites && matches.every(({ narrower = false }) => !narrower),
    isHttp: true,
  };
}

/** A prefix that ends where a segment of the path does: `/api` and `/api/x`, not `/apis`. */
export function segmentPrefix(path: string): string[] {
  const stem = path.replace(/\/+$/, '');
  return stem === '' ? [] : [stem, `${stem}/*`];
}

/** A header that has a value; present where there is none. */
export function headerIs(name: string, value = '*'): RequestCondition {
  return { key: `request.headers[${name.toLowerCase()}]`, values: [value], notValues: [] };
}

/** A parameter of the query. */
export function queryIs(name: string, value = '*'): RequestCondition {
  return { key: `request.query[${name}]`, values: [value], notValues: [] };
}
