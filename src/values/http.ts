/**
 * HTTP rules: which requests a flow may carry.
 *
 * Values are refused where Istio would refuse them, and also where it would accept them and read
 * them otherwise than they look: methods are case-sensitive, a `*` is a wildcard only at the start
 * or the end, templates need a leading slash, hosts are matched without a scheme.
 * Source: istio/istio:pkg/config/security/security.go and pilot/pkg/security/authz/matcher
 */
import { fixFields } from './immutable';
import { refuse } from './problem';

/** What a request's JSON web token must say. */
export interface JwtRequirement {
  /** Issuer (`iss`) of the token, exactly as the token carries it. */
  readonly issuer: string;

  /**
   * Subjects (`sub`) that may call.
   *
   * @default - any subject of the issuer
   */
  readonly subjects?: string[];

  /**
   * Audiences (`aud`), one of which the token must carry.
   *
   * @default - any audience
   */
  readonly audiences?: string[];

  /**
   * Further claims: each must have one of its values. Only string claims and lists of strings match.
   *
   * @default - none
   */
  readonly claims?: Record<string, string[]>;
}

/** A rule in full. */
export interface HttpOptions {
  /**
   * Upper-case HTTP methods.
   *
   * @default - every method
   */
  readonly methods?: string[];

  /**
   * Path patterns: exact `/v1/predict`, prefix `/v1/*`, suffix `*.json`, template `/v2/models/{*}/infer`.
   *
   * @default - every path
   */
  readonly paths?: string[];

  /**
   * Host names, exact or `*.example.com`, without port.
   *
   * @default - every host
   */
  readonly hosts?: string[];

  /**
   * The token that requests must carry.
   *
   * @default - no token is required
   */
  readonly jwt?: JwtRequirement;
}

/** A rule as plain data; an empty list means "every". */
export interface HttpData {
  readonly methods: readonly string[];
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
  readonly jwt?: JwtData;
}

/** A token requirement as plain data; an empty list means "any". */
export interface JwtData {
  readonly issuer: string;
  readonly subjects: readonly string[];
  readonly audiences: readonly string[];
  /** Sorted by claim. */
  readonly claims: readonly (readonly [claim: string, values: readonly string[]])[];
}

/**
 * Requests: methods, paths, hosts and the token they must carry.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation
 */
export class Http {
  /** GET requests on these paths; on every path when none is given. */
  public static get(...paths: string[]): Http {
    return Http.of({ methods: ['GET'], paths });
  }

  /** HEAD requests on these paths. */
  public static head(...paths: string[]): Http {
    return Http.of({ methods: ['HEAD'], paths });
  }

  /** POST requests on these paths. Every gRPC call is one: `/package.Service/Method`. */
  public static post(...paths: string[]): Http {
    return Http.of({ methods: ['POST'], paths });
  }

  /** PUT requests on these paths. */
  public static put(...paths: string[]): Http {
    return Http.of({ methods: ['PUT'], paths });
  }

  /** PATCH requests on these paths. */
  public static patch(...paths: string[]): Http {
    return Http.of({ methods: ['PATCH'], paths });
  }

  /** DELETE requests on these paths. */
  public static delete(...paths: string[]): Http {
    return Http.of({ methods: ['DELETE'], paths });
  }

  /** Requests of every method on these paths. */
  public static any(...paths: string[]): Http {
    return Http.of({ paths });
  }

  /** A rule in full. */
  public static of(options: HttpOptions): Http {
    for (const field of ['methods', 'hosts'] as const) checkNotNone(field, options[field]);
    return new Http({
      methods: distinct((options.methods ?? []).map(checkedMethod)),
      paths: distinct((options.paths ?? []).map(checkedPath)),
      hosts: distinct((options.hosts ?? []).map(checkedHost)),
      jwt: options.jwt === undefined ? undefined : jwtData(options.jwt),
    });
  }

  private constructor(
    /** @internal */
    readonly _data: HttpData,
  ) {
    fixFields(this);
  }

  /** The same requests, but they must carry this token. */
  public withJwt(jwt: JwtRequirement): Http {
    return new Http({ ...this._data, jwt: jwtData(jwt) });
  }

  /** The same requests, but only for these hosts. */
  public withHosts(...hosts: string[]): Http {
    checkNotNone('hosts', hosts);
    return new Http({ ...this._data, hosts: distinct(hosts.map(checkedHost)) });
  }

  /** Readable form: `GET,POST /v1/* with a token of https://idp.example.com`. */
  public toString(): string {
    return describeHttp(this._data);
  }
}

/** Readable form of a rule. */
export function describeHttp({ methods, paths, hosts, jwt }: HttpData): string {
  return [
    methods.length === 0 ? 'any method' : methods.join(','),
    paths.length === 0 ? 'any path' : paths.join(','),
    ...(hosts.length === 0 ? [] : [`on ${hosts.join(',')}`]),
    ...(jwt === undefined ? [] : [`with a token of ${jwt.issuer}`]),
  ].join(' ');
}

