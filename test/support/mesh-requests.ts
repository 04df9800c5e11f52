/** Does a request meet an HTTP rule, and does it bring the token that it needs? */
import { matchesPath } from '../naive/istio-match';
import type { Token } from '../naive/istio-world';
import type { Grant, HttpRule, TokenRule, Tokens } from './mesh-story';
import type { Asked } from './mesh-witnesses';

/** What a grant asks of the token: of its rule, and the subject that it names. */
export function tokenOf({ from }: Grant, rule: HttpRule | undefined): readonly TokenRule[] {
  const named: TokenRule[] =
    from.kind === 'subject'
      ? [{ issuer: from.issuer, subjects: [from.subject], audiences: [], claims: {} }]
      : [];
  return [...named, ...(rule?.jwt === undefined ? [] : [rule.jwt])];
}

/** Methods, paths and hosts of a rule; bytes are no request. */
export function meets(rule: HttpRule | undefined, { method, path, host = '' }: Asked): boolean {
  if (rule === undefined) return true;
  if (method === undefined || path === undefined) return false;
  const listed = (wanted: readonly string[], test: (one: string) => boolean): boolean =>
    wanted.length === 0 || wanted.some(test);
  const name = host.toLowerCase().replace(/:\d+$/, '');
  return (
    listed(rule.methods, (one) => one === method) &&
    listed(rule.paths, (one) => matchesPath(one, path)) &&
    listed(rule.hosts, (one) => (one.startsWith('*') ? name.endsWith(one.slice(1)) : name === one))
  );
}

/**
 * Whether the request brings the token that it needs: what its grant asks for, and on HTTP ports of
 * purpose service, unless that request needs none, what the workload asks of everybody. A bad token
 * is refused wherever tokens are validated.
 */
export function satisfies(
  tokens: readonly Tokens[],
  own: readonly TokenRule[],
  asked: Asked,
): boolean {
  const { jwt } = asked;
  if (asked.method === undefined) return own.length === 0 && !isGuarded(tokens, asked);
  if (tokens.length > 0 && jwt !== undefined && !tokens.some((one) => validates(one, jwt))) {
    return false;
  }
  const asks = (rule: TokenRule): boolean => jwt !== undefined && says(jwt, rule);
  const validated = jwt !== undefined && tokens.some((one) => validates(one, jwt));
  if (own.length > 0 && !(validated && own.every(asks))) return false;
  const free = tokens.flatMap(({ withoutToken }) => withoutToken);
  return (
    !isGuarded(tokens, asked) ||
    free.some((rule) => meets(rule, asked)) ||
    tokens.some((one) => asks({ ...one, subjects: [] }))
  );
}

export function isGuarded(tokens: readonly Tokens[], { port }: Asked): boolean {
  return tokens.some(({ workload }) =>
    workload.ports.some(
      (one) =>
        one.port === port &&
        one.purpose === 'service' &&
        (one.kind === 'http' || one.kind === 'grpc'),
    ),
  );
}

export function validates({ issuer, audiences }: Tokens, token: Token): boolean {
  return token.valid && says(token, { issuer, audiences, subjects: [], claims: {} });
}

function says(token: Token, { issuer, subjects, audiences, claims }: TokenRule): boolean {
  const { audiences: carried = [], claims: said = {} } = token;
  return (
    token.issuer === issuer &&
    (subjects.length === 0 || subjects.includes(token.subject ?? '')) &&
    (audiences.length === 0 || audiences.some((one) => carried.includes(one))) &&
    Object.entries(claims).every(([name, values]) =>
      [said[name]].flat().some((value) => values.includes(String(value))),
    )
  );
}
