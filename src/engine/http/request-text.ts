/**
 * How a set of requests is written: as the JSON of `reach`, and as a line that people read. Where a
 * field needs two lists at once (`/v1/*` and `*.json`), the further ones stand among the conditions,
 * under a key of their own.
 */
import type { Pattern } from './automaton';
import type { Clause } from './clause';
import { describeCondition } from './conditions';
import type { RequestCondition } from './conditions';
import { describePattern } from './patterns';
import type { RequestSet } from './requests';
import type { TextSet } from './text-sets';

/** One entry of `http` in the JSON of `reach`; an empty list says nothing. */
export interface RequestJson {
  readonly methods: readonly string[];
  readonly notMethods?: readonly string[];
  readonly paths: readonly string[];
  readonly notPaths: readonly string[];
  readonly hosts: readonly string[];
  readonly notHosts?: readonly string[];
  readonly when: readonly RequestCondition[];
}

export function requestsToJson({ clauses }: RequestSet): RequestJson[] {
  return clauses.map((clause) => {
    const { methods, paths, hosts } = clause;
    const [notMethods, notHosts] = [texts(methods.none), texts(hosts.none)];
    return {
      methods: firstList(methods),
      ...(notMethods.length === 0 ? {} : { notMethods }),
      paths: firstList(paths),
      notPaths: texts(paths.none),
      hosts: firstList(hosts),
      ...(notHosts.length === 0 ? {} : { notHosts }),
      when: conditionsOf(clause),
    };
  });
}

/** `GET,POST /api/2.0/* on models.example.com when request.headers[x] in a`, one clause a part. */
export function describeRequests({ clauses, inexact }: RequestSet): string {
  if (inexact) return 'requests that are too many rules to say';
  if (clauses.length === 0) return 'no request';
  return clauses.map(describeClause).join('; ');
}

function describeClause(clause: Clause): string {
  const { methods, paths, hosts } = clause;
  const when = conditionsOf(clause);
  const parts = [
    describeTexts(methods),
    describeTexts(paths),
    ...(describeTexts(hosts) === '' ? [] : [`on ${describeTexts(hosts)}`]),
  ].filter((part) => part !== '');
  const what = parts.length === 0 ? 'every request' : parts.join(' ');
  return when.length === 0 ? what : `${what} when ${when.map(describeCondition).join(' and ')}`;
}

function describeTexts(set: TextSet): string {
  const [some, none] = [firstList(set), texts(set.none)];
  if (none.length === 0) return some.join(',');
  return `${some.length === 0 ? '*' : some.join(',')} but ${none.join(',')}`;
}

function conditionsOf({ methods, paths, hosts, conditions }: Clause): RequestCondition[] {
  const further = (key: string, { some }: TextSet): RequestCondition[] =>
    some.slice(1).map((list) => ({ key, values: texts(list), notValues: [] }));
  return [
    ...further('request.method', methods),
    ...further('request.path', paths),
    ...further('request.host', hosts),
    ...conditions,
  ];
}

function firstList({ some }: TextSet): string[] {
  return texts(some[0] ?? []);
}

function texts(patterns: readonly Pattern[]): string[] {
  return patterns.map(describePattern);
}
