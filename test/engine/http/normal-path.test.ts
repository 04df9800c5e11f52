import { normalPath } from '../../../src/engine/http/normal-path';

// right-hand sides are Envoy's; test/engines/envoy/paths.test.ts asks it again
test.each([
  ['/v1/models?x=/../y', '/v1/models'],
  ['/v1/../admin', '/admin'],
  ['/v1/%2e%2E/admin', '/admin'],
  ['/../..', '/'],
  ['/a/..', '/'],
  ['/a/.', '/a/'],
  ['/a//../b', '/a/b'],
  ['/a/b/../..//c', '//c'],
  ['//a', '//a'],
  ['/a\\..\\b', '/b'],
  ['/a/..%2fb', '/a/..%2fb'],
  ['/%252e%252e/a', '/%252e%252e/a'],
  ['/%61%5A%7e%2d%5f%30', '/aZ~-_0'],
  ['/%zz/%', '/%zz/%'],
  ['/a/..;x/b', '/b'],
  ['/a/%2e.;b/c', '/a/..;b/c'],
  ['/a\\.;x\\y/c', '/a/.;x/y/c'],
  ['/a/.;x\\y/c', '/a/c'],
  ['/{a}|^', '/%7Ba%7D%7C%5E'],
  ['*', '*'],
])('%s is compared as %s', (path, normal) => {
  expect(normalPath(path)).toBe(normal);
});
