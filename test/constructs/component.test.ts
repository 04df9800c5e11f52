import { ModelRegistry } from '../../src/catalog/model-registry';
import { TrainingJob } from '../../src/catalog/training-job';
import { MlPlatform } from '../../src/constructs/ml-platform';
import { outputFolder } from '../support/reach';
import { policy, refusal } from '../support/synth';

function platformWith() {
  const platform = new MlPlatform({ outdir: outputFolder() });
  const training = platform.module('ml-training');
  const registry = platform.module('mlflow');
  return { platform, training, registry };
}

describe('components', () => {
  test('add binds a component and returns it with its own type', () => {
    const { training, registry } = platformWith();
    const bert = training.add(TrainingJob.pytorch('bert'));
    const mlflow = registry.add(ModelRegistry.mlflow());
    bert.allowTo(mlflow, { reason: 'experiment tracking' });
    const egress = policy(training, 'bert-egress').spec?.['egress'] as object[];
    expect(egress).toContainEqual({
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'mlflow' } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'mlflow' } },
        },
      ],
      ports: [{ port: 5000, protocol: 'TCP' }],
    });
    expect(policy(registry, 'mlflow-ingress').spec?.['ingress']).toHaveLength(1);
  });

  test('the pods of a training job talk among themselves on all ports, and with no other job', () => {
    const { training } = platformWith();
    training.add(TrainingJob.pytorch('bert'));
    training.add(TrainingJob.pytorch('llama'));
    const bert = { podSelector: { matchLabels: { 'training.kubeflow.org/job-name': 'bert' } } };
    expect(policy(training, 'bert-ingress').spec?.['ingress']).toEqual([{ from: [bert] }]);
    expect(policy(training, 'bert-egress').spec?.['egress']).toEqual([{ to: [bert] }]);
  });

  test('roles are endpoints: a flow to one uses its ports', () => {
    const { training, registry } = platformWith();
    const bert = training.add(TrainingJob.pytorch('bert'));
    const mlflow = registry.add(ModelRegistry.mlflow({ labels: { app: 'mlflow' } }));
    expect(mlflow.tracking.peerName).toBe('mlflow/mlflow tracking');
    expect(mlflow.role('tracking').peerName).toBe(mlflow.tracking.peerName);
    mlflow.allowTo(bert.rendezvous);
    expect(JSON.stringify(policy(registry, 'mlflow-egress').spec)).toContain('23456');
  });

  test('fails before add, on a second add, and for a role that there is not', () => {
    const { training, registry } = platformWith();
    const mlflow = ModelRegistry.mlflow();
    const bert = training.add(TrainingJob.pytorch('bert'));
    expect(
      refusal(() => {
        bert.allowTo(mlflow);
      }),
    ).toMatchObject({ code: 'component-unbound', where: 'ModelRegistry.mlflow()' });
    registry.add(mlflow);
    expect(refusal(() => training.add(mlflow))).toMatchObject({
      code: 'component-twice',
      where: 'ml-training',
      expected: 'a component that no module has added: mlflow has it',
    });
    expect(refusal(() => mlflow.role('traking'))).toMatchObject({
      code: 'role-unknown',
      expected: 'one of tracking',
    });
  });
});
