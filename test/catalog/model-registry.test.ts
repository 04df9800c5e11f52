import { ModelRegistry } from '../../src/catalog/model-registry';
import { MeshMembership } from '../../src/values/mesh-membership';
import { MlPlatform } from '../../src/constructs/ml-platform';
import { TrafficModel } from '../../src/constructs/traffic-model';
import { Peer } from '../../src/traffic/peer';
import { clusterOf, pod, reach } from '../support/cluster';
import { outputFolder } from '../support/reach';

const mlflow = pod('tracking/mlflow', { 'app.kubernetes.io/name': 'mlflow' });
const postgres = pod('tracking/postgres', { 'app.kubernetes.io/name': 'postgresql' });
const bert = pod('ml-training/bert', { app: 'bert' });

function tracking() {
  const platform = new MlPlatform({ outdir: outputFolder() });
  return { platform, module: platform.module('tracking') };
}

describe('ModelRegistry.mlflow', () => {
  it('is called on the pod’s port 5000, not on its Service’s port 80', () => {
    for (const role of [false, true]) {
      const { platform, module } = tracking();
      const registry = module.add(ModelRegistry.mlflow());
      const labels = { app: 'bert' };
      const job = platform.module('ml-training').workload('bert', { labels });
      job.allowTo(role ? registry.tracking : registry, { reason: 'experiments' });
      expect(reach(clusterOf(platform), 'tracking', [mlflow, postgres, bert], 80, 5000)).toEqual([
        'ml-training/bert -> tracking/mlflow TCP 5000',
      ]);
    }
  });

  it('is recorded with the labels, port and Service of its chart', () => {
    const { platform, module } = tracking();
    module.add(ModelRegistry.mlflow());
    const [record = ''] = TrafficModel.of(platform).lines.filter((line) =>
      line.includes('"record":"workload"'),
    );
    expect(JSON.parse(record)).toMatchObject({
      namespace: 'tracking',
      name: 'mlflow',
      labels: { 'app.kubernetes.io/name': 'mlflow' },
      ports: [{ protocol: 'TCP', port: 5000, name: 'mlflow', purpose: 'service' }],
      services: [{ name: 'mlflow', ports: [{ port: 80, targetPort: 'mlflow', name: 'http' }] }],
    });
    expect(JSON.parse(record)).not.toHaveProperty('inMesh');
  });

  it('takes name, labels, account and mesh from whoever installs it otherwise', () => {
    const { platform, module } = tracking();
    const labels = { app: 'mlflow-eu' };
    const mesh = MeshMembership.IN;
    module.add(ModelRegistry.mlflow({ name: 'mlflow-eu', labels, serviceAccount: 'ml', mesh }));
    module.add(ModelRegistry.mlflow()).allowFrom(Peer.namespace('ml-jobs'));
    const records = TrafficModel.of(platform)
      .lines.filter((line) => line.includes('"record":"workload"'))
      .map((line) => JSON.parse(line) as object);
    expect(records).toEqual([
      expect.objectContaining({ name: 'mlflow' }),
      expect.objectContaining({ name: 'mlflow-eu', labels, serviceAccount: 'ml', inMesh: true }),
    ]);
    expect(clusterOf(platform).policies.map(({ metadata }) => metadata.name)).toContain(
      'mlflow-ingress',
    );
  });
});
