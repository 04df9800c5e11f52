/** Requests as bytes on a socket, sent from inside a network namespace. */

import { built } from '../harness/build';
import type { Program } from '../harness/build';
import { output } from '../harness/output';
import type { Leaf } from './certificates';

const SEND: Program = { module: 'requests', package: './cmd/send', binary: 'send' };

export interface RawRequest {
  /** Local address; the kernel chooses one when it is absent. */
  readonly from?: string;
  /** Address and port. */
  readonly to: string;
  /** URI of the certificate; absent: plain text. */
  readonly identity?: string;
  /** The protocol that is offered within TLS. */
  readonly protocol?: string;
  readonly text: string;
}

export interface RawAnswer {
  /** 0: no HTTP answer came. */
  readonly status: number;
  readonly body: string;
  readonly error?: string;
}

export interface Sending {
  readonly networkNamespace: string;
  readonly leaves: Readonly<Record<string, Leaf>>;
  /** Default 16. */
  readonly atOnce?: number;
}

/** In the order of the requests. */
export async function sendAll(
  requests: readonly RawRequest[],
  { networkNamespace, leaves, atOnce = 16 }: Sending,
): Promise<RawAnswer[]> {
  const input = JSON.stringify({ identities: leaves, requests, atOnce });
  const args = ['netns', 'exec', networkNamespace, await built(SEND)];
  return JSON.parse(await output('ip', args, { input })) as RawAnswer[];
}

export interface HttpText {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request of HTTP/1.1, exactly as told. */
export function httpText({ method, path, host, headers = {} }: HttpText): string {
  const lines = Object.entries({ Host: host, Connection: 'close', ...headers });
  const written = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${path} HTTP/1.1\r\n${written}\r\n`;
}
