import { checkIstioObject, isIstioObject } from '../../../src/values/istio';
import { problems } from './manifests';

const authorizationPolicy = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'batch-runner-may-score', namespace: 'scoring' },
  spec: {
    selector: { matchLabels: { app: 'scorer' } },
    action: 'ALLOW',
    rules: [
      {
        from: [{ source: { serviceAccounts: ['batch/runner'] } }],
        to: [{ operation: { methods: ['POST'], paths: ['/v1/score'], ports: ['8080'] } }],
      },
    ],
  },
};

test('has nothing to say about an object that Istio accepts', () => {
  expect(checkIstioObject(authorizationPolicy)).toEqual([]);
});

test('names field, value and rule', () => {
  const spec = {
    ...authorizationPolicy.spec,
    rules: [{ from: [{ source: { principals: [''] } }] }],
  };
  expect(checkIstioObject({ ...authorizationPolicy, spec })).toEqual([
    {
      severity: 'error',
      layer: 'webhook',
      field: 'spec.rules[0].from[0].source.principals[0]',
      got: '',
      expected: 'text that is not empty',
    },
  ]);
});

test('fails for a kind of Istio that is not checked, instead of passing it', () => {
  const telemetry = { apiVersion: 'telemetry.istio.io/v1', kind: 'Telemetry', spec: {} };
  expect(checkIstioObject(telemetry)).toEqual([
    expect.objectContaining({
      severity: 'error',
      field: 'kind',
      got: 'telemetry.istio.io/Telemetry',
    }),
  ]);
});

test('fails for a kind under the group of another', () => {
  const gateway = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', spec: {} };
  expect(checkIstioObject(gateway)).toHaveLength(1);
});

test('fails for a version that is not served', () => {
  const object = { ...authorizationPolicy, apiVersion: 'security.istio.io/v1alpha1' };
  expect(checkIstioObject(object)).toMatchObject([{ field: 'apiVersion', layer: 'crd' }]);
});

test.each([null, undefined, 5, 'text', [], {}])('fails for %p without throwing', (object) => {
  expect(checkIstioObject(object)).toHaveLength(1);
});

test('fails for fields that the API server would drop', () => {
  expect(problems('PeerAuthentication', { mtlsMode: 'STRICT' })).toEqual([
    'error crd spec.mtlsMode',
  ]);
  expect(checkIstioObject({ ...authorizationPolicy, rules: [] })).toMatchObject([
    { field: 'rules', layer: 'crd' },
  ]);
});

test('reports once what both gates refuse', () => {
  expect(problems('ServiceEntry', { hosts: ['*'], resolution: 'NONE' })).toEqual([
    'error webhook spec.hosts[0]',
  ]);
});

test('fails for a ServiceEntry and a WorkloadEntry without spec, not for the others', () => {
  expect(problems('ServiceEntry', undefined)).toContain('error crd spec');
  expect(problems('WorkloadEntry', undefined)).toContain('error crd spec');
  expect(problems('AuthorizationPolicy', undefined)).toEqual([]);
});

describe('annotations (W-01, W-02)', () => {
  const dryRun = (value: string) => ({ annotations: { 'istio.io/dry-run': value } });
  const field = 'metadata.annotations["istio.io/dry-run"]';

  test('dry-run is for ALLOW and DENY', () => {
    expect(problems('AuthorizationPolicy', { action: 'ALLOW' }, dryRun('true'))).toEqual([]);
    expect(problems('AuthorizationPolicy', {}, dryRun('False'))).toEqual([]);
    expect(problems('AuthorizationPolicy', { action: 'AUDIT' }, dryRun('true'))).toEqual([
      `error webhook ${field}`,
    ]);
    expect(problems('PeerAuthentication', {}, dryRun('true'))).toEqual([`error webhook ${field}`]);
  });

  test('dry-run is a boolean of Go', () => {
    expect(problems('AuthorizationPolicy', {}, dryRun('yes'))).toEqual([`error webhook ${field}`]);
  });

  test('internal.istio.io/ is Istio’s own', () => {
    const annotations = { 'internal.istio.io/parents': 'Gateway/x' };
    expect(
      problems('VirtualService', { http: [{ redirect: { uri: '/' } }] }, { annotations }),
    ).toEqual(['error webhook metadata.annotations["internal.istio.io/parents"]']);
  });
});

test('tells Istio objects from others', () => {
  expect(isIstioObject(authorizationPolicy)).toBe(true);
  expect(isIstioObject({ apiVersion: 'telemetry.istio.io/v1', kind: 'Telemetry' })).toBe(true);
  expect(isIstioObject({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' })).toBe(false);
  expect(isIstioObject(null)).toBe(false);
});

describe('null', () => {
  const withSpec = (spec: unknown, kind = 'AuthorizationPolicy') =>
    problems(kind, spec).filter((problem) => problem.includes('crd'));

  test.each<[string, unknown]>([
    ['a spec', null],
    ['a field', { action: null, rules: [{ from: null }] }],
    ['an entry of a map', { selector: { matchLabels: { app: 'scorer', canary: null } } }],
    [
      'one of two fields of which one may stand',
      { selector: { matchLabels: {} }, targetRefs: null },
    ],
  ])('is dropped by the API server as %s', (_, spec) => {
    expect(withSpec(spec)).toEqual([]);
  });

  test('is no value where one is required, and no item of a list', () => {
    expect(withSpec({ rules: [null] })).toEqual([]); // in the words of the webhook
    expect(withSpec({ rules: [{ from: [null] }] })).toEqual(['error crd spec.rules[0].from[0]']);
    expect(withSpec({ configPatches: [{ patch: { value: { a: null } } }] }, 'EnvoyFilter')).toEqual(
      [],
    );
    expect(withSpec({ hosts: null }, 'ServiceEntry')).toEqual([]); // in the words of the webhook
    expect(withSpec(null, 'ServiceEntry')).toEqual(['error crd spec']);
  });
});
