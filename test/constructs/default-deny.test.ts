import { DefaultDeny, IsolationDirections } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { Workload } from '../../src/constructs/workload';
import { chartOf, names, policy, problemsOf, refusal } from '../support/synth';

describe('DefaultDeny', () => {
  test('isolates a whole namespace in both directions', () => {
    const chart = chartOf();
    new DefaultDeny(chart, 'deny', { namespace: new MlNamespace(chart, 'llm-serving') });
    expect(policy(chart, 'default-deny')).toMatchObject({
      metadata: { namespace: 'llm-serving' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    expect(policy(chart, 'default-deny').spec).not.toHaveProperty('ingress');
  });

  test.each([
    [IsolationDirections.INGRESS, ['Ingress']],
    [IsolationDirections.EGRESS, ['Egress']],
  ])('isolates one direction: %s', (directions, policyTypes) => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    new DefaultDeny(chart, 'deny', { namespace, directions });
    expect(policy(chart, 'default-deny').spec).toEqual({ podSelector: {}, policyTypes });
  });

  test('isolates the pods of one workload, or those with some labels, under names of their own', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    const workload = new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' } });
    new DefaultDeny(chart, 'api', { namespace, workload });
    new DefaultDeny(chart, 'loaders', { namespace, pods: { 'needs-model-access': 'true' } });
    expect(names(chart)).toEqual([
      'Namespace/llm-serving',
      'NetworkPolicy/default-deny-model-api',
      'NetworkPolicy/default-deny-pods-needs-model-access-true',
    ]);
    expect(policy(chart, 'default-deny-model-api').spec).toMatchObject({
      podSelector: { matchLabels: { app: 'model-api' } },
    });
  });

  test('fails at synth for a namespace that is only a peer, whoever is declared first', () => {
    const chart = chartOf();
    const namespace = MlNamespace.fromName(chart, 'jobs', 'ml-jobs');
    new DefaultDeny(chart, 'deny', { namespace });
    expect(problemsOf(chart).join()).toContain('serving/deny: got "ml-jobs", expected a namespace');
  });

  test('fails for a workload of another namespace, and for two answers to one question', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    const other = new MlNamespace(chart, 'mlflow');
    const workload = new Workload(chart, 'mlflow-server', {
      namespace: other,
      labels: { app: 'mlflow' },
    });
    expect(refusal(() => new DefaultDeny(chart, 'a', { namespace, workload }))).toMatchObject({
      code: 'isolation-elsewhere',
      got: 'mlflow/mlflow-server',
    });
    expect(
      refusal(() => new DefaultDeny(chart, 'b', { namespace: other, workload, pods: { a: 'b' } })),
    ).toMatchObject({ code: 'isolation-ambiguous' });
  });
});
