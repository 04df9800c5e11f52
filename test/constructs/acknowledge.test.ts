import { ApiObject, App, Chart, Testing } from 'cdk8s';
import {
  Acknowledge,
  ClusterProfile,
  DefaultDeny,
  IstioMtls,
  Mesh,
  MlNamespace,
  type AcknowledgeOptions,
} from '../../src';
import { World } from '../../src/engine/world';
import { clusterOf } from '../../src/read/cluster-of';
import { readObjects } from '../../src/read/objects';
import { lint } from '../../src/rules/lint';

const KEY = 'cdk8s-ml-netpol/acknowledge';

interface Written {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
}

/** `Kind name: annotation` */
function marks(chart: Chart): string[] {
  return (Testing.synth(chart) as Written[]).map(
    ({ kind, metadata: { name, annotations } }) => `${kind} ${name}: ${annotations?.[KEY] ?? ''}`,
  );
}

function serving(): { chart: Chart; namespace: MlNamespace; deny: DefaultDeny } {
  const chart = new Chart(new App(), 'serving');
  const namespace = new MlNamespace(chart, 'llm-serving');
  return { chart, namespace, deny: new DefaultDeny(chart, 'default-deny', { namespace }) };
}

test('stands on every object below the construct, also on later ones', () => {
  const { chart, deny } = serving();
  Acknowledge.finding(chart, { code: 'MLN203', reason: 'addresses only', expires: '2027-06-30' });
  Acknowledge.finding(deny, { code: 'MLN102', reason: 'for now' });
  new ApiObject(chart, 'later', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'later' },
  });
  const all = 'MLN203 until 2027-06-30: addresses only';
  expect(marks(chart).sort()).toEqual([
    `ConfigMap later: ${all}`,
    `Namespace llm-serving: ${all}`,
    `NetworkPolicy default-deny: MLN102: for now; ${all}`,
  ]);
});

test('the nearest reason counts', () => {
  const { chart, deny } = serving();
  Acknowledge.finding(deny, { code: 'MLN203', reason: 'near' });
  Acknowledge.finding(chart, { code: 'MLN203', reason: 'far' });
  expect(marks(chart)).toContain('NetworkPolicy default-deny: MLN203: near');
});

test('mesh objects have it too', () => {
  const app = new App();
  ClusterProfile.provide(app, ClusterProfile.generic({ mesh: Mesh.sidecar() }));
  const chart = new Chart(app, 'serving');
  const namespace = new MlNamespace(chart, 'llm-serving');
  new IstioMtls(chart, 'mtls', { namespace });
  Acknowledge.finding(app, { code: 'MLN302', reason: 'jobs move into the mesh' });
  const found = marks(chart).filter((text) => text.startsWith('PeerAuthentication'));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/: MLN302: jobs move into the mesh$/);
});

test('the linter reads what was written', () => {
  const { chart, namespace } = serving();
  new ApiObject(chart, 'pod', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'vllm', namespace: namespace.namespaceName },
    spec: { containers: [{ name: 'vllm', image: 'vllm' }] },
  });
  Acknowledge.finding(chart, { code: 'MLN203', reason: 'addresses only' });
  const input = readObjects(Testing.synth(chart));
  const { findings } = lint(new World(clusterOf(input)), input, { today: '2026-06-30' });
  expect(findings.filter(({ code }) => code === 'MLN203' || code === 'MLN501')).toMatchObject([
    { acknowledged: 'addresses only', object: 'NetworkPolicy llm-serving/default-deny' },
  ]);
});

describe('fails', () => {
  test.each<[string, AcknowledgeOptions, RegExp]>([
    ['a code of no rule', { code: 'dns', reason: 'a' }, /code: got "dns"/],
    ['no reason', { code: 'MLN203', reason: ' ' }, /reason: got " "/],
    ['a reason that ends the entry', { code: 'MLN203', reason: 'a; b' }, /reason: got "a; b"/],
    ['two lines', { code: 'MLN203', reason: 'a\nb' }, /reason: got "a\\nb"/],
    ['no date', { code: 'MLN203', reason: 'a', expires: 'soon' }, /expires: got "soon"/],
  ])('%s', (_, options, error) => {
    expect(() => Acknowledge.finding(serving().chart, options)).toThrow(error);
  });

  test('two reasons for one rule', () => {
    const { chart } = serving();
    Acknowledge.finding(chart, { code: 'MLN203', reason: 'a' });
    Acknowledge.finding(chart, { code: 'MLN203', reason: 'a' });
    expect(() => Acknowledge.finding(chart, { code: 'MLN203', reason: 'b' })).toThrow(/one reason/);
  });
});
