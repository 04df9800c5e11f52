/** What counts as a difference between the written YAML and what was declared. */
import type { Chart } from 'cdk8s';
import { ApiObject, JsonPatch } from 'cdk8s';
import { DefaultDeny, MlNamespace, Peer, Port, Workload } from '../../src';
import { chartOf, problemsOf } from '../support/synth';

/** A chart with the policy `model-api-ingress`. */
function serving(): { readonly chart: Chart; readonly ingress: ApiObject } {
  const chart = chartOf();
  const namespace = new MlNamespace(chart, 'llm-serving');
  new DefaultDeny(chart, 'deny', { namespace });
  const api = new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    ports: [Port.http(8080)],
  });
  api.allowFrom(Peer.namespace('ml-jobs'), { reason: 'batch scoring' });
  return { chart, ingress: namespace.node.findChild('model-api-ingress') as ApiObject };
}

function theirs(chart: Chart, spec: object): void {
  const names = { name: 'theirs', namespace: 'llm-serving' };
  const apiVersion = 'networking.k8s.io/v1';
  new ApiObject(chart, 'theirs', { apiVersion, kind: 'NetworkPolicy', metadata: names, spec });
}

test('what was declared and nothing else is no difference', () => {
  expect(problemsOf(serving().chart)).toEqual([]);
});

test('a port more is a widening, and the declared one is missing', () => {
  const { chart, ingress } = serving();
  ingress.addJsonPatch(JsonPatch.replace('/spec/ingress/0/ports/0/port', 9090));
  const problems = problemsOf(chart).join('\n');
  expect(problems).toMatch(/TCP 9090 every request is allowed/);
  expect(problems).toMatch(/TCP 8080 every request is denied/);
});

test('a policy of somebody else that opens our pods is a widening', () => {
  const { chart } = serving();
  theirs(chart, { podSelector: {}, ingress: [{ ports: [{ port: 22 }] }] });
  expect(problemsOf(chart).join('\n')).toMatch(/TCP 22 is allowed/);
});

test('an address that is no pod’s is asked about as well', () => {
  const { chart } = serving();
  const from = [{ ipBlock: { cidr: '203.0.113.0/24' } }];
  theirs(chart, { podSelector: {}, ingress: [{ from, ports: [{ port: 443 }] }] });
  expect(problemsOf(chart).join('\n')).toMatch(/203\.0\.113\.0\/24.*TCP 443 is allowed/);
});
