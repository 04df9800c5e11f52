/**
 * Requests about which an external authorizer decides as well.
 */
import { Construct } from 'constructs';
import type { Http } from '../values/http';
import { describeHttp } from '../values/http';
import { expectedDnsLabel } from '../values/names';
import type { Port } from '../values/port';
import { refuse } from '../values/problem';
import type { RequestProps } from './about-requests';
import { aboutRequests, checkedPortList } from './about-requests';
import { declareForMesh } from './declare';

/** The workload, and who is asked. */
export interface CustomAuthorizationProps extends RequestProps {
  /**
   * Name of the authorizer among the mesh configuration's `extensionProviders`
   * (`envoyExtAuthzHttp` or `envoyExtAuthzGrpc`). Where the mesh does not know it, Istio refuses
   * the requests.
   */
  readonly provider: string;

  /**
   * Requests that it is asked about, by method, path and host. Tokens and identities are not known
   * when it is asked.
   *
   * @default - every request
   */
  readonly http?: Http[];

  /**
   * HTTP ports whose requests it is asked about.
   *
   * @default - every HTTP port of purpose service
   */
  readonly ports?: Port[];
}

/**
 * Asks an external authorizer about requests, before anything else is checked. It can only refuse:
 * who may call at all is still what grants and rules say.
 *
 * @see https://istio.io/latest/docs/tasks/security/authorization/authz-custom/
 */
export class CustomAuthorization extends Construct {
  constructor(scope: Construct, id: string, props: CustomAuthorizationProps) {
    super(scope, id);
    const { path } = this.node;
    const { provider } = props;
    const expected = expectedDnsLabel(provider);
    if (expected !== undefined) {
      const fix = `provider: 'opa'`;
      refuse({ code: 'provider-name', where: `${path}: provider`, got: provider, expected, fix });
    }
    declareForMesh(this, {
      kind: 'custom-authorization',
      ...aboutRequests(this, props),
      provider,
      ports: checkedPortList(this, props.ports),
      http: checkedRequests(path, props.http).map(({ _data }) => _data),
    });
  }
}

/** The authorizer is asked before tokens are validated. */
function checkedRequests(path: string, http: readonly Http[] | undefined): readonly Http[] {
  if (http?.length === 0) {
    refuse({
      code: 'empty-list',
      where: `${path}: http`,
      got: [],
      expected: 'at least one of them, or no http at all',
      fix: 'leave out http for every request',
    });
  }
  const identified = http?.find(({ _data }) => _data.jwt !== undefined);
  if (identified === undefined) return http ?? [];
  return refuse({
    code: 'custom-needs-token',
    where: `${path}: http`,
    got: describeHttp(identified._data),
    expected:
      'requests by method, path and host: the authorizer is asked before tokens are checked',
    fix: 'http: without withJwt; ask for tokens with JwtAuthentication or L7AccessRule',
  });
}
