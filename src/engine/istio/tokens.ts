/**
 * What a request carries besides method, path and host, and how a policy's value is compared with
 * it. What is not known of the request has no answer.
 *
 * Source: istio/istio:pilot/pkg/security/authz/model/generator.go (1.31)
 */
import { cidrContains } from '../../values/cidr';
import type { Json } from '../../read/resource';
import type { HasValue } from '../http/conditions';
import { patternMatches, textPattern } from '../http/patterns';
import { blockOf } from './callers';
import { objectOf } from './spec';

export interface Token {
  readonly issuer: string;
  readonly subject?: string;
  readonly audiences?: readonly string[];
  readonly claims?: Readonly<Record<string, Json>>;
  /** Whether signature and dates hold. */
  readonly valid: boolean;
}

export interface CarriedAttributes {
  /** Absent: the request has none. */
  readonly token?: Token;
  /** By lower-case name; absent: not known. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The address that forwarding proxies tell of; absent: not known. */
  readonly remoteAddress?: string;
  /** Of the TLS connection; absent: not known. */
  readonly serverName?: string;
  /** What an external authorizer says; absent: not known. */
  readonly authorized?: boolean;
}

/** The key of the condition that an external authorizer sets; its value is the provider. */
export const AUTHORIZER = 'external-authorizer';

export function valuesOfRequest(carried: CarriedAttributes): HasValue {
  return (key, value) => {
    if (key.startsWith('request.auth.')) return tokenHas(key, value, carried.token);
    if (key.startsWith('request.headers[')) return headerHas(key, value, carried.headers);
    switch (key) {
      case AUTHORIZER:
        return carried.authorized;
      case 'remote.ip':
        return carried.remoteAddress === undefined
          ? undefined
          : cidrContains(blockOf(value), blockOf(carried.remoteAddress));
      case 'connection.sni':
        return carried.serverName === undefined
          ? undefined
          : patternMatches(textPattern(value), carried.serverName);
      default:
        return undefined;
    }
  };
}

function headerHas(
  key: string,
  value: string,
  headers: CarriedAttributes['headers'],
): boolean | undefined {
  if (headers === undefined) return undefined;
  const name = key.slice(key.indexOf('[') + 1, -1).toLowerCase();
  const own = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return own !== undefined && (value === '*' || patternMatches(textPattern(value), own));
}

function tokenHas(key: string, value: string, token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (key === 'request.auth.principal') return isPrincipal(value, token);
  const claim = claimOf(token, key);
  const listed = Array.isArray(claim) ? (claim as readonly Json[]) : [claim];
  // booleans and numbers never match
  return listed.some((one) => typeof one === 'string' && patternMatches(textPattern(value), one));
}

/** Split at the last slash; without one a trailing `*` means issuers, a leading one subjects. */
function isPrincipal(value: string, { issuer, subject = '' }: Token): boolean {
  const matches = (pattern: string, text: string): boolean =>
    patternMatches(textPattern(pattern), text);
  // a token without subject has no principal, not even for `*`
  if (issuer === '' || subject === '') return false;
  if (value === '*') return true;
  const slash = value.lastIndexOf('/');
  if (slash >= 0) {
    return matches(value.slice(0, slash), issuer) && matches(value.slice(slash + 1), subject);
  }
  if (value.startsWith('*')) return matches(value, subject);
  return value.endsWith('*') && matches(value, issuer);
}

/** Nested claims by brackets; scopes are split at spaces. */
function claimOf({ issuer, subject, audiences, claims }: Token, key: string): Json | undefined {
  if (key === 'request.auth.audiences') return audiences;
  const path =
    key === 'request.auth.presenter'
      ? ['azp']
      : [...key.matchAll(/\[([^\]]*)\]/g)].map(([, name = '']) => name);
  const own = {
    ...(subject === undefined ? {} : { sub: subject }),
    ...(audiences && { aud: audiences }),
  };
  const value = path.reduce<Json | undefined>(
    (at, name) => (Object.hasOwn(objectOf(at), name) ? objectOf(at)[name] : undefined),
    { ...claims, iss: issuer, ...own },
  );
  const splits = path.length === 1 && ['scope', 'permission'].includes(path[0] ?? '');
  return splits && typeof value === 'string' ? value.split(' ') : value;
}
