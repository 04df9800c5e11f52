/**
 * Inline key sets: does the text hold keys that Istio can read, and none that is secret?
 *
 * Structure only; whether the numbers are a key is left to Envoy.
 * Source: lestrrat-go/jwx jwk.Parse; istio/istio:pkg/config/validation/validation.go,
 * warnPrivateJwksKeys
 */
import { type Field, isRecord } from './field';

/** Members that a key of each type must have: RFC 7518, section 6. */
const REQUIRED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  oct: ['k'],
};

/** A JWK or a JWK set as JSON text; absent and empty text pass. */
export function checkJwks(jwks: Field): void {
  if (jwks.text === '') return;
  const keys = parseKeys(jwks.text);
  if (keys === undefined || !keys.every(isKey)) {
    jwks.refuse('a JSON Web Key or key set with keys of type RSA, EC, OKP or oct');
    return;
  }
  if (keys.some(isPrivate)) {
    jwks.warn('public keys only: verification does not use the private key material');
  }
}

function parseKeys(text: string): readonly unknown[] | undefined {
  const parsed = parseJson(text);
  if (!isRecord(parsed)) return undefined;
  if (!Object.hasOwn(parsed, 'keys')) return [parsed];
  return Array.isArray(parsed.keys) ? parsed.keys : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // the reason is worth nothing to the reader: the text is no JSON
    return undefined;
  }
}

function isKey(key: unknown): boolean {
  if (!isRecord(key) || typeof key.kty !== 'string') return false;
  if (!Object.hasOwn(REQUIRED_MEMBERS, key.kty)) return false;
  return (REQUIRED_MEMBERS[key.kty] ?? []).every((name) => isBase64(key[name]));
}

/** Also a curve's name: all of them are made of these letters. */
function isBase64(member: unknown): boolean {
  return typeof member === 'string' && /^[-_A-Za-z0-9+/]*=*$/.test(member);
}

function isPrivate(key: unknown): boolean {
  return isRecord(key) && (key.kty === 'oct' || Object.hasOwn(key, 'd'));
}
