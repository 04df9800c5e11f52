/**
 * How does Istio compare a value of a policy with one of a request? Ids are rows of
 * ../shared/knowledge/istio.md, whose sources are istio/istio:pilot/pkg/security/authz/matcher and
 * model/generator.go. For naive evaluators only: nothing from src/, for ever.
 */

export interface MeshIdentity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly account: string;
}

/** AP-20..22: `*` first, then a leading, then a trailing asterisk; anywhere else it is a letter. */
export function matchesText(pattern: string, value: string): boolean {
  if (pattern === '*') return value !== '';
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  return pattern === value;
}

/** AP-24: case does not count, a port does; `*` is any, as an empty host is one too. */
export function matchesHost(pattern: string, authority: string): boolean {
  if (pattern === '*') return true;
  return matchesText(pattern.toLowerCase(), authority.toLowerCase());
}

/** AP-25, AP-26: without query and fragment; `{*}` is one segment, `{**}` any tail. */
export function matchesPath(pattern: string, path: string): boolean {
  const [plain = ''] = path.split(/[?#]/);
  if (!pattern.includes('{*}') && !pattern.includes('{**}')) return matchesText(pattern, plain);
  return regex(pattern, { '{*}': '[^/]+', '{**}': '.*' }).test(plain);
}

/** AP-29 */
export function matchesPrincipal(pattern: string, identity: MeshIdentity): boolean {
  return matchesText(pattern, principalOf(identity));
}

/** AP-30: the namespace part of the principal; an asterisk anywhere. */
export function matchesNamespace(pattern: string, { namespace }: MeshIdentity): boolean {
  return regex(pattern, { '*': '.*' }).test(namespace);
}

/** AP-31: `account` of the policy's namespace, or `namespace/account`. */
export function matchesAccount(value: string, identity: MeshIdentity, home: string): boolean {
  const [account = '', namespace = home] = value.split('/').reverse();
  return identity.namespace === namespace && identity.account === account;
}

/** JWT-04: split at the last slash; without one, a trailing `*` means issuers, a leading one subjects. */
export function matchesRequestPrincipal(pattern: string, issuer: string, subject: string): boolean {
  if (issuer === '' || subject === '') return false; // JWT-05
  if (pattern === '*') return true;
  const slash = pattern.lastIndexOf('/');
  if (slash < 0 && pattern.startsWith('*')) return matchesText(pattern, subject);
  if (slash < 0) return pattern.endsWith('*') && matchesText(pattern, issuer);
  const [iss, sub] = [pattern.slice(0, slash), pattern.slice(slash + 1)];
  return matchesText(iss, issuer) && matchesText(sub, subject);
}

/** JWT-07: text, or a list with a text in it; booleans and numbers never match. */
export function matchesClaim(pattern: string, claim: unknown): boolean {
  const listed: unknown[] = Array.isArray(claim) ? claim : [claim];
  return listed.some((one) => typeof one === 'string' && matchesText(pattern, one));
}

export function principalOf({ trustDomain, namespace, account }: MeshIdentity): string {
  return `${trustDomain}/ns/${namespace}/sa/${account}`;
}

/** The pattern as a regular expression of the whole value, its holes replaced. */
function regex(pattern: string, holes: Readonly<Record<string, string>>): RegExp {
  const parts = pattern.split(/(\{\*\*?\}|\*)/);
  const source = parts.map((part) => holes[part] ?? part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${source.join('')}$`);
}
