import { ModelRegistry } from '../../src/catalog/model-registry';
import { TrainingJob } from '../../src/catalog/training-job';
import { ClusterProfile } from '../../src/cluster/profile';
import { Mesh } from '../../src/cluster/mesh';
import { MlPlatform } from '../../src/constructs/ml-platform';
import { TrafficRoute } from '../../src/constructs/traffic-route';
import { TrafficSplit } from '../../src/constructs/traffic-split';
import { Port } from '../../src/values/port';
import { outputFolder } from '../support/reach';
import { policy, refusal, written } from '../support/synth';

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

  test('a module’s workload has variants that routes tell apart', () => {
    const outdir = outputFolder();
    const cluster = ClusterProfile.kubeadm({ mesh: Mesh.sidecar() });
    const module = new MlPlatform({ outdir, cluster }).module('llm-serving');
    const workload = module.workload('model-api', {
      labels: { app: 'model-api' },
      serviceAccount: 'model-api',
      ports: [Port.http(8080)],
      services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080 }] }],
      variants: { stable: { version: 'v1' }, canary: { version: 'v2' } },
    });
    new TrafficRoute(module, 'route', {
      workload,
      split: TrafficSplit.canary('stable', 'canary', 10),
    });
    const rule = written(module).find(({ kind }) => kind === 'DestinationRule');
    expect(rule?.spec?.['subsets']).toEqual([
      { name: 'canary', labels: { version: 'v2' } },
      { name: 'stable', labels: { version: 'v1' } },
    ]);
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
