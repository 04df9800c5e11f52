/** Named cases: those that no corpus covers, and answers that are neither yes nor no. */
import { compileAuthorization } from '../../../src/engine/istio/authorization';
import { allowedRequests } from '../../../src/engine/istio/allowed';
import { decideRequest } from '../../../src/engine/istio/decide';
import { describeRequests } from '../../../src/engine/http/request-text';
import { isEmptyRequests, isEveryRequest } from '../../../src/engine/http/requests';
import {
  allowing,
  authorization,
  bert,
  denying,
  modelApi,
  notebook,
  operation,
  peerAuthentication,
  prometheus,
  requestAuthentication,
  source,
  validates,
} from '../../naive/istio-story';
import type { MeshPod, MeshRequest } from '../../naive/istio-world';
import type { Manifest } from '../../naive/load-yaml';
import { askSidecar, callerOf, policiesAt, sidecarOf } from './asking';
import { istioFacts } from './facts';

const request: MeshRequest = {
  from: bert,
  to: modelApi,
  port: 8080,
  method: 'GET',
  path: '/v1/models',
  host: 'model-api.llm-serving:8080',
};
const verdict = (policies: Manifest | Manifest[], other: Partial<MeshRequest> = {}) =>
  askSidecar([policies].flat(), { ...request, ...other }).verdict;

function allowed(
  policies: Manifest[],
  {
    from = bert,
    port = 8080,
    sees = 'requests',
  }: { from?: MeshPod; port?: number; sees?: 'requests' | 'bytes' | 'unknown' } = {},
) {
  const isHttp = sees === 'unknown' ? undefined : sees === 'requests';
  const at = policiesAt(policies, sidecarOf(modelApi), { port, isHttp });
  return allowedRequests(at, callerOf(from));
}

describe('cases that no corpus covers', () => {
  test('21 HTTP fields on a TCP port: DENY denies everything, ALLOW drops the rule', () => {
    const byMethod = operation({ methods: ['DELETE'] });
    expect(verdict(denying(byMethod), { port: 9000 })).toBe('DENIED');
    expect(verdict(denying(byMethod))).toBe('ALLOWED');
    const get = operation({ methods: ['GET'] });
    expect(verdict(allowing(get), { port: 9000 })).toBe('DENIED');
    expect(verdict(allowing(get))).toBe('ALLOWED');
    expect(verdict([allowing(get), allowing({})], { port: 9000 })).toBe('ALLOWED');
  });

  test('22 notPrincipals match a caller in plain text, unless STRICT refuses it earlier', () => {
    const noBert = allowing(source({ notPrincipals: ['*/sa/bert'] }));
    expect(verdict(noBert, { from: prometheus })).toBe('ALLOWED');
    expect(verdict(noBert, { plaintext: true })).toBe('ALLOWED');
    expect(verdict(noBert)).toBe('DENIED');
    const strict = peerAuthentication({ mtls: { mode: 'STRICT' } });
    const refused = askSidecar([noBert, strict], { ...request, from: prometheus });
    expect(refused).toMatchObject({ verdict: 'DENIED', by: { kind: 'mtls-strict' } });
    expect(verdict(denying(source({ notPrincipals: ['*'] })), { from: prometheus })).toBe('DENIED');
  });

  test('23 policies of the root namespace hold in every namespace', () => {
    const root = { namespace: 'istio-system' };
    expect(verdict(authorization({}, root))).toBe('DENIED');
    const selector = { matchLabels: { app: 'model-api' } };
    expect(verdict(authorization({ selector }, root))).toBe('DENIED');
    expect(verdict(authorization({}, { namespace: 'ml-training' }))).toBe('ALLOWED');
  });

  test('24 an ALLOW policy without rules takes nothing from a matching one', () => {
    expect(verdict([authorization({}), allowing({})])).toBe('ALLOWED');
    expect(verdict(authorization({}))).toBe('DENIED');
  });
});

