import type { Saw } from '../../src/verify/observed';
import { observedOf } from '../../src/verify/observed';

const word = (saw: Partial<Saw>, proxied = true): string =>
  observedOf({ connected: true, bytes: 0, ...saw }, { proxied }).word;

describe('what a probe saw', () => {
  test.each<[string, Partial<Saw>, string]>([
    ['an answer of the application', { status: 200 }, 'answered'],
    ['a refusal of the application itself', { status: 403, body: '{"error":"x"}' }, 'answered'],
    ['a refusal of the proxy', { status: 403, body: 'RBAC: access denied' }, 'blocked'],
    ['a token that is missing', { status: 401, body: 'Jwt is missing' }, 'blocked'],
    [
      'a connection that the other proxy ended',
      { status: 503, body: 'upstream connect error or disconnect' },
      'blocked',
    ],
    ['a host that the registry does not have', { status: 502, body: '' }, 'blocked'],
    ['nobody ready behind the Service', { status: 503, body: 'no healthy upstream' }, 'unclear'],
    ['a gRPC refusal', { status: 200, grpcStatus: 7, body: 'RBAC: access denied' }, 'blocked'],
    ['a method that gRPC does not have', { status: 200, grpcStatus: 12 }, 'answered'],
    ['bytes of any kind', { bytes: 7, error: 'EPROTO' }, 'answered'],
    ['a connection that brings nothing', { error: 'ECONNRESET' }, 'blocked'],
    ['nothing in time', { connected: false, error: 'ETIMEDOUT' }, 'blocked'],
    ['a refused connection', { connected: false, error: 'ECONNREFUSED' }, 'unclear'],
    ['a name without an address', { connected: false, error: 'ENOTFOUND' }, 'unclear'],
  ])('behind a proxy: %s', (_, saw, expected) => {
    expect(word(saw)).toBe(expected);
  });

  test('a connection is an answer of the pods where no proxy can have taken it', () => {
    expect(word({ error: 'ECONNRESET' }, false)).toBe('answered');
    expect(word({ status: 403, body: 'RBAC: access denied' }, false)).toBe('answered');
  });
});
