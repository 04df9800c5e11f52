/**
 * Does the naive mesh evaluator read PeerAuthentication and RequestAuthentication as Istio does?
 * Titles carry the rows of ../shared/knowledge/istio.md 2 and 3.
 */

import { mtlsMode } from './istio';
import {
  alice,
  allowing,
  allows,
  bert,
  denying,
  laptop,
  mesh,
  modelApi,
  operation,
  peerAuthentication,
  prometheus,
  requestAuthentication,
  source,
  validates,
} from './istio-story';
import type { Manifest } from './load-yaml';

const selector = { matchLabels: { app: 'model-api' } };
const mode = (name: string): { mtls: { mode: string } } => ({ mtls: { mode: name } });

describe('PeerAuthentication', () => {
  const meshWide = peerAuthentication(mode('STRICT'), { namespace: 'istio-system' });
  const modeOf = (...manifests: Manifest[]): string => mtlsMode(mesh(...manifests), modelApi, 8080);

  test('PA-01 the default is PERMISSIVE', () => {
    expect(modeOf()).toBe('PERMISSIVE');
    expect(modeOf(peerAuthentication(mode('STRICT'), { namespace: 'ml-training' }))).toBe(
      'PERMISSIVE',
    );
  });

  test('PA-01 mesh, namespace, workload and port override each other in that order', () => {
    const namespace = peerAuthentication(mode('PERMISSIVE'));
    const workload = peerAuthentication({ selector, ...mode('STRICT') });
    const port = peerAuthentication({
      ...{ selector, ...mode('STRICT') },
      portLevelMtls: { 8080: { mode: 'DISABLE' } },
    });
    expect(modeOf(meshWide)).toBe('STRICT');
    expect(modeOf(meshWide, namespace)).toBe('PERMISSIVE');
    expect(modeOf(meshWide, namespace, workload)).toBe('STRICT');
    expect(modeOf(meshWide, namespace, port)).toBe('DISABLE');
    expect(mtlsMode(mesh(port), modelApi, 9000)).toBe('STRICT');
  });

  test('PA-01 UNSET and an absent mode inherit', () => {
    expect(modeOf(meshWide, peerAuthentication(mode('UNSET')))).toBe('STRICT');
    expect(modeOf(meshWide, peerAuthentication({ selector }))).toBe('STRICT');
    const port = { portLevelMtls: { 8080: { mode: 'UNSET' } } };
    expect(modeOf(peerAuthentication({ selector, ...mode('STRICT'), ...port }))).toBe('STRICT');
  });

  test('PA-02 the oldest of one scope wins', () => {
    const older = peerAuthentication(mode('STRICT'), {
      ...{ name: 'z', creationTimestamp: '2026-01-01T00:00:00Z' },
    });
    const newer = peerAuthentication(mode('DISABLE'), {
      ...{ name: 'a', creationTimestamp: '2026-02-01T00:00:00Z' },
    });
    expect([modeOf(older, newer), modeOf(newer, older)]).toEqual(['STRICT', 'STRICT']);
  });

  test('PA-03 a selector in the root namespace is ignored, even for its own pods', () => {
    const policy = peerAuthentication(
      { selector, ...mode('STRICT') },
      { namespace: 'istio-system' },
    );
    expect(modeOf(policy)).toBe('PERMISSIVE');
    const own = { ...modelApi, namespace: 'istio-system' };
    expect(mtlsMode(mesh(policy), own, 8080)).toBe('PERMISSIVE');
  });

  test('PA-04 an empty selector is none', () => {
    expect(modeOf(peerAuthentication({ selector: {}, ...mode('STRICT') }))).toBe('STRICT');
    const wide = peerAuthentication(
      { selector: { matchLabels: {} }, ...mode('STRICT') },
      { namespace: 'istio-system' },
    );
    expect(modeOf(wide)).toBe('STRICT');
  });

  test('PA-05 ports need a selector', () => {
    const ports = { portLevelMtls: { 8080: { mode: 'PERMISSIVE' } } };
    expect(modeOf(peerAuthentication({ ...mode('STRICT'), ...ports }))).toBe('STRICT');
    expect(modeOf(peerAuthentication({ selector, ...mode('STRICT'), ...ports }))).toBe(
      'PERMISSIVE',
    );
  });

  test('PA-07 PERMISSIVE admits callers without identity, DISABLE takes it from all', () => {
    const byBert = allowing(source({ principals: ['*/sa/bert'] }));
    expect(allows(peerAuthentication(mode('PERMISSIVE')), { from: laptop })).toBe(true);
    expect(allows([peerAuthentication(mode('PERMISSIVE')), byBert])).toBe(true);
    expect(allows([peerAuthentication(mode('DISABLE')), byBert])).toBe(false);
  });

  test('PA-08 STRICT refuses callers without identity, whatever is allowed', () => {
    const strict = [peerAuthentication(mode('STRICT')), allowing({})];
    expect(allows(strict)).toBe(true);
    expect(allows(strict, { from: prometheus })).toBe(false);
    expect(allows(strict, { from: laptop })).toBe(false);
    expect(allows(strict, { plaintext: true })).toBe(false);
    expect(allows(strict, { from: prometheus, port: 15020 })).toBe(true);
    expect(allows(strict, { from: prometheus, to: { ...modelApi, inMesh: false } })).toBe(true);
  });
});

