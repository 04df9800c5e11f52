/**
 * One rule of an AuthorizationPolicy as parts that need no looking at each other: callers, ports and
 * requests. Sources that ask about tokens as well keep callers and tokens together.
 */
import type { PortRange } from '../../values/port-ranges';
import { ALL_PORTS, commonRanges, mergeRanges, rangesWithout } from '../../values/port-ranges';
import type { RequestCondition } from '../http/conditions';
import { intersectRequests, isEmptyRequests, requestsOf, unionRequests } from '../http/requests';
import type { RequestSet } from '../http/requests';
import type { CallerCondition, CallerTest } from './callers';
import { callerTest } from './callers';
import type { MissingFact } from './facts';
import type { Action, AuthorizationRule, Fields, WhenCondition } from './spec';

export interface RulePart {
  readonly callers: readonly CallerCondition[];
  readonly ports: readonly PortRange[];
  readonly requests: RequestSet;
}

/** Fields and keys that only a proxy that sees requests can judge. */
const HTTP_ONLY = /^(hosts|methods|paths|requestPrincipals|request\.(headers|auth)\b.*)$/;

/** Fields of a source that a request is asked about, and their key. */
const REQUEST_KEYS: Readonly<Record<string, string>> = {
  requestPrincipals: 'request.auth.principal',
  remoteIpBlocks: 'remote.ip',
};

/** The rule where a proxy sees bytes; undefined: it is dropped. */
export function onBytes(rule: AuthorizationRule, action: Action): AuthorizationRule | undefined {
  const fields = [...rule.sources, ...rule.operations].flatMap((one) => Object.keys(one));
  const used = [...fields.map(positive), ...rule.when.map(({ key }) => key)];
  if (!used.some(isHttpOnly)) return rule;
  if (action === 'ALLOW') return undefined;
  const plain = (all: Fields): Fields =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !isHttpOnly(positive(name))));
  return {
    sources: rule.sources.map(plain),
    operations: rule.operations.map(plain),
    when: rule.when.filter(({ key }) => !isHttpOnly(key)),
  };
}

export function isHttpOnly(name: string): boolean {
  return HTTP_ONLY.test(name);
}

/** `notPaths` -> `paths` */
export function positive(field: string): string {
  return field.replace(/^not([A-Z])/, (_, first: string) => first.toLowerCase());
}

/** `paths` -> `notPaths` */
function negative(field: string): string {
  return `not${field.charAt(0).toUpperCase()}${field.slice(1)}`;
}

/** Parts that cannot match are left out. `home` is the policy's namespace. */
export function compileRule(
  rule: AuthorizationRule,
  home: string,
): { readonly parts: RulePart[]; readonly missing: readonly MissingFact[] } {
  const when = whenOf(rule.when, home);
  const parts = sourcesOf(rule, home).flatMap(({ callers, conditions }) =>
    operationsOf(rule).map(({ ports, requests }): RulePart => {
      const both = [...conditions, ...when.conditions];
      return {
        callers: callers.map((one) => [...one, ...when.tests]),
        ports: commonRanges(ports, when.ports),
        // most rules ask nothing besides
        requests:
          both.length === 0
            ? requests
            : intersectRequests(requests, requestsOf({ conditions: both })),
      };
    }),
  );
  return {
    parts: parts.filter(({ ports, requests }) => ports.length > 0 && !isEmptyRequests(requests)),
    missing: when.missing,
  };
}

interface WhenParts {
  readonly tests: readonly CallerTest[];
  readonly ports: readonly PortRange[];
  readonly conditions: readonly RequestCondition[];
  readonly missing: readonly MissingFact[];
}

function whenOf(conditions: readonly WhenCondition[], home: string): WhenParts {
  const tests: CallerTest[] = [];
  const others: RequestCondition[] = [];
  const missing: MissingFact[] = [];
  let ports: readonly PortRange[] = ALL_PORTS;
  for (const { key, values, notValues } of conditions) {
    const test = callerTest(key, values, notValues, home);
    if (test !== undefined) tests.push(test);
    else if (key === 'destination.port') ports = commonRanges(ports, rangesOf(values, notValues));
    else if (key === 'destination.ip') missing.push({ fact: 'pod-address', detail: key });
    else others.push({ key, values, notValues });
  }
  return { tests, ports, conditions: others, missing };
}

interface SourceGroup {
  readonly callers: CallerCondition[];
  readonly conditions: readonly RequestCondition[];
}

/** Sources that ask the same of requests stay together. */
function sourcesOf({ sources }: AuthorizationRule, home: string): SourceGroup[] {
  if (sources.length === 0) return [{ callers: [[]], conditions: [] }];
  const groups = new Map<string, SourceGroup>();
  for (const source of sources) {
    const { tests, conditions } = sourceOf(source, home);
    const key = JSON.stringify(conditions);
    const group = groups.get(key) ?? { callers: [], conditions };
    group.callers.push(tests);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function sourceOf(source: Fields, home: string) {
  const tests: CallerTest[] = [];
  const conditions: RequestCondition[] = [];
  for (const field of new Set(Object.keys(source).map(positive))) {
    const [values, notValues] = [valuesOf(source, field), valuesOf(source, negative(field))];
    const test = callerTest(field, values, notValues, home);
    if (test !== undefined) tests.push(test);
    // an unknown field is asked of the request, which then is known to be unknown
    else conditions.push({ key: requestKey(field), values, notValues });
  }
  return { tests, conditions };
}

function requestKey(field: string): string {
  return (Object.hasOwn(REQUEST_KEYS, field) ? REQUEST_KEYS[field] : undefined) ?? field;
}

/** Operations on the same ports stay together. */
function operationsOf({ operations }: AuthorizationRule) {
  if (operations.length === 0) return [{ ports: ALL_PORTS, requests: requestsOf({}) }];
  const groups = new Map<string, { ports: readonly PortRange[]; sets: RequestSet[] }>();
  for (const operation of operations) {
    const field = (name: string): readonly string[] => valuesOf(operation, name);
    const ports = rangesOf(field('ports'), field('notPorts'));
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, sets: [] };
    group.sets.push(
      requestsOf({
        methods: field('methods'),
        notMethods: field('notMethods'),
        paths: field('paths'),
        notPaths: field('notPaths'),
        hosts: field('hosts'),
        notHosts: field('notHosts'),
      }),
    );
    groups.set(key, group);
  }
  return [...groups.values()].map(({ ports, sets }) => ({
    ports,
    requests: unionRequests(...sets),
  }));
}

function valuesOf(fields: Fields, name: string): readonly string[] {
  return (Object.hasOwn(fields, name) ? fields[name] : undefined) ?? [];
}

function rangesOf(values: readonly string[], notValues: readonly string[]): PortRange[] {
  const single = (text: string): PortRange => [Number(text), Number(text)];
  const listed = values.length === 0 ? ALL_PORTS : mergeRanges(values.map(single));
  return rangesWithout(listed, notValues.map(single));
}
