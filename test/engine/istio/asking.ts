/** One question, asked of the engine and of the naive evaluator alike. */
import { compileAuthorization } from '../../../src/engine/istio/authorization';
import type { EnforcementPoint } from '../../../src/engine/istio/attachment';
import { allowedRequests } from '../../../src/engine/istio/allowed';
import type { PortPolicies } from '../../../src/engine/istio/allowed';
import type { Caller } from '../../../src/engine/istio/callers';
import { decideRequest } from '../../../src/engine/istio/decide';
import type { Decision, MeshRequest as EngineRequest } from '../../../src/engine/istio/decide';
import { effectiveMtls } from '../../../src/engine/istio/peer-authentication';
import { acceptsToken, tokenRules } from '../../../src/engine/istio/request-authentication';
import { valuesOfRequest } from '../../../src/engine/istio/tokens';
import { requestMatches } from '../../../src/engine/http/requests';
import type { Json } from '../../../src/read/resource';
import type { MeshPod, MeshRequest } from '../../naive/istio-world';
import type { Manifest } from '../../naive/load-yaml';
import type { Address } from '../../naive/world';
import { istioFacts } from './facts';

export const TRUST_DOMAIN = 'cluster.local';

export function policiesAt(
  manifests: readonly Manifest[],
  point: EnforcementPoint,
  at: Pick<PortPolicies, 'port' | 'isHttp'>,
): PortPolicies {
  const of = (kind: string) =>
    manifests.filter((one) => one.kind === kind).map((one) => istioFacts(one));
  return {
    authorization: compileAuthorization(of('AuthorizationPolicy'), point),
    mtls: effectiveMtls(of('PeerAuthentication'), point, at.port),
    tokens: tokenRules(of('RequestAuthentication'), point),
    ...at,
  };
}

export function sidecarOf({ namespace, labels }: MeshPod, rootNamespace = 'istio-system') {
  return { proxy: 'sidecar', namespace, labels: labels ?? {}, rootNamespace } as const;
}

export function callerOf(from: MeshPod | Address, plaintext = false): Caller {
  if (!('namespace' in from)) return { addresses: [from.ip] };
  const { namespace, serviceAccount: account = 'default', ip } = from;
  const addresses = from.ips ?? (ip === undefined ? [] : [ip]);
  if (!from.inMesh || plaintext) return { addresses };
  return { addresses, identity: { trustDomain: TRUST_DOMAIN, namespace, account } };
}

export function engineRequest(request: MeshRequest, authorized?: boolean): EngineRequest {
  const { from, plaintext, method, path, host, jwt } = request;
  const token = jwt && { ...jwt, claims: jwt.claims as Record<string, Json> | undefined };
  return { caller: callerOf(from, plaintext), method, path, host, token, authorized };
}

/** What the set of allowed requests says about one; undefined: the token is refused before. */
export function askSet(policies: PortPolicies, request: EngineRequest) {
  const { tokens, isHttp } = policies;
  const { token, caller } = request;
  if (isHttp !== false && token && tokens.rules.length > 0 && !acceptsToken(tokens, token)) {
    return undefined;
  }
  const { allowed, possible } = allowedRequests(policies, caller);
  const hasValue = valuesOfRequest(request);
  if (requestMatches(allowed, request, hasValue) === true) return 'ALLOWED';
  return requestMatches(possible, request, hasValue) === false ? 'DENIED' : 'UNKNOWN';
}

/** The engine's answer at the sidecar of the pod that is called. */
export function askSidecar(
  manifests: readonly Manifest[],
  request: MeshRequest,
  authorized?: boolean,
): Decision {
  const { to, port } = request;
  const at = { port, isHttp: to.httpPorts.includes(port) };
  return decideRequest(
    policiesAt(manifests, sidecarOf(to), at),
    engineRequest(request, authorized),
  );
}
