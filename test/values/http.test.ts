import type { HttpOptions } from '../../src/values/http';
import { describeHttp, Http } from '../../src/values/http';
import { refused } from './refusal';

const issuer = 'https://idp.example.com';

describe('Http', () => {
  test.each([
    ['GET', Http.get('/v1')],
    ['HEAD', Http.head('/v1')],
    ['POST', Http.post('/v1')],
    ['PUT', Http.put('/v1')],
    ['PATCH', Http.patch('/v1')],
    ['DELETE', Http.delete('/v1')],
  ])('has a factory for %s', (method, http) => {
    expect(http._data).toEqual({ methods: [method], paths: ['/v1'], hosts: [] });
  });

  test('means every method, path and host where it names none', () => {
    expect(Http.any('/v1')._data).toEqual({ methods: [], paths: ['/v1'], hosts: [] });
    expect(Http.get()._data).toEqual({ methods: ['GET'], paths: [], hosts: [] });
    expect(Http.of({})._data).toEqual({ methods: [], paths: [], hosts: [] });
  });

  test('is equal however it is written', () => {
    const one = { methods: ['PUT', 'GET', 'PUT'], paths: ['/b', '/a'], hosts: ['B.com', 'a.com'] };
    const two = { methods: ['GET', 'PUT'], paths: ['/a', '/b', '/a'], hosts: ['a.com', 'b.com'] };
    expect(Http.of(one)._data).toEqual(Http.of(two)._data);
    expect(Http.of(one)._data.hosts).toEqual(['a.com', 'b.com']);
  });

  test('carries the token that requests need, claims and values sorted', () => {
    const claims = { groups: ['b', 'a', 'b'], area: ['x'] };
    const http = Http.get('/v1').withJwt({ issuer, subjects: ['bob', 'al'], claims });
    expect(http._data.jwt).toEqual({
      issuer,
      subjects: ['al', 'bob'],
      audiences: [],
      claims: [
        ['area', ['x']],
        ['groups', ['a', 'b']],
      ],
    });
    expect(Http.of({ methods: ['GET'], paths: ['/v1'], jwt: { issuer } })._data).toEqual(
      Http.get('/v1').withJwt({ issuer })._data,
    );
  });

  test('reads as a person says it', () => {
    expect(String(Http.of({}))).toBe('any method any path');
    const options = { methods: ['POST', 'GET'], paths: ['/v1/*'], hosts: ['*.example.com'] };
    expect(String(Http.of({ ...options, jwt: { issuer } }))).toBe(
      `GET,POST /v1/* on *.example.com with a token of ${issuer}`,
    );
    expect(describeHttp(Http.any('/a')._data)).toBe('any method /a');
  });

  test('does not change: withJwt and withHosts make new rules', () => {
    const paths = ['/v1'];
    const http = Http.of({ paths });
    paths.push('/v2');
    const narrowed = http.withHosts('models.example.com').withJwt({ issuer });
    expect(http._data).toEqual({ methods: [], paths: ['/v1'], hosts: [] });
    expect(narrowed._data.hosts).toEqual(['models.example.com']);
    expect(() => Object.assign(http, { _data: narrowed._data })).toThrow(TypeError);
  });

  test.each([
    '*',
    '/',
    '/v1/*',
    '*.json',
    '/v1/predict',
    '/package.Service/Method',
    '/v1/.well-known/a..b',
    '/v2/models/{*}/infer',
    '/v2/{**}',
    '/{*}/{*}/{**}/infer',
    '/a=b',
  ])('takes the path %s', (path) => {
    expect(Http.get(path)._data.paths).toEqual([path]);
  });

  test('fails on a method that is not upper-case', () => {
    const [code, where] = ['http-method', 'Http: methods'];
    const text = refused(() => Http.of({ methods: ['get'] }), { code, where, got: 'get' });
    expect(text).toBe(
      'Http: methods: got "get", expected an upper-case HTTP method: methods are compared ' +
        `case-sensitively; fix: 'GET'`,
    );
    refused(() => Http.of({ methods: ['GET', ''] }), { code, where, got: '', fix: `'GET'` });
    refused(() => Http.of({ methods: ['*'] }), { code, where, got: '*', fix: `'GET'` });
    refused(() => Http.of({ methods: ['Post'] }), { code, where, got: 'Post', fix: `'POST'` });
    refused(() => Http.of({ methods: [1 as never] }), { code, where, got: 1 });
    refused(() => Http.of({ methods: [['GET'] as never] }), { code, where, got: ['GET'] });
  });

  test('fails on a path that Istio would refuse or read otherwise', () => {
    const [code, where] = ['http-path', 'Http: paths'];
    const text = refused(() => Http.get('v1'), { code, where, got: 'v1' });
    expect(text).toBe(
      'Http: paths: got "v1", expected a leading "/", or a leading "*" for a suffix; ' +
        `fix: '/v1/predict', '/v1/*', '*.json' or '/v2/models/{*}/infer'`,
    );
    refused(() => Http.get('/ok', ''), { code, where, got: '' });
    refused(() => Http.get(undefined as never), { code, where, got: undefined });
  });

  test.each<[string, RegExp]>([
    ['/v1?x=1', /without query/],
    ['/v1#top', /without query/],
    ['/v 1', /without query, fragment or white space/],
    ['/v1/../admin', /no "\." or "\.\." segment/],
    ['/./v1', /no "\." or "\.\." segment/],
    ['/v1/..', /no "\." or "\.\." segment/],
    ['/v1/*/infer', /use \{\*\} for one segment/],
    ['*/v1/*', /one "\*" at most/],
    ['/**', /one "\*" at most/],
    ['v1/{*}', /a template with a leading "\/"/],
    ['*/{*}', /a template with a leading "\/"/],
    ['/v1/{id}', /whole segments \{\*\} and \{\*\*\}/],
    ['/v1/x{*}', /whole segments/],
    ['/{*}/a=b', /without "="/],
    ['/{*}/*', /without "=", "\*"/],
    ['/{**}/{*}', /no template segment after/],
    ['/{**}/a/{**}', /no template segment after/],
  ])('fails on the path %s and says why', (path, expected) => {
    const code = 'http-path';
    expect(refused(() => Http.get(path), { code, where: 'Http: paths', got: path })).toMatch(
      expected,
    );
  });

  test('fails on a host with scheme, port or an inner wildcard', () => {
    const [code, where] = ['http-host', 'Http: hosts'];
    const text = refused(() => Http.any().withHosts('a:80'), { code, where, got: 'a:80' });
    expect(text).toBe(
      'Http: hosts: got "a:80", expected a host name without scheme and port, exact or with a ' +
        `leading "*."; fix: 'models.example.com' or '*.example.com'`,
    );
    const host = (...hosts: string[]): HttpOptions => ({ hosts });
    refused(() => Http.of(host('https://a.com')), { code, where, got: 'https://a.com' });
    refused(() => Http.of(host('a.*.com')), { code, where, got: 'a.*.com' });
    refused(() => Http.of(host('*')), { code, where, got: '*' });
    refused(() => Http.of(host('')), { code, where, got: '' });
    refused(() => Http.of(host('a..com')), { code, where, got: 'a..com' });
    refused(() => Http.of(host(undefined as never)), { code, where, got: undefined });
    const long = `${'a.'.repeat(127)}ab`;
    refused(() => Http.of(host(long)), { code, where, got: long });
    expect(Http.of(host(long.slice(2)))._data.hosts).toHaveLength(1);
  });

  test('fails on a token requirement that Istio would read as a pattern, or as nothing', () => {
    const code = 'jwt-value';
    const where = 'Http: jwt.issuer';
    const text = refused(() => Http.any().withJwt({ issuer: '' }), { code, where, got: '' });
    expect(text).toBe(
      'Http: jwt.issuer: got "", expected exact text without "*", not empty; ' +
        `fix: 'https://idp.example.com'`,
    );
    const http = Http.any();
    const [subjects, audiences] = [['*'], ['api*']];
    refused(() => http.withJwt({ issuer, subjects }), { code, where: 'Http: jwt.subjects' });
    refused(() => http.withJwt({ issuer, audiences }), { code, where: 'Http: jwt.audiences' });
    const star = { groups: ['ok', '*'] };
    const claim = { code, where: 'Http: jwt.claims.groups', got: '*' };
    refused(() => http.withJwt({ issuer, claims: star }), claim);
  });

  test('fails on a claim without name or values', () => {
    const [code, where, http] = ['jwt-claim', 'Http: jwt.claims', Http.any()];
    const [none, unnamed] = [{ groups: [] }, { '': ['a'] }];
    const text = refused(() => http.withJwt({ issuer, claims: none }), { code, where, got: none });
    expect(text).toBe(
      'Http: jwt.claims: got {"groups":[]}, expected a claim name with at least one value; ' +
        `fix: { groups: ['ml-users'] }`,
    );
    refused(() => http.withJwt({ issuer, claims: unnamed }), { code, where, got: unnamed });
  });
});