describe('a set of allowed requests', () => {
  const api = operation({ methods: ['GET', 'POST'], paths: ['/api/2.0/*'] });

  test('is what ALLOW lists without what DENY lists', () => {
    const { allowed: set } = allowed([
      allowing({ ...source({ serviceAccounts: ['ml-training/bert'] }), ...api }),
      denying(operation({ paths: ['/api/2.0/admin/*'] })),
    ]);
    expect(describeRequests(set)).toBe('GET,POST /api/2.0/* but /api/2.0/admin/*');
    expect(isEmptyRequests(allowed([allowing(api)], { port: 9000, sees: 'bytes' }).allowed)).toBe(
      true,
    );
  });

  test('is every request where no policy is, and none for a caller that is not listed', () => {
    expect(isEveryRequest(allowed([]).allowed)).toBe(true);
    const policy = allowing(source({ serviceAccounts: ['ml-training/bert'] }));
    expect(isEmptyRequests(allowed([policy], { from: notebook }).possible)).toBe(true);
  });

  test('carries what the token must say, or is empty where nobody reads tokens', () => {
    const policy = allowing({
      ...source({ requestPrincipals: ['https://idp.test/*'] }),
      when: [{ key: 'request.auth.claims[groups]', values: ['ml'] }],
    });
    expect(describeRequests(allowed([policy, validates()]).allowed)).toBe(
      'every request when request.auth.claims[groups] in ml' +
        ' and request.auth.principal in https://idp.test/*',
    );
    expect(allowed([policy])).toMatchObject({ allowed: { clauses: [] }, missing: [] });
  });

  test('CU-04 asks one authorizer, and is empty where several are asked', () => {
    const custom = (name: string) =>
      authorization({
        action: 'CUSTOM',
        provider: { name },
        rules: [operation({ paths: ['/admin'] })],
      });
    expect(describeRequests(allowed([custom('opa')]).allowed)).toBe(
      '/admin when external-authorizer in opa; * but /admin',
    );
    expect(describeRequests(allowed([custom('opa'), custom('oauth')]).allowed)).toBe(
      '* but /admin',
    );
    const asked = askSidecar([custom('opa'), custom('oauth')], { ...request, path: '/admin' });
    expect(asked).toMatchObject({ verdict: 'DENIED', by: { kind: 'several-authorizers' } });
  });

  test('is UNKNOWN between the two readings of a port whose protocol is not known', () => {
    const { allowed: set, possible, missing } = allowed([allowing(api)], { sees: 'unknown' });
    expect(isEmptyRequests(set)).toBe(true);
    expect(describeRequests(possible)).toBe('GET,POST /api/2.0/*');
    expect(missing.map(({ fact }) => fact)).toEqual(['port-protocol']);
    expect(allowed([allowing({})], { sees: 'unknown' }).missing).toEqual([]);
  });

  test('is UNKNOWN where it hangs on an address that nobody knows', () => {
    const pending = { ...bert, ip: undefined };
    const policies = [allowing({}), denying(source({ ipBlocks: ['10.0.2.0/24'] }))];
    const { allowed: set, possible, missing } = allowed(policies, { from: pending });
    expect([isEmptyRequests(set), isEveryRequest(possible)]).toEqual([true, true]);
    expect(missing).toMatchObject([
      { fact: 'pod-address', policy: { kind: 'AuthorizationPolicy' } },
    ]);
  });
});

