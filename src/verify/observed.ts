/** What a probe saw, in one of three words. */
import type { Probe } from './probes';

/** What the program writes under `saw`. */
export interface Saw {
  readonly connected: boolean;
  /** That came back. */
  readonly bytes: number;
  readonly status?: number;
  readonly grpcStatus?: number;
  /** The beginning of it. */
  readonly body?: string;
  /** `ETIMEDOUT`, `ECONNREFUSED`, `ECONNRESET`, … */
  readonly error?: string;
}

export interface Observed {
  /** Data were exchanged; were not, though somebody may listen; or nobody can tell. */
  readonly word: 'answered' | 'blocked' | 'unclear';
  readonly says: string;
}

/** Answers of a proxy of the mesh in place of the pods: the connection was refused on their behalf. */
const REFUSALS: readonly { readonly status: number; readonly body: RegExp }[] = [
  { status: 403, body: /^RBAC: access denied/ },
  { status: 401, body: /^(Jwt |Audiences in Jwt )/ },
  { status: 502, body: /^$/ },
  { status: 503, body: /^upstream connect error/ },
  { status: 504, body: /^upstream request timeout/ },
];

/**
 * A connection alone tells nothing where a proxy of the mesh takes it: only data that come back do.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
 */
export function observedOf(saw: Saw, { proxied }: Pick<Probe, 'proxied'>): Observed {
  if (saw.status !== undefined) return ofAnswer(saw, saw.status, proxied);
  if (saw.bytes > 0) return { word: 'answered', says: `${saw.bytes} bytes` };
  return saw.connected ? ofConnection(saw, proxied) : ofNothing(saw);
}

function ofAnswer({ grpcStatus, body = '' }: Saw, status: number, proxied: boolean): Observed {
  const code = grpcStatus === undefined ? `HTTP ${status}` : `gRPC ${grpcStatus}`;
  const says = body === '' ? code : `${code} ${JSON.stringify(body.slice(0, 60))}`;
  const http = grpcStatus === undefined ? status : httpOf(grpcStatus, body);
  if (proxied && http === 503 && body.startsWith('no healthy upstream')) {
    return { word: 'unclear', says };
  }
  const refused = proxied && REFUSALS.some((one) => one.status === http && one.body.test(body));
  return { word: refused ? 'blocked' : 'answered', says };
}

/** Somebody took the connection: the pods, unless a proxy stands between. */
function ofConnection({ error = 'closed' }: Saw, proxied: boolean): Observed {
  const says = `a connection, and no data (${error})`;
  return { word: proxied ? 'blocked' : 'answered', says };
}

function ofNothing({ error }: Saw): Observed {
  switch (error) {
    case 'ETIMEDOUT':
      return { word: 'blocked', says: 'no answer within the limit' };
    case 'ENOTFOUND':
      return { word: 'unclear', says: 'the name does not resolve' };
    case 'ECONNREFUSED':
      return { word: 'unclear', says: 'refused: nobody listens, or an enforcer rejects' };
    case undefined:
    default:
      return { word: 'unclear', says: error ?? 'nothing' };
  }
}

/** gRPC's own codes for what a proxy says by HTTP. */
function httpOf(grpcStatus: number, body: string): number {
  if (grpcStatus === 7) return 403;
  if (grpcStatus === 16) return 401;
  return grpcStatus === 14 && body !== '' ? 503 : 200;
}
