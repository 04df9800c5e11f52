/**
 * Tokens: who issues them, how they are checked, and which requests need none.
 */
import { Construct } from 'constructs';
import { Http } from '../values/http';
import { refuse } from '../values/problem';
import type { RequestProps } from './about-requests';
import { aboutRequests } from './about-requests';
import { declareForMesh } from './declare';

/** Issuer, keys and audience of the tokens. */
export interface JwtAuthenticationProps extends RequestProps {
  /** Issuer (`iss`), exactly as tokens carry it. */
  readonly issuer: string;

  /**
   * Audiences (`aud`), one of which a token must carry.
   *
   * @default - any audience
   */
  readonly audiences?: string[];

  /**
   * Where istiod fetches the issuer's public keys.
   *
   * @default - `jwks`, else by OpenID discovery from the issuer
   */
  readonly jwksUri?: string;

  /**
   * The issuer's public keys, a JSON web key set as text.
   *
   * @default - `jwksUri`, else by OpenID discovery from the issuer
   */
  readonly jwks?: string;

  /**
   * Claims that every token must carry, each with one of its values.
   *
   * @default - none
   */
  readonly claims?: Record<string, string[]>;

  /**
   * Requests that need no token, such as health checks.
   *
   * @default - every request needs one
   */
  readonly withoutToken?: Http[];
}

/**
 * Validates tokens of a workload's requests, and requires one on its HTTP ports of purpose service
 * of every request but some: of whoever may call it, as far as they may. It opens nothing.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
export class JwtAuthentication extends Construct {
  constructor(scope: Construct, id: string, props: JwtAuthenticationProps) {
    super(scope, id);
    const { path } = this.node;
    const { issuer, audiences, claims = {}, jwks, jwksUri, withoutToken = [] } = props;
    // the same checks as for a requirement of a rule
    const required = Http.any().withJwt({ issuer, audiences, claims })._data.jwt;
    for (const [index, request] of withoutToken.entries()) checkExemption(path, index, request);
    if (jwks !== undefined && jwksUri !== undefined) {
      refuse({
        code: 'jwt-keys',
        where: path,
        got: { jwks: '…', jwksUri },
        expected: 'jwks or jwksUri, not both',
        fix: 'leave out one of them',
      });
    }
    checkKeys(path, props);
    declareForMesh(this, {
      ...aboutRequests(this, props),
      kind: 'jwt',
      issuer,
      audiences: required?.audiences ?? [],
      claims: required?.claims ?? [],
      jwks,
      jwksUri,
      withoutToken: withoutToken.map(({ _data }) => _data),
    });
  }
}

/** An exemption says which requests it means, and nothing about tokens. */
function checkExemption(path: string, index: number, request: Http): void {
  const { methods, paths, hosts, jwt } = request._data;
  if (jwt === undefined && methods.length + paths.length + hosts.length > 0) return;
  refuse({
    code: 'jwt-exemption',
    where: `${path}: withoutToken[${String(index)}]`,
    got: request.toString(),
    expected: 'methods, paths or hosts of requests that need no token, and no token',
    fix: `Http.get('/health')`,
  });
}

/** Without keys they are looked for below the issuer, which must then be a URL. */
function checkKeys(path: string, { issuer, jwks, jwksUri }: JwtAuthenticationProps): void {
  if (jwks !== undefined || jwksUri !== undefined || /^https?:\/\/[^/]/.test(issuer)) return;
  refuse({
    code: 'jwt-keys',
    where: path,
    got: issuer,
    expected: 'jwks or jwksUri beside an issuer that is no URL: nobody could look its keys up',
    fix: `jwksUri: 'https://idp.example.com/keys'`,
  });
}