/** An empty list would be read as "every". */
function checkNotNone(field: string, values: readonly string[] | undefined): void {
  if (values === undefined || values.length > 0) return;
  refuse({
    code: 'empty-list',
    where: `Http: ${field}`,
    got: [],
    expected: `at least one of them, or no ${field} at all for every one`,
    fix: `leave out ${field}`,
  });
}

function checkedMethod(method: string): string {
  const upper = typeof method === 'string' ? method.toUpperCase() : '';
  if (method === upper && /^[A-Z][A-Z-]*$/.test(method)) return method;
  return refuse({
    code: 'http-method',
    where: 'Http: methods',
    got: method,
    expected: 'an upper-case HTTP method: methods are compared case-sensitively',
    fix: /^[A-Z][A-Z-]*$/.test(upper) ? `'${upper}'` : `'GET'`,
  });
}

function checkedPath(path: string): string {
  const expected = expectedPath(path);
  if (expected === undefined) return path;
  return refuse({
    code: 'http-path',
    where: 'Http: paths',
    got: path,
    expected,
    fix: `'/v1/predict', '/v1/*', '*.json' or '/v2/models/{*}/infer'`,
  });
}

function expectedPath(path: string): string | undefined {
  if (typeof path !== 'string') return 'a string';
  if (path === '*') return undefined;
  if (/[?#\s]/.test(path))
    return 'a path without query, fragment or white space: only the path is compared';
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(path)) {
    return 'no "." or ".." segment: paths are normalized before they are compared, so it never matches';
  }
  return /[{}]/.test(path) ? expectedTemplate(path) : expectedPlainPath(path);
}

function expectedPlainPath(path: string): string | undefined {
  if (!path.startsWith('/') && !path.startsWith('*'))
    return 'a leading "/", or a leading "*" for a suffix';
  const stars = path.split('*').length - 1;
  if (stars > 1 || (stars === 1 && !path.startsWith('*') && !path.endsWith('*'))) {
    return 'one "*" at most, at the start or at the end: elsewhere it is an ordinary character; use {*} for one segment';
  }
  return undefined;
}

/** `=` and a missing leading slash pass Istio's webhook and fail in Envoy, which would lose the listener. */
function expectedTemplate(path: string): string | undefined {
  if (!path.startsWith('/')) return 'a template with a leading "/"';
  const segments = path.slice(1).split('/');
  const literal = /^[a-zA-Z0-9\-._~%!$&'()+,;:@]+$/;
  const template = (segment: string): boolean => segment === '{*}' || segment === '{**}';
  if (!segments.every((segment) => template(segment) || segment === '' || literal.test(segment))) {
    return 'a template of whole segments {*} and {**} and plain segments without "=", "*" or braces';
  }
  const open = segments.indexOf('{**}');
  if (open >= 0 && segments.slice(open + 1).some(template)) return 'no template segment after {**}';
  return undefined;
}

function checkedHost(host: string): string {
  const labels = typeof host === 'string' ? host.replace(/^\*\./, '').split('.') : [];
  const label = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
  const valid = labels.length > 0 && host.length <= 255;
  if (valid && labels.every((part) => label.test(part))) return host.toLowerCase();
  return refuse({
    code: 'http-host',
    where: 'Http: hosts',
    got: host,
    expected: 'a host name without scheme and port, exact or with a leading "*."',
    fix: `'models.example.com' or '*.example.com'`,
  });
}

function jwtData({ issuer, subjects = [], audiences = [], claims = {} }: JwtRequirement): JwtData {
  checkNotEmpty('issuer', issuer, `'https://idp.example.com'`);
  for (const subject of subjects) checkNotEmpty('subjects', subject, `'alice'`);
  for (const audience of audiences) checkNotEmpty('audiences', audience, `'scoring-api'`);
  const pairs = Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [claim, values] of pairs) {
    if (claim === '' || values.length === 0) {
      refuse({
        code: 'jwt-claim',
        where: 'Http: jwt.claims',
        got: { [claim]: values },
        expected: 'a claim name with at least one value',
        fix: `{ groups: ['ml-users'] }`,
      });
    }
    for (const value of values) checkNotEmpty(`claims.${claim}`, value, `'ml-users'`);
  }
  return {
    issuer,
    subjects: distinct(subjects),
    audiences: distinct(audiences),
    claims: pairs.map(([claim, values]) => [claim, distinct(values)] as const),
  };
}

/** Istio reads a leading or trailing `*` as a wildcard in principals and claims. */
function checkNotEmpty(field: string, value: string, fix: string): void {
  if (typeof value === 'string' && value !== '' && !value.includes('*')) return;
  refuse({
    code: 'jwt-value',
    where: `Http: jwt.${field}`,
    got: value,
    expected: 'exact text without "*", not empty',
    fix,
  });
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
