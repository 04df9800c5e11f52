import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart, Testing } from 'cdk8s';
import { DefaultDeny, DnsEgress, MlNamespace, Port, TrafficModel, Workload } from 'cdk8s-ml-netpol';
import { PolicyCluster } from 'cdk8s-ml-netpol/testing';

class Serving extends Chart {
  constructor(app: App) {
    super(app, 'serving');
    const namespace = new MlNamespace(this, 'namespace', { name: 'llm-serving' });
    new DefaultDeny(this, 'default-deny', { namespace });
    new DnsEgress(this, 'dns', { namespace });
    const [api, store] = [8080, 6334].map(
      (port) =>
        new Workload(this, port === 8080 ? 'model-api' : 'vector-store', {
          namespace,
          labels: { port: String(port) },
          ports: [port === 8080 ? Port.http(port) : Port.grpc(port)],
        }),
    );
    api.allowTo(store, { reason: 'retrieval' });
  }
}

// ---- the page's example
const chart = new Serving(new App());
const cluster = PolicyCluster.fromObjects(Testing.synth(chart), {
  model: TrafficModel.of(chart).lines,
});

test('the model API reaches its vector store, and nobody else does', () => {
  expect(cluster).toReach('llm-serving/model-api', 'llm-serving/vector-store', 6334);
  expect(cluster).not.toReach('llm-serving/vector-store', 'llm-serving/*');
  expect(cluster).not.toReach('10.0.0.0/8', 'llm-serving/*');
});

test('everything is isolated, and lint has nothing to object', () => {
  expect(cluster).toBeIsolated('llm-serving/*');
  expect(cluster).toHaveNoFindings({ rules: ['dns-egress-missing', 'no-default-deny'] });
});
// ---- end

test('the page shows it', () => {
  const [, shown = ''] = readFileSync(__filename, 'utf8').split(/^\/\/ ---- .*\n/m);
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'testing.md'), 'utf8');
  expect(page).toContain(`\n${shown}`);
});