describe('RequestAuthentication', () => {
  const anyToken = allowing(source({ requestPrincipals: ['*'] }));
  const invalid = { ...alice, valid: false };

  test('JWT-01 refuses invalid tokens and lets missing ones pass', () => {
    expect(allows(validates(), { jwt: invalid })).toBe(false);
    expect(allows(validates(), { jwt: alice })).toBe(true);
    expect(allows(validates())).toBe(true);
    expect(allows(validates(), { jwt: { ...alice, issuer: 'https://evil.test' } })).toBe(false);
  });

  test('JWT-01 refuses tokens for nobody of the audiences', () => {
    const scoring = validates('https://idp.test', ['scoring-api', 'batch-api']);
    expect(allows(scoring, { jwt: alice })).toBe(false);
    expect(allows(scoring, { jwt: { ...alice, audiences: ['batch-api', 'x'] } })).toBe(true);
  });

  test('JWT-01 requirements stand in an AuthorizationPolicy', () => {
    expect(allows([validates(), anyToken])).toBe(false);
    expect(allows([validates(), anyToken], { jwt: alice })).toBe(true);
  });

  test('JWT-02 without it no token says anything', () => {
    expect(allows(anyToken, { jwt: alice })).toBe(false);
    expect(allows(denying(source({ notRequestPrincipals: ['*'] })), { jwt: alice })).toBe(false);
    expect(allows([], { jwt: invalid })).toBe(true);
  });

  test('JWT-03 rules of all policies that apply are merged; one valid token suffices', () => {
    const other = requestAuthentication(
      { jwtRules: [{ issuer: 'https://other.test' }] },
      'istio-system',
    );
    expect(allows([validates(), other], { jwt: { ...alice, issuer: 'https://other.test' } })).toBe(
      true,
    );
    expect(allows([validates(), other], { jwt: alice })).toBe(true);
    const elsewhere = requestAuthentication(
      { jwtRules: [{ issuer: 'https://idp.test' }] },
      bert.namespace,
    );
    expect(allows([elsewhere, anyToken], { jwt: alice })).toBe(false);
    const others = {
      selector: { matchLabels: { app: 'triton' } },
      jwtRules: [{ issuer: 'https://idp.test' }],
    };
    expect(allows([requestAuthentication(others), anyToken], { jwt: alice })).toBe(false);
  });

  test('JWT-04, JWT-05 issuer and subject', () => {
    const named = allowing(source({ requestPrincipals: ['https://idp.test/alice'] }));
    expect(allows([validates(), named], { jwt: alice })).toBe(true);
    expect(allows([validates(), named], { jwt: { ...alice, subject: 'bob' } })).toBe(false);
    expect(allows([validates(), anyToken], { jwt: { ...alice, subject: undefined } })).toBe(false);
  });

  test('JWT-06 audiences, presenter and nested claims', () => {
    const jwt = {
      ...{ ...alice, audiences: ['scoring-api'] },
      claims: { azp: 'portal', realm_access: { roles: ['ml'] } },
    };
    const asking = (key: string, value: string): boolean =>
      allows([validates(), allowing({ when: [{ key, values: [value] }] })], { jwt });
    expect(asking('request.auth.audiences', 'scoring-api')).toBe(true);
    expect(asking('request.auth.audiences', 'other')).toBe(false);
    expect(asking('request.auth.presenter', 'portal')).toBe(true);
    expect(asking('request.auth.principal', 'https://idp.test/alice')).toBe(true);
    expect(asking('request.auth.claims[realm_access][roles]', 'ml')).toBe(true);
    expect(asking('request.auth.claims[realm_access]', 'ml')).toBe(false);
    expect(asking('request.auth.claims[roles]', 'ml')).toBe(false);
  });

  test('JWT-07 claims are texts or lists of texts; scopes are split at spaces', () => {
    const jwt = { ...alice, claims: { admin: true, groups: ['ml', 'nlp'], scope: 'read write' } };
    const asking = (claim: string, value: string): boolean => {
      const when = [{ key: `request.auth.claims[${claim}]`, values: [value] }];
      return allows([validates(), allowing({ when })], { jwt });
    };
    expect(asking('groups', 'nlp')).toBe(true);
    expect(asking('groups', 'vision')).toBe(false);
    expect(asking('admin', 'true')).toBe(false);
    expect(asking('scope', 'write')).toBe(true);
    expect(asking('scope', 'read write')).toBe(false);
  });

  test('JWT-08 values are OR, conditions AND', () => {
    const jwt = { ...alice, claims: { groups: ['ml'] } };
    const key = 'request.auth.claims[groups]';
    const both = [
      { key, values: ['ml'] },
      { key, values: ['admin'] },
    ];
    expect(allows([validates(), allowing({ when: both })], { jwt })).toBe(false);
    expect(
      allows([validates(), allowing({ when: [{ key, values: ['ml', 'admin'] }] })], { jwt }),
    ).toBe(true);
  });

  test('JWT-13 does not look at bytes', () => {
    const raw = { port: 9000, method: undefined, path: undefined, host: undefined };
    expect(
      allows([validates(), allowing(operation({ ports: ['9000'] }))], { ...raw, jwt: invalid }),
    ).toBe(true);
  });
});
