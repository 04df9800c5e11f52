/** What a list of connections says of the traffic that a test asks about. */
import type { HttpAnswer } from '../../src/engine/result';
import { said } from '../../src/testing/traffic';

const POST: HttpAnswer = { methods: ['POST'], paths: ['/a'], notPaths: [], hosts: [], when: [] };

describe('said', () => {
  const request = { port: 80, method: 'GET', path: '/a' };

  it('denies requests that no rule allows', () => {
    expect(word([POST])).toBe('DENIED');
  });

  it('proves nothing by lists that may not be whole', () => {
    expect(word([])).toBe('SOME');
    expect(word(Array<HttpAnswer>(256).fill(POST))).toBe('SOME');
  });

  function word(http: readonly HttpAnswer[]) {
    const allow = [{ ports: [[80, 80] as const], http }];
    return said([{ from: 'a', to: 'b', protocol: 'TCP', allow, unknown: [] }], request).word;
  }
});
