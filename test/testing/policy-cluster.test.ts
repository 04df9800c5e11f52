/** Where clusters come from, and what is refused before anything is asked. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Testing } from 'cdk8s';
import { DefaultDeny, MlNamespace, Port, TrafficModel, Workload } from '../../src';
import { PolicyCluster } from '../../src/testing';
import { YAML } from './cluster';

describe('a cluster', () => {
  it('comes from a folder, with its traffic model', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ml-netpol-testing-'));
    try {
      const app = declared();
      writeFileSync(join(folder, 'app.yaml'), app.synthYaml());
      TrafficModel.of(app).save(folder);
      expect(PolicyCluster.fromFolder(folder)).toReach(
        'llm-serving/api',
        'llm-serving/store',
        6334,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('comes from a chart, and the model tells of workloads that others deploy', () => {
    const chart = Chart.of(declared().node.findChild('serving'));
    const cluster = PolicyCluster.fromObjects(Testing.synth(chart), {
      model: TrafficModel.of(chart).lines,
    });
    expect(cluster).toReach('llm-serving/api', 'llm-serving/store', 6334);
    expect(cluster).not.toReach('llm-serving/store', 'llm-serving/api');
    expect(cluster).toBeIsolated('llm-serving/*');
  });

  it('comes from an app', () => {
    const app = declared();
    const cluster = PolicyCluster.fromApp(app, { model: TrafficModel.of(app).lines });
    expect(cluster.workloads.map(({ name }) => name)).toEqual(['api', 'store']);
  });

  it('is refused where something cannot be read, unless the test says so', () => {
    const text = `${YAML}---\nkind: NetworkPolicy\n  metadata: {`;
    expect(() => PolicyCluster.fromYaml(text)).toThrow(/yaml:\d+:\d+: got/);
    expect(PolicyCluster.fromYaml(text, { allowProblems: true }).workloads).toHaveLength(3);
    expect(() => PolicyCluster.fromFolder('no-such-folder')).toThrow('no such file or folder');
  });

  it('is refused where there is nothing', () => {
    expect(() => PolicyCluster.fromObjects([])).toThrow('got "no object"');
  });
});

function declared(): App {
  const app = new App();
  const chart = new Chart(app, 'serving');
  const namespace = new MlNamespace(chart, 'llm-serving', { module: 'serving' });
  new DefaultDeny(chart, 'default-deny', { namespace });
  const [api, store] = ['api', 'store'].map(
    (name) =>
      new Workload(chart, name, { namespace, labels: { app: name }, ports: [Port.grpc(6334)] }),
  );
  api.allowTo(store, { reason: 'retrieval' });
  return app;
}
