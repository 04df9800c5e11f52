/**
 * Tokens: who issues them, how they are checked, and which requests need none.
 */
import { Construct } from 'constructs';
import { Http } from '../values/http';
import { refuse } from '../values/problem';
import { declareForMesh } from './declare';
import { checkWritable } from './ownership';
import { treeOf } from './tree';
import type { Workload } from './workload';

/** Issuer, keys and audience of the tokens. */
export interface JwtAuthenticationProps {
  /** The workload whose requests carry tokens. */
  readonly workload: Workload;

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
 * Validates tokens of a workload's requests and requires one of every request but some: of whoever
 * may call it, as far as they may. It opens nothing.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
export class JwtAuthentication extends Construct {
  constructor(scope: Construct, id: string, props: JwtAuthenticationProps) {
    super(scope, id);
    const { path } = this.node;
    const { workload, issuer, audiences = [], claims = {}, jwks, jwksUri } = props;
    checkWritable(path, treeOf(this), workload.namespaceName);
    // the same checks as for a requirement of a rule
    const required = Http.any().withJwt({ issuer, audiences, claims })._data.jwt;
    if (jwks !== undefined && jwksUri !== undefined) {
      refuse({
        code: 'jwt-keys',
        where: path,
        got: { jwks: '…', jwksUri },
        expected: 'jwks or jwksUri, not both',
        fix: 'leave out one of them',
      });
    }
    declareForMesh(this, {
      kind: 'jwt',
      namespace: workload.namespaceName,
      workload: workload.workloadName,
      issuer,
      audiences: required?.audiences ?? [],
      claims: required?.claims ?? [],
      jwks,
      jwksUri,
      withoutToken: (props.withoutToken ?? []).map(({ _data }) => _data),
      by: path,
    });
  }
}
