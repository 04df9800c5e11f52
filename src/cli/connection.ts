/** How connections and requests are written on the command line and in files: `TCP/5000`, `POST /v1/predict`. */
import type { ProtocolWord } from './analysis';
import { refuse } from './cannot-answer';

export interface Port {
  readonly protocol: ProtocolWord;
  readonly port: number;
}

const PROTOCOLS: readonly ProtocolWord[] = ['TCP', 'UDP', 'SCTP'];

export function parsePort(where: string, text: string): Port {
  const [, word = '', digits = ''] = /^([A-Za-z]+)\/(\d{1,5})$/.exec(text) ?? [];
  const protocol = protocolOf(word);
  const port = Number(digits);
  if (protocol !== undefined && isPort(port)) return { protocol, port };
  return refuse(where, text, 'PROTO/PORT, such as TCP/5000 (TCP, UDP or SCTP, 1 to 65535)');
}

export function protocolOf(word: string): ProtocolWord | undefined {
  return PROTOCOLS.find((protocol) => protocol === word.toUpperCase());
}

export function isPort(port: unknown): port is number {
  return Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65535;
}

export interface Request {
  readonly method: string;
  readonly path: string;
}

/** A request, not a pattern: one method, one path. */
export function parseRequest(where: string, text: string): Request {
  const [, method, path] = /^([A-Z][A-Z-]*) (\/\S*)$/.exec(text) ?? [];
  if (method !== undefined && path !== undefined) return { method, path };
  return refuse(where, text, 'a method in upper case and a path, such as POST /v1/predict');
}
