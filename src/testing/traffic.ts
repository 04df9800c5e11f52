/**
 * What a test asks about: any traffic, a port (`5000`, `'UDP/53'`), or a request on a port. And what a
 * list of connections says of it, in one of four words: some of it is not all of it.
 */
import { MAX_CLAUSES, requestMatches, requestsOf } from '../engine/http/requests';
import type { HttpAnswer, PortSpan, ResultConnection } from '../engine/result';
import { refuse } from '../values/problem';

export interface RequestOnPort {
  readonly port: number;
  /** @default TCP */
  readonly protocol?: ProtocolWord;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /**
   * What the request carries besides, by the key that policies call it:
   * `request.headers[x-tenant]`, `request.auth.claims[groups]`.
   */
  readonly carries?: Readonly<Record<string, string | readonly string[]>>;
}

export type ProtocolWord = ResultConnection['protocol'];

/** A port of TCP, `'UDP/53'`, or one with a request. */
export type Traffic = number | string | RequestOnPort;

/** SOME: not on every port or address, or not every request that is meant. */
export type Word = 'ALLOWED' | 'SOME' | 'UNKNOWN' | 'DENIED';

export interface Said {
  readonly word: Word;
  /** Facts that are missing. */
  readonly facts: readonly string[];
}

export function requestOf(traffic: Traffic | undefined): RequestOnPort | undefined {
  if (traffic === undefined) return undefined;
  const request = typeof traffic === 'object' ? traffic : parsed(String(traffic));
  const { port, protocol = 'TCP', method, path, host, carries } = request;
  const isHttp = [method, path, host, carries].some((one) => one !== undefined);
  const isPort = Number.isInteger(port) && port >= 1 && port <= 65535;
  if (isPort && ['TCP', 'UDP', 'SCTP'].includes(protocol) && (!isHttp || protocol === 'TCP')) {
    return request;
  }
  return refuse({
    code: 'traffic',
    where: 'toReach: on',
    got: traffic,
    expected: 'a port from 1 to 65535 with TCP, UDP or SCTP before it; requests are on TCP',
    fix: "5000, 'UDP/53' or { port: 8080, method: 'POST', path: '/v1/predict' }",
  });
}

function parsed(text: string): RequestOnPort {
  const [, protocol = 'TCP', digits = ''] = /^(?:([A-Za-z]+)\/)?(\d{1,5})$/.exec(text) ?? [];
  return { protocol: protocol.toUpperCase() as ProtocolWord, port: Number(digits) };
}

/** `TCP 8080 POST /v1/predict` */
export function trafficText(request: RequestOnPort | undefined): string {
  if (request === undefined) return 'any port';
  const { port, protocol = 'TCP', method, path, host } = request;
  const on = host === undefined ? undefined : `on ${host}`;
  return [protocol, port, method, path, on].filter((part) => part !== undefined).join(' ');
}

/** What the connections of one pair say of it. */
export function said(
  connections: readonly ResultConnection[],
  request: RequestOnPort | undefined,
): Said {
  const lines = connections.filter(
    ({ protocol }) => request === undefined || protocol === (request.protocol ?? 'TCP'),
  );
  const words = lines.flatMap(({ allow }) =>
    allow.filter(({ ports }) => holds(ports, request)).map(({ http }) => wordOf(http, request)),
  );
  const facts = lines.flatMap(({ unknown }) =>
    unknown.filter(({ ports }) => holds(ports, request)).map(({ fact }) => fact),
  );
  if (words.includes('ALLOWED')) return { word: 'ALLOWED', facts: [] };
  if (facts.length > 0) return { word: 'UNKNOWN', facts: [...new Set(facts)] };
  return { word: words.includes('SOME') ? 'SOME' : 'DENIED', facts: [] };
}

function holds(ports: readonly PortSpan[], request: RequestOnPort | undefined): boolean {
  if (request === undefined) return true;
  return ports.some(([low, high]) => low <= request.port && request.port <= high);
}

function wordOf(http: readonly HttpAnswer[] | undefined, request: RequestOnPort | undefined): Word {
  if (http === undefined) return 'ALLOWED';
  if (request === undefined) return 'SOME';
  // too many rules to say: what is listed is not all
  if (http.length === 0 || http.length >= MAX_CLAUSES) return 'SOME';
  const answers = http.map((one) => matches(one, request));
  if (answers.includes(true)) return 'ALLOWED';
  return answers.includes(undefined) ? 'SOME' : 'DENIED';
}

/** Undefined: it hangs on what the test does not tell of the request. */
function matches({ when, ...limits }: HttpAnswer, request: RequestOnPort): boolean | undefined {
  const conditions = when.map(({ key, values = [], notValues = [] }) => ({
    ...{ key, values, notValues },
  }));
  const { carries = {} } = request;
  return requestMatches(requestsOf({ ...limits, conditions }), request, (key, value) => {
    const own = carries[key];
    if (own === undefined) return undefined;
    return value === '*' || (typeof own === 'string' ? [own] : own).includes(value);
  });
}
