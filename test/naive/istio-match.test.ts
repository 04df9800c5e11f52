/**
 * Does the naive mesh evaluator compare values as Istio does? Ids are rows of
 * ../shared/knowledge/istio.md; a wildcard in the wrong place must not match by accident.
 */

import {
  matchesAccount,
  matchesClaim,
  matchesHost,
  matchesNamespace,
  matchesPath,
  matchesPrincipal,
  matchesRequestPrincipal,
  matchesText,
} from './istio-match';

const bert = { trustDomain: 'cluster.local', namespace: 'ml-training', account: 'bert' };

describe('text', () => {
  test('AP-20 exact, prefix, suffix and presence', () => {
    expect(['GET', 'GETS', 'get'].map((it) => matchesText('GET', it))).toEqual([
      true,
      false,
      false,
    ]);
    expect(['/v1/', '/v1/a', '/v1'].map((it) => matchesText('/v1/*', it))).toEqual([
      true,
      true,
      false,
    ]);
    expect(['a.json', '.json', 'json'].map((it) => matchesText('*.json', it))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('AP-20 a leading asterisk comes before a trailing one', () => {
    expect(matchesText('*/x*', 'a/x*')).toBe(true);
    expect(matchesText('*/x*', 'a/xy')).toBe(false);
  });

  test('AP-21 an asterisk in the middle is a letter', () => {
    expect(matchesText('/a/*/b', '/a/*/b')).toBe(true);
    expect(matchesText('/a/*/b', '/a/x/b')).toBe(false);
  });

  test('AP-22 an asterisk alone asks for something', () => {
    expect(matchesText('*', 'x')).toBe(true);
    expect(matchesText('*', '')).toBe(false);
  });
});

describe('hosts', () => {
  test('AP-24 case does not count, the port does', () => {
    expect(matchesHost('Models.test', 'models.TEST')).toBe(true);
    expect(matchesHost('models.test', 'models.test:8080')).toBe(false);
    expect(matchesHost('models.test:*', 'models.test:8080')).toBe(true);
    expect(matchesHost('models.test:*', 'models.test')).toBe(false);
  });

  test('AP-24 an empty host is present', () => {
    expect(matchesHost('*', '')).toBe(true);
    expect(matchesHost('*.test', '')).toBe(false);
  });

  test('AP-24 a wildcard with a port is a suffix on the literal', () => {
    expect(matchesHost('*.models.test:*', 'a.models.test:8080')).toBe(false);
    expect(matchesHost('*.models.test', 'a.models.test:8080')).toBe(false);
    expect(matchesHost('*.models.test:8080', 'a.models.test:8080')).toBe(true);
  });
});

describe('paths', () => {
  const matching = (pattern: string, ...paths: string[]): string[] =>
    paths.filter((path) => matchesPath(pattern, path));

  test('AP-25 without query and fragment, with case, a prefix not without its slash', () => {
    expect(
      matching('/v1/models', '/v1/models?a=/x', '/v1/models#x', '/V1/models', '/v1/models/'),
    ).toEqual(['/v1/models?a=/x', '/v1/models#x']);
    expect(matching('/v1/models/*', '/v1/models', '/v1/models/', '/v1/models/a/b')).toEqual([
      '/v1/models/',
      '/v1/models/a/b',
    ]);
  });

  test('AP-26 {*} is one segment that is not empty', () => {
    expect(matching('/a/{*}/b', '/a/x/b', '/a//b', '/a/x/y/b', '/a/x/b/c', '/a/b')).toEqual([
      '/a/x/b',
    ]);
  });

  test('AP-26 {**} is any tail, an empty one too', () => {
    expect(matching('/a/{**}', '/a/', '/a/b/c', '/a')).toEqual(['/a/', '/a/b/c']);
    expect(matching('/a/{**}/b', '/a//b', '/a/x/y/b', '/a/b')).toEqual(['/a//b', '/a/x/y/b']);
  });

  test('AP-26 the rest of a template is literal', () => {
    expect(matching('/v1.0/{*}', '/v1.0/x', '/v1x0/x')).toEqual(['/v1.0/x']);
  });
});

describe('identities', () => {
  test('AP-29 principals with their trust domain, presence and suffix', () => {
    const principal = 'cluster.local/ns/ml-training/sa/bert';
    const patterns = [principal, '*', '*/sa/bert', `remote.test/ns/ml-training/sa/bert`];
    expect(patterns.map((it) => matchesPrincipal(it, bert))).toEqual([true, true, true, false]);
  });

  test('AP-30 namespaces with asterisks anywhere', () => {
    const patterns = ['ml-training', 'ml-*', '*-train*', 'ml', 'training'];
    expect(patterns.map((it) => matchesNamespace(it, bert))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test('AP-31 accounts of the policy’s namespace or of a named one', () => {
    expect(matchesAccount('bert', bert, 'ml-training')).toBe(true);
    expect(matchesAccount('bert', bert, 'llm-serving')).toBe(false);
    expect(matchesAccount('ml-training/bert', bert, 'llm-serving')).toBe(true);
    expect(matchesAccount('ml-training/ber*', bert, 'llm-serving')).toBe(false);
  });
});

describe('request principals', () => {
  const matching = (pattern: string, issuer = 'https://idp.test', subject = 'alice'): boolean =>
    matchesRequestPrincipal(pattern, issuer, subject);

  test('JWT-04 are split at the last slash', () => {
    expect(matching('https://idp.test/alice')).toBe(true);
    expect(matching('https://idp.test/bob')).toBe(false);
    expect(matching('https://idp.test/*')).toBe(true);
    expect(matching('https://idp.test/al*')).toBe(true);
    expect(matching('*/alice')).toBe(true);
    expect(matching('https://other.test/*')).toBe(false);
    expect(matching('https://idp.test/team/alice', 'https://idp.test', 'team/alice')).toBe(false);
    expect(matching('https://idp.test/team/alice', 'https://idp.test/team', 'alice')).toBe(true);
  });

  test('JWT-04 without a slash mean a subject’s end or an issuer’s start', () => {
    expect(matching('*ice')).toBe(true);
    expect(matching('*bob')).toBe(false);
    expect(matching('idp*', 'idp.test')).toBe(true);
    expect(matching('idp*')).toBe(false);
    expect(matching('alice')).toBe(false);
    expect(matching('idp.test', 'idp.test')).toBe(false);
  });

  test('JWT-05 traps: no subject, an asterisk behind an URL, an issuer that ends in a slash', () => {
    expect(matching('*', 'https://idp.test', '')).toBe(false);
    expect(matching('https://idp.test*')).toBe(false);
    expect(matching('https://idp.test/*', 'https://idp.test/')).toBe(false);
    expect(matching('https://idp.test//*', 'https://idp.test/')).toBe(true);
  });
});

test('JWT-07 claims match as text or in a list of texts, never as booleans or numbers', () => {
  expect(matchesClaim('ml', 'ml')).toBe(true);
  expect(matchesClaim('ml', ['nlp', 'ml'])).toBe(true);
  expect(matchesClaim('ml', ['nlp'])).toBe(false);
  expect(matchesClaim('true', true)).toBe(false);
  expect(matchesClaim('1', [1])).toBe(false);
  expect(matchesClaim('ml', undefined)).toBe(false);
});
