/**
 * Which mesh do the tests of the naive evaluator ask about? A model server, two callers in one
 * namespace, a scraper without proxy and an address; policies as YAML would parse to.
 */

import { meshAllows } from './istio';
import type { MeshPod, MeshRequest, MeshRule, MeshWorld, Policy, Token } from './istio-world';
import { meshWorld } from './istio-world';
import type { Manifest } from './load-yaml';

export const modelApi: MeshPod = {
  namespace: 'llm-serving',
  name: 'model-api',
  labels: { app: 'model-api' },
  serviceAccount: 'model-api',
  inMesh: true,
  httpPorts: [8080],
  ip: '10.0.1.10',
};
export const bert: MeshPod = {
  namespace: 'ml-training',
  name: 'bert',
  labels: { app: 'bert' },
  serviceAccount: 'bert',
  inMesh: true,
  httpPorts: [],
  ip: '10.0.2.10',
};
export const notebook: MeshPod = { ...bert, name: 'notebook', serviceAccount: 'notebook' };
export const prometheus: MeshPod = {
  namespace: 'observability',
  name: 'prometheus',
  inMesh: false,
  httpPorts: [],
  ip: '10.0.4.10',
};
export const laptop = { ip: '198.51.100.7' };

export const alice: Token = { issuer: 'https://idp.test', subject: 'alice', valid: true };

const SECURITY = 'security.istio.io/v1';

export function authorization(
  spec: Record<string, unknown>,
  { namespace = 'llm-serving', ...metadata }: Partial<Manifest['metadata']> = {},
): Manifest {
  const kind = 'AuthorizationPolicy';
  return { apiVersion: SECURITY, kind, metadata: { name: 'policy', namespace, ...metadata }, spec };
}

export function peerAuthentication(
  spec: Record<string, unknown>,
  metadata: Partial<Policy<unknown>['metadata']> = {},
): Manifest {
  const kind = 'PeerAuthentication';
  const named = { name: 'mtls', namespace: 'llm-serving', ...metadata };
  return { apiVersion: SECURITY, kind, metadata: named as Manifest['metadata'], spec };
}

export function requestAuthentication(
  spec: Record<string, unknown>,
  namespace = 'llm-serving',
): Manifest {
  const kind = 'RequestAuthentication';
  return { apiVersion: SECURITY, kind, metadata: { name: 'jwt', namespace }, spec };
}

export const validates = (issuer = 'https://idp.test', audiences?: string[]): Manifest =>
  requestAuthentication({ jwtRules: [{ issuer, audiences }] });

/** ALLOW with one rule on every pod of the namespace. */
export const allowing = (...rules: MeshRule[]): Manifest => authorization({ rules });
export const denying = (...rules: MeshRule[]): Manifest => authorization({ action: 'DENY', rules });

export const source = (fields: Record<string, string[]>): MeshRule => ({
  from: [{ source: fields }],
});
export const operation = (fields: Record<string, string[]>): MeshRule => ({
  to: [{ operation: fields }],
});

export function mesh(...manifests: Manifest[]): MeshWorld {
  return meshWorld(manifests);
}

/** `GET /v1/models` of bert to model-api on 8080, but for what is said otherwise. */
export function allows(
  manifests: Manifest | readonly Manifest[],
  request: Partial<MeshRequest> = {},
): boolean {
  return meshAllows(mesh(...[manifests].flat()), {
    ...{ from: bert, to: modelApi, port: 8080, method: 'GET', path: '/v1/models' },
    ...{ host: 'model-api.llm-serving:8080' },
    ...request,
  });
}
