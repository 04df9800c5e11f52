import { CustomAuthorization, Http, MlNamespace, Workload } from '../../src';
import { problemOf } from '../cluster/problem-of';
import { serving } from '../support/serving';

const { chart, api } = serving();

let count = 0;

function asked(props: object): CustomAuthorization {
  count += 1;
  const id = `opa-${String(count)}`;
  return new CustomAuthorization(chart, id, { workload: api, provider: 'opa', ...props });
}

describe('CustomAuthorization', () => {
  it.each([['OPA'], ['opa.default'], [''], ['a'.repeat(64)], [undefined]])(
    'fails for the provider %p, which Istio would not find',
    (provider) => {
      const problem = problemOf(() => asked({ provider }));
      expect(problem).toMatchObject({ code: 'provider-name', got: provider });
    },
  );

  it('fails for tokens, which are not known when the authorizer is asked', () => {
    const http = [Http.get('/health'), Http.post('/v1/*').withJwt({ issuer: 'https://idp' })];
    expect(problemOf(() => asked({ http }))).toEqual({
      code: 'custom-needs-token',
      where: `chart/opa-${String(count)}: http`,
      got: 'POST /v1/* with a token of https://idp',
      expected:
        'requests by method, path and host: the authorizer is asked before tokens are checked',
      fix: 'http: without withJwt; ask for tokens with JwtAuthentication or L7AccessRule',
      source: expect.stringMatching(
        /^test\/constructs\/custom-authorization\.test\.ts:\d+$/,
      ) as string,
    });
  });

  it('fails for empty lists, which would read as "every"', () => {
    expect(problemOf(() => asked({ http: [] }))).toMatchObject({ code: 'empty-list' });
    expect(problemOf(() => asked({ ports: [] }))).toMatchObject({ code: 'empty-list' });
  });

  it('fails in somebody else’s namespace', () => {
    const namespace = MlNamespace.fromName(chart, 'ml-jobs', 'ml-jobs');
    const workload = new Workload(chart, 'job', { namespace, labels: { app: 'job' } });
    expect(problemOf(() => asked({ workload }))).toMatchObject({ code: 'namespace-not-ours' });
  });

  it('fails for a waiver without a reason', () => {
    expect(problemOf(() => asked({ withoutMesh: 'l4' }))).toMatchObject({ code: 'waiver-reason' });
  });
});
