/**
 * Which requests a flow may carry: its own HTTP rules, and the token of the subject that it names.
 */
import type { HttpData, JwtData } from '../../values/http';
import type { FlowData } from '../../traffic/data';

/** Every request. */
export const ANY_REQUEST: HttpData = { methods: [], paths: [], hosts: [] };

/** The requests of a flow; an empty list means every request, undefined none at all. */
export function requestsOf({ from, http }: FlowData): readonly HttpData[] | undefined {
  if (from.kind !== 'identity' || from.identity.kind !== 'jwt') return http;
  const { issuer, subject } = from.identity;
  const named = { issuer, subjects: [subject], audiences: [], claims: [] };
  const listed = http.length === 0 ? [ANY_REQUEST] : http;
  const possible = listed.flatMap(({ jwt, ...rest }) => {
    const both = jwt === undefined ? named : ofSubject(jwt, { issuer, subject });
    return both === undefined ? [] : [{ ...rest, jwt: both }];
  });
  return possible.length === 0 ? undefined : possible;
}

/** What a rule asks of the tokens of one subject; undefined where it asks for another one. */
function ofSubject(
  jwt: JwtData,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
): JwtData | undefined {
  if (jwt.issuer !== issuer) return undefined;
  if (jwt.subjects.length > 0 && !jwt.subjects.includes(subject)) return undefined;
  return { ...jwt, subjects: [subject] };
}

/** Whether every request of the inner rule is one of the outer rule; decided for plain patterns. */
export function requestContains(outer: HttpData, inner: HttpData): boolean {
  const sameToken =
    outer.jwt === undefined || JSON.stringify(outer.jwt) === JSON.stringify(inner.jwt);
  return (
    sameToken &&
    listContains(outer.methods, inner.methods, (a, b) => a === b) &&
    listContains(outer.paths, inner.paths, pathContains) &&
    listContains(outer.hosts, inner.hosts, hostContains)
  );
}

/** Whether every request of some rules is one of others; no rules at all mean every request. */
export function requestsContain(
  outer: readonly (readonly HttpData[])[],
  inner: readonly HttpData[],
): boolean {
  const allowed = outer.flatMap((rules) => (rules.length === 0 ? [ANY_REQUEST] : rules));
  const wanted = inner.length === 0 ? [ANY_REQUEST] : inner;
  return wanted.every((one) => allowed.some((rule) => requestContains(rule, one)));
}

/** Empty lists mean "every". */
function listContains(
  outer: readonly string[],
  inner: readonly string[],
  contains: (a: string, b: string) => boolean,
): boolean {
  if (outer.length === 0) return true;
  return inner.length > 0 && inner.every((b) => outer.some((a) => contains(a, b)));
}

function pathContains(outer: string, inner: string): boolean {
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

function hostContains(outer: string, inner: string): boolean {
  return outer === inner || (outer.startsWith('*.') && inner.endsWith(outer.slice(1)));
}
