import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import { Port } from '../../src/values/port';
import { chartOf, names, policy, problemsOf, written } from '../support/synth';

/** A chart with the policy `model-api-ingress`. */
function servingChart(): { readonly chart: Chart; readonly ingress: ApiObject } {
  const chart = chartOf();
  const namespace = new MlNamespace(chart, 'llm-serving');
  new DefaultDeny(chart, 'deny', { namespace });
  const api = new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    ports: [Port.http(8080)],
  });
  api.allowFrom(Peer.namespace('ml-jobs'), { reason: 'batch scoring' });
  const ingress = namespace.node.findChild('model-api-ingress') as ApiObject;
  return { chart, ingress };
}

test('a policy exists as soon as flow and isolation are known, and can be patched', () => {
  const { chart, ingress } = servingChart();
  ingress.addJsonPatch(JsonPatch.add('/metadata/labels/reviewed', 'yes'));
  expect(policy(chart, 'model-api-ingress').metadata.labels).toMatchObject({ reviewed: 'yes' });
});

test('fails with construct path when a patch writes what the API server refuses', () => {
  const { chart, ingress } = servingChart();
  ingress.addJsonPatch(JsonPatch.replace('/spec/ingress/0/ports/0/port', 0));
  expect(problemsOf(chart)).toEqual([
    expect.stringContaining(
      'serving/llm-serving/model-api-ingress: spec.ingress[0].ports[0].port: got 0, expected an integer from 1 to 65535',
    ),
  ]);
});

test('sees a patch that comes after a synth in the same turn', () => {
  const { chart, ingress } = servingChart();
  written(chart);
  ingress.addJsonPatch(JsonPatch.remove('/spec/policyTypes/0'));
  ingress.addJsonPatch(JsonPatch.add('/spec/policyTypes/0', 'Inbound'));
  expect(problemsOf(chart).join()).toContain('spec.policyTypes[0]: got "Inbound"');
});

test('fails on a NetworkPolicy of somebody else that the API server refuses', () => {
  const { chart } = servingChart();
  const pods = kplus.Pods.select(chart, 'pods', { labels: { app: 'other' } });
  const theirs = new kplus.NetworkPolicy(chart, 'theirs', {
    selector: pods,
    metadata: { namespace: 'llm-serving' },
  });
  theirs.addIngressRule(pods, [kplus.NetworkPolicyPort.allTcp()]);
  expect(problemsOf(chart).join()).toMatch(/serving\/theirs\/Resource: spec\.ingress\[0\]\.ports/);
});

test('fails when one object is written twice, in whichever chart', () => {
  const app = new App();
  const [first, second] = ['a', 'b'].map((id) => new Chart(app, id));
  if (first === undefined || second === undefined) throw new Error('two charts');
  for (const chart of [first, second]) {
    new ApiObject(chart, 'config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'config', namespace: 'llm-serving' },
    });
  }
  new MlNamespace(first, 'llm-serving');
  expect(problemsOf(first)).toEqual([
    expect.stringContaining('b/config: got "ConfigMap llm-serving/config"'),
  ]);
});

test('leaves out a policy that a smaller model needed and that says nothing any more', () => {
  const chart = chartOf();
  const namespace = new MlNamespace(chart, 'llm-serving');
  const labels = { app: 'model-api' };
  new DefaultDeny(chart, 'some', { namespace, pods: labels });
  const api = new Workload(chart, 'model-api', { namespace, labels, ports: [Port.http(8080)] });
  api.allowTo(Peer.namespace('feature-store'), { ports: [Port.tcp(6566)] });
  const inside = Peer.namespace('ml-jobs');
  new Workload(chart, 'other', { namespace, labels: { app: 'other' } }).allowFrom(inside, {
    ports: [Port.tcp(1)],
  });
  expect(names(chart)).not.toContain('NetworkPolicy/other-ingress');
  new DefaultDeny(chart, 'whole', { namespace });
  expect(names(chart)).toContain('NetworkPolicy/other-ingress');
});
