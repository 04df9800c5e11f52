/** JSON web tokens, and the keys that policies check them with. */

import { generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Token } from '../../naive/istio-world';

const KEY_ID = 'tests';

const [known, unknown] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));

/** What `jwks` of a JWT rule says. */
export const KEYS = JSON.stringify({
  keys: [{ ...known?.publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'ES256', use: 'sig' }],
});

/** How a token that does not hold fails. */
export type Flaw = 'expired' | 'signed by another key';

const HOUR = 3600;

export function signed(
  { issuer, subject, audiences, claims, valid }: Token,
  flaw: Flaw = 'expired',
): string {
  const now = Math.floor(Date.now() / 1000);
  const expired = !valid && flaw === 'expired';
  const payload = {
    ...claims,
    iss: issuer,
    ...(subject === undefined ? {} : { sub: subject }),
    ...(audiences === undefined ? {} : { aud: audiences }),
    exp: expired ? now - HOUR : now + HOUR,
  };
  const text = [{ alg: 'ES256', kid: KEY_ID, typ: 'JWT' }, payload].map(encoded).join('.');
  const key = valid || expired ? known : unknown;
  return `${text}.${signature(text, key?.privateKey)}`;
}

function signature(text: string, key: KeyObject | undefined): string {
  if (key === undefined) throw new Error('there is no key');
  return sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString(
    'base64url',
  );
}

function encoded(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}