describe('one request', () => {
  test('is allowed under the conditions that are not known of it', () => {
    const rule = { when: [{ key: 'request.headers[x-tenant]', values: ['a'] }] };
    expect(askSidecar([allowing(rule)], request)).toMatchObject({
      verdict: 'ALLOWED',
      conditions: [[{ key: 'request.headers[x-tenant]', values: ['a'], notValues: [] }]],
    });
    const policies = policiesAt([allowing(rule)], sidecarOf(modelApi), {
      port: 8080,
      isHttp: true,
    });
    const told = (headers: Record<string, string>) =>
      decideRequest(policies, { ...request, caller: callerOf(bert), headers }).verdict;
    expect([told({ 'x-tenant': 'a' }), told({ 'x-tenant': 'b' }), told({})]).toEqual([
      'ALLOWED',
      'DENIED',
      'DENIED',
    ]);
  });

  test('is allowed under the condition that an authorizer says yes', () => {
    const opa = authorization({ action: 'CUSTOM', provider: { name: 'opa' }, rules: [{}] });
    expect(askSidecar([opa], request)).toMatchObject({
      verdict: 'ALLOWED',
      conditions: [[{ key: 'external-authorizer', values: ['opa'], notValues: [] }]],
    });
    expect(askSidecar([opa], request, false)).toMatchObject({
      verdict: 'DENIED',
      by: { kind: 'authorizer' },
    });
  });

  test('names the rule that decides', () => {
    const policies = [allowing({}), denying({}, operation({ paths: ['/v1/*'] }))];
    const rule = { index: 0, policy: { spec: { action: 'DENY' } } };
    expect(askSidecar(policies, request).by).toMatchObject({ kind: 'rule', rule });
    const listed = allowing(operation({ methods: ['PUT'] }));
    expect(askSidecar([listed], request).by).toEqual({ kind: 'not-listed' });
  });

  test('is UNKNOWN under a policy that Istio refuses, unless another one denies it', () => {
    const why = 'spec.rules[0].form: unknown field';
    const refused = istioFacts(allowing({}), [{ path: ['spec', 'rules', 0, 'form'], why }]);
    const ask = (...others: Manifest[]) => {
      const all = [refused, ...others.map((one) => istioFacts(one))];
      const authorizationOf = compileAuthorization(all, sidecarOf(modelApi));
      const policies = policiesAt([], sidecarOf(modelApi), { port: 8080, isHttp: true });
      const whole = { ...policies, authorization: authorizationOf };
      const caller = callerOf(bert);
      return [
        decideRequest(whole, { ...request, caller }),
        allowedRequests(whole, caller),
      ] as const;
    };
    const [decision, sets] = ask();
    expect(decision).toMatchObject({ verdict: 'UNKNOWN', missing: [{ fact: 'policy-unclear' }] });
    expect([isEmptyRequests(sets.allowed), isEveryRequest(sets.possible)]).toEqual([true, true]);
    expect(ask(denying({}))[0].verdict).toBe('DENIED');
  });

  test('JWT-01 is refused with a token that no rule accepts, wherever rules are', () => {
    const jwt = { issuer: 'https://other.test', subject: 'alice', valid: true };
    expect(askSidecar([validates()], { ...request, jwt }).by).toEqual({ kind: 'token-refused' });
    expect(verdict([], { jwt })).toBe('ALLOWED');
    expect(verdict(requestAuthentication({ jwtRules: [] }), { jwt })).toBe('ALLOWED');
  });

  test('JWT-05 of a token without subject has no principal', () => {
    const policy = allowing(source({ requestPrincipals: ['*'] }));
    const jwt = { issuer: 'https://idp.test', valid: true };
    expect(verdict([policy, validates()], { jwt })).toBe('DENIED');
    expect(verdict([policy, validates()], { jwt: { ...jwt, subject: 'alice' } })).toBe('ALLOWED');
  });

  test('PA-02 hangs on which of two policies without a date is older', () => {
    const named = (name: string, mode: string) => peerAuthentication({ mtls: { mode } }, { name });
    const two = [named('a', 'STRICT'), named('b', 'PERMISSIVE')];
    expect(askSidecar(two, { ...request, from: prometheus })).toMatchObject({
      verdict: 'UNKNOWN',
      missing: [{ fact: 'policy-age' }, { fact: 'policy-age' }],
    });
    expect(verdict(two)).toBe('ALLOWED');
    expect(verdict([named('a', 'STRICT'), named('b', 'STRICT')])).toBe('ALLOWED');
  });

  test('9.4 to the ports of the proxy itself is held by nobody', () => {
    expect(verdict([denying({})], { port: 15020 })).toBe('ALLOWED');
  });
});
