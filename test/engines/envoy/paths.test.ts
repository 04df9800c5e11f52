/**
 * What is a path when policies get to see it? One that is allowed exactly as we normalize it must be
 * let through, and nothing else.
 */
import * as fc from 'fast-check';
import { normalPath } from '../../../src/engine/http/normal-path';
import { FRESH_SEED } from '../../fuzz/worlds';
import { allowing, authorization, bert, modelApi, operation } from '../../naive/istio-story';
import type { MeshRequest } from '../../naive/istio-world';
import { describeEngine, needsGo, needsNetworkNamespaces } from '../harness/needs';
import { Run } from '../harness/run';
import type { Story } from './stories';
import { cellsOf, tallied } from './stories';
import { needsEnvoy } from './package';

const ODD = [
  ...['/v1/models', '/v1/../admin', '/v1/%2e%2e/admin', '/v1/%2E./admin', '/..', '/../..', '/.'],
  ...['//admin', '/v1//models', '/a//../b', '/a/b/../..//c', '/admin/', '/admin/.', '/admin/..'],
  ...['/%61dmin', '/%41dmin', '/ADMIN', '/admin?x=/v1', '/admin?/../x', '/admin;x', '/admin%3fx'],
  ...['/v1\\..\\admin', '/v1/..\\admin', '/v1/..%2fadmin', '/v1/..%5cadmin', '/v1%2Fmodels'],
  ...['/v1/..;/admin', '/v1/..;x=1/admin', '/v1/.;/admin', '/v1/%2e.;x/admin', '/v1\\..;x/admin'],
  ...['/%', '/%2', '/%zz', '/%252e%252e/admin', '/%7euser', '/a%20b', '/a+b', '/%c3%a9', '/a|b^`'],
  ...['/v1/...', '/v1/..b', '/v1/.b', '/v1/b..', '/"a"<b>', '/a:b@c', "/a'b(c),d$e&f!g=h"],
];

/** Rules about paths as people write them. */
const RULES = [
  allowing(operation({ paths: ['/v1/*'] })),
  allowing(operation({ notPaths: ['/admin', '/admin/*'] })),
  allowing(operation({ paths: ['/v1/{*}', '/{**}/models'] })),
  authorization({ action: 'DENY', rules: [operation({ paths: ['/admin*', '*/admin'] })] }),
];

const path: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...['/', '/', '/', '.', '..', '%2e', '%2E', '\\', ';', ';x', 'a', 'B', '%61', '%2f', '%5C'],
      ...['%', '%3b', '~', '{', '}', '|', '?', ':', '%00', '%7F', '%25', '%252e', '+', '=', '@'],
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((parts) => `/${parts.join('')}`);

function asks(one: string): MeshRequest {
  return { from: bert, to: modelApi, port: 8080, method: 'GET', path: one, host: 'models.test' };
}

/** An allowed path that only this one is. */
function exactly(one: string): Story {
  const manifests = [allowing(operation({ paths: [normalPath(one)] }))];
  return { manifests, requests: [asks(one)], says: true };
}

describeEngine('envoy', [needsGo, needsNetworkNamespaces, needsEnvoy], () => {
  let run: Run;
  beforeAll(() => {
    run = new Run();
  });
  afterAll(() => run.end());

  test('odd paths under rules as people write them', async () => {
    const requests = ODD.map(asks);
    const stories = RULES.map((one): Story => ({ manifests: [one], requests, says: true }));
    tallied('odd paths', await cellsOf(run, stories));
  });

  test('paths are what we say they are', async () => {
    const random = fc.sample(path, { seed: FRESH_SEED, numRuns: 300 });
    const stories = [...ODD, ...random].map(exactly);
    tallied(`normalized paths, seed ${FRESH_SEED}`, await cellsOf(run, stories));
  });
});
