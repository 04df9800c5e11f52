/**
 * Which requests a flow may carry to a workload once everything that limits it is taken together:
 * its own HTTP rules, the rules that narrow it, and the token that the workload asks for.
 */
import type { HttpData, JwtData } from '../../values/http';
import type { FlowData, WorkloadData } from '../../traffic/data';
import type { JwtDeclaration } from '../../traffic/mesh-data';
import { meshDeclarations } from '../../traffic/model';
import type { RenderContext } from '../context';

/** Every request, with or without a token. */
const EVERYTHING: HttpData = { methods: [], paths: [], hosts: [] };

/** Tokens that a workload validates. */
export function tokensOf(
  { model }: RenderContext,
  { namespace, name }: Pick<WorkloadData, 'namespace' | 'name'>,
): JwtDeclaration[] {
  return meshDeclarations(model, 'jwt').filter(
    (one) => one.namespace === namespace && one.workload === name,
  );
}

/** The requests of a flow; an empty list means every request. */
export function requestsOf(flow: FlowData, tokens: readonly JwtDeclaration[]): readonly HttpData[] {
  const subject =
    flow.from.kind === 'identity' && flow.from.identity.kind === 'jwt'
      ? flow.from.identity
      : undefined;
  const own =
    flow.http.length === 0 && subject === undefined && tokens.length === 0 ? [] : flow.http;
  const listed =
    own.length === 0 && (subject !== undefined || tokens.length > 0) ? [EVERYTHING] : own;
  if (subject !== undefined) {
    const jwt = tokenOf(tokens, subject.issuer);
    return listed.map((http) => ({ ...http, jwt: { ...jwt, subjects: [subject.subject] } }));
  }
  return listed.flatMap((http) => withToken(http, tokens));
}

/** A request without a token requirement of its own needs one of the workload's tokens. */
function withToken(http: HttpData, tokens: readonly JwtDeclaration[]): HttpData[] {
  if (tokens.length === 0) return [http];
  if (http.jwt !== undefined) return [{ ...http, jwt: merged(http.jwt, tokens) }];
  const free = tokens
    .flatMap(({ withoutToken }) => withoutToken)
    .flatMap((open) => intersect(http, open) ?? []);
  // what is open as a whole needs no second rule that asks for a token
  const open = free.some((one) => JSON.stringify(one) === JSON.stringify(http));
  const guarded = tokens.map(({ issuer }) => ({ ...http, jwt: tokenOf(tokens, issuer) }));
  return open ? free : [...free, ...guarded];
}

/** What the workload's own declaration asks of every token of an issuer. */
function tokenOf(tokens: readonly JwtDeclaration[], issuer: string): JwtData {
  const declared = tokens.find((token) => token.issuer === issuer);
  return {
    issuer,
    subjects: [],
    audiences: declared?.audiences ?? [],
    claims: declared?.claims ?? [],
  };
}

function merged(jwt: JwtData, tokens: readonly JwtDeclaration[]): JwtData {
  const declared = tokenOf(tokens, jwt.issuer);
  const claims = new Map([...declared.claims, ...jwt.claims]);
  return {
    ...jwt,
    audiences: jwt.audiences.length > 0 ? jwt.audiences : declared.audiences,
    claims: [...claims].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** Requests that both rules mean; undefined when there are none. */
export function intersect(a: HttpData, b: HttpData): HttpData | undefined {
  const methods = intersectLists(a.methods, b.methods, (x, y) => (x === y ? x : undefined));
  const paths = intersectLists(a.paths, b.paths, narrowerPath);
  const hosts = intersectLists(a.hosts, b.hosts, narrowerHost);
  if (methods === undefined || paths === undefined || hosts === undefined) return undefined;
  return { methods, paths, hosts };
}

/** Empty lists mean "every"; undefined means "none". */
function intersectLists(
  a: readonly string[],
  b: readonly string[],
  narrower: (x: string, y: string) => string | undefined,
): readonly string[] | undefined {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const both = a.flatMap((x) => b.flatMap((y) => narrower(x, y) ?? []));
  return both.length === 0 ? undefined : [...new Set(both)].sort();
}

function narrowerPath(a: string, b: string): string | undefined {
  if (pathContains(a, b)) return b;
  return pathContains(b, a) ? a : undefined;
}

/** Whether every path of the inner pattern is one of the outer pattern; decided for plain patterns. */
export function pathContains(outer: string, inner: string): boolean {
  if (outer === inner || outer === '*') return true;
  if (/[{}]/.test(outer)) return false;
  if (outer.endsWith('*') && !inner.startsWith('*')) {
    const literal = inner.split('{')[0] ?? inner;
    return literal.replace(/\*$/, '').startsWith(outer.slice(0, -1));
  }
  if (outer.startsWith('*') && !inner.endsWith('*') && !/[{}]/.test(inner)) {
    return inner.replace(/^\*/, '').endsWith(outer.slice(1));
  }
  return false;
}

function narrowerHost(a: string, b: string): string | undefined {
  if (a === b) return a;
  if (a.startsWith('*.') && b.endsWith(a.slice(1))) return b;
  if (b.startsWith('*.') && a.endsWith(b.slice(1))) return a;
  return undefined;
}
