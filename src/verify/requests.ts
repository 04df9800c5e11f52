/** How data are exchanged with a port, and a request that a rule allows. */
import type { ContainerPort, ServicePort } from '../read/cluster';
import type { HttpAnswer } from '../engine/result';
import { Protocol } from '../values/port';

/** `tls`: a TLS greeting; whatever server is there, most answer it with some bytes. */
export type ProbeKind = 'http' | 'grpc' | 'tls' | 'dns';

export interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
}

const SIMPLEST: Readonly<Record<ProbeKind, Request>> = {
  http: { method: 'GET', path: '/' },
  grpc: { method: 'POST', path: '/grpc.health.v1.Health/Check' },
  ...{ tls: {}, dns: {} },
};

/** What is asked of a port where no rule names a request. */
export function simplestOf(kind: ProbeKind): Request {
  return SIMPLEST[kind];
}

const BY_WORD: Readonly<Record<string, ProbeKind>> = {
  ...{ http: 'http', 'http-web': 'http', ws: 'http', web: 'http', metrics: 'http' },
  ...{ grpc: 'grpc', http2: 'grpc', h2c: 'grpc', https: 'tls', tls: 'tls', dns: 'dns' },
};

/**
 * By appProtocol, then by the first part of the port's name, as Istio reads them; undefined: UDP that
 * is no DNS.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
export function kindOf(
  port: Omit<ServicePort, 'targetPort'>,
  own: ContainerPort | undefined,
): ProbeKind | undefined {
  if (port.port === 53) return 'dns';
  if (port.protocol === Protocol.UDP) return undefined;
  const words = [port.appProtocol, port.name, own?.appProtocol, own?.name].flatMap(
    (word) => word?.split('/').at(-1)?.toLowerCase().split('-')[0] ?? [],
  );
  return words.map((word) => BY_WORD[word]).find((kind) => kind !== undefined) ?? 'tls';
}

/** Requests of a set that need no token and no header, one for each of its paths. */
export function requestsIn({ methods, paths, hosts, when }: HttpAnswer): Request[] {
  if (when.length > 0) return [];
  const [method = 'GET'] = methods;
  const [host] = hosts;
  const name = host === undefined ? {} : { host: host.replace(/^\*/, 'any') };
  const some = paths.length === 0 ? ['/'] : paths;
  return some.map((path) => ({ method, path: example(path), ...name }));
}

/** A path that a pattern matches. */
function example(pattern: string): string {
  const path = pattern
    .replace(/\{\*\*?\}/g, 'any')
    .replace(/^\*/, '/any')
    .replace(/\*$/, '');
  return path === '' ? '/' : path.replace(/\*/g, 'any');
}
