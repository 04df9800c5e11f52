import { ApiObject, Chart, Include } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { TrafficModel } from '../../src/constructs/traffic-model';
import { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import { Port, PortPurpose } from '../../src/values/port';
import { outputFolder } from '../support/reach';
import { chartOf, names, policy, problemsOf, refusal } from '../support/synth';

function isolatedNamespace(chart: Chart, name = 'llm-serving') {
  const namespace = new MlNamespace(chart, name);
  new DefaultDeny(chart, `${name}-deny`, { namespace });
  return namespace;
}

describe('Workload', () => {
  test('writes both ends of a flow, each in its own namespace', () => {
    const chart = chartOf();
    const api = new Workload(chart, 'api', {
      namespace: isolatedNamespace(chart),
      labels: { app: 'api' },
    });
    const store = new Workload(chart, 'store', {
      namespace: isolatedNamespace(chart, 'feature-store'),
      labels: { app: 'feast' },
      ports: [Port.grpc(6566), Port.http(9090, { purpose: PortPurpose.METRICS })],
    });
    api.allowTo(store, { reason: 'online features' });
    const ports = [{ port: 6566, protocol: 'TCP' }];
    expect(policy(chart, 'api-egress')).toMatchObject({
      metadata: {
        namespace: 'llm-serving',
        annotations: {
          'cdk8s-ml-netpol/flows': 'to feature-store/store: TCP 6566: online features',
        },
      },
      spec: { egress: [{ ports }] },
    });
    expect(policy(chart, 'store-ingress')).toMatchObject({
      metadata: { namespace: 'feature-store' },
      spec: { ingress: [{ ports }] },
    });
  });

  test('isolates nobody: without isolation flows are recorded and nothing is written', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    const api = new Workload(chart, 'api', { namespace, labels: { app: 'api' } });
    api.allowFrom(Peer.namespace('ml-jobs'), { ports: [Port.http(8080)] });
    api.allowAmong();
    expect(names(chart)).toEqual(['Namespace/llm-serving']);
    expect(TrafficModel.of(chart).lines.filter((line) => line.includes('"flow"'))).toHaveLength(2);
  });

  test('allowAmong opens all ports both ways among its own pods only', () => {
    const chart = chartOf();
    const namespace = isolatedNamespace(chart);
    new Workload(chart, 'job', { namespace, labels: { job: 'bert' } }).allowAmong();
    const peers = [{ podSelector: { matchLabels: { job: 'bert' } } }];
    expect(policy(chart, 'job-ingress').spec?.['ingress']).toEqual([{ from: peers }]);
    expect(policy(chart, 'job-egress').spec?.['egress']).toEqual([{ to: peers }]);
  });

  test('merges a flow that is declared at both ends and keeps both reasons', () => {
    const chart = chartOf();
    const namespace = isolatedNamespace(chart);
    const [api, bert] = ['api', 'bert'].map(
      (app) => new Workload(chart, app, { namespace, labels: { app }, ports: [Port.http(8080)] }),
    );
    if (api === undefined || bert === undefined) throw new Error('two workloads');
    bert.allowTo(api, { reason: 'scores', ticket: 'ML-7' });
    api.allowFrom(bert, { reason: 'evaluation' });
    const { metadata, spec } = policy(chart, 'api-ingress');
    expect(spec?.['ingress']).toHaveLength(1);
    expect(metadata.annotations?.['cdk8s-ml-netpol/flows']).toBe(
      'from llm-serving/bert: TCP 8080: evaluation; scores (ticket ML-7)',
    );
  });

  test('resolves a port name to the callee’s number, and fails for a name that it does not have', () => {
    const chart = chartOf();
    const namespace = isolatedNamespace(chart);
    const api = new Workload(chart, 'api', {
      namespace,
      labels: { app: 'api' },
      ports: [Port.http(8080, { name: 'http' })],
    });
    api.allowFrom(Peer.namespace('a'), { ports: [Port.named('http')] });
    expect(policy(chart, 'api-ingress').spec).toMatchObject({
      ingress: [{ ports: [{ port: 8080 }] }],
    });
    api.allowFrom(Peer.namespace('a'), { ports: [Port.named('htpp')] });
    expect(problemsOf(chart).join()).toContain(
      'got "TCP htpp", expected a port name of llm-serving/api: http',
    );
  });

  test('keeps numbers numbers, ranges ranges and names names', () => {
    const chart = chartOf();
    const namespace = isolatedNamespace(chart);
    const api = new Workload(chart, 'api', { namespace, labels: { app: 'api' } });
    api.allowTo(Peer.namespace('other'), {
      ports: [Port.tcp(80), Port.udpRange(9000, 9010), Port.named('grpc'), Port.allSctp()],
    });
    expect(policy(chart, 'api-egress').spec?.['egress']).toEqual([
      expect.objectContaining({
        ports: [
          { protocol: 'SCTP' },
          { protocol: 'TCP', port: 'grpc' },
          { protocol: 'TCP', port: 80 },
          { protocol: 'UDP', port: 9000, endPort: 9010 },
        ],
      }),
    ]);
  });

  test('fails when the labels of one workload select the pods of another', () => {
    const chart = chartOf();
    const namespace = isolatedNamespace(chart);
    new Workload(chart, 'all', { namespace, labels: { tier: 'backend' } });
    new Workload(chart, 'one', { namespace, labels: { app: 'one', tier: 'backend' } });
    expect(problemsOf(chart).join()).toContain('they select the pods of llm-serving/one too');
  });

  test.each([
    [{}, 'empty-selector'],
    [{ 'bad key!': 'x' }, 'label-key'],
    [{ app: 'x'.repeat(64) }, 'label-value'],
  ])('fails for the labels %j', (labels, code) => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    expect(refusal(() => new Workload(chart, 'api', { namespace, labels }))).toMatchObject({
      code,
    });
  });

  test('fails for ports without numbers and for reserved names', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    const labels = { app: 'api' };
    const ports = [Port.allTcp()];
    expect(refusal(() => new Workload(chart, 'a', { namespace, labels, ports }))).toMatchObject({
      code: 'workload-port',
    });
    expect(refusal(() => new Workload(chart, 'baseline', { namespace, labels }))).toMatchObject({
      code: 'workload-name-reserved',
    });
  });
});

describe('Workload.fromObject', () => {
  const container = {
    name: 'main',
    image: 'model-api',
    ports: [{ containerPort: 8080, name: 'http' }],
  };
  const template = {
    metadata: { labels: { app: 'model-api', chart: 'model-api-1.2.3' } },
    spec: { serviceAccountName: 'model-api', containers: [container] },
  };

  function manifest(kind: string, apiVersion: string, spec: object) {
    return { apiVersion, kind, metadata: { name: 'model-api', namespace: 'llm-serving' }, spec };
  }

  test.each([
    [
      'Deployment',
      'apps/v1',
      { selector: { matchLabels: { app: 'model-api' } }, template },
      { app: 'model-api' },
    ],
    ['Job', 'batch/v1', { template }, template.metadata.labels],
    [
      'CronJob',
      'batch/v1',
      { schedule: '@daily', jobTemplate: { spec: { template } } },
      template.metadata.labels,
    ],
  ])('reads a %s: selector, ports and service account', (kind, apiVersion, spec, labels) => {
    const chart = chartOf();
    isolatedNamespace(chart);
    const object = new ApiObject(chart, 'object', manifest(kind, apiVersion, spec));
    Workload.fromObject(chart, 'model-api', object).allowFrom(Peer.namespace('ml-jobs'));
    expect(policy(chart, 'model-api-ingress').spec).toMatchObject({
      podSelector: { matchLabels: labels },
      ingress: [{ ports: [{ port: 8080, protocol: 'TCP' }] }],
    });
    expect(TrafficModel.of(chart).lines.join('\n')).toContain('"serviceAccount":"model-api"');
  });

  test('reads a Deployment of cdk8s-plus', () => {
    const chart = new Chart(chartOf().node.root as Chart, 'plus', { namespace: 'llm-serving' });
    isolatedNamespace(chart);
    const deployment = new kplus.Deployment(chart, 'deployment', {
      metadata: { name: 'model-api' },
      containers: [{ image: 'model-api', portNumber: 8080 }],
    });
    Workload.fromObject(chart, 'model-api', deployment).allowFrom(Peer.namespace('ml-jobs'));
    const { spec } = policy(chart, 'model-api-ingress');
    expect(spec).toMatchObject({
      podSelector: { matchLabels: { 'cdk8s.io/metadata.addr': expect.any(String) as string } },
      ingress: [{ ports: [{ port: 8080 }] }],
    });
  });

  test('reads YAML that Include brings in', () => {
    const file = join(outputFolder(), 'pod.yaml');
    const pod = { apiVersion: 'v1', kind: 'Pod', ...template };
    const metadata = { ...template.metadata, name: 'model-api', namespace: 'llm-serving' };
    writeFileSync(file, JSON.stringify({ ...pod, metadata }));
    const chart = chartOf();
    isolatedNamespace(chart);
    const [object] = new Include(chart, 'yaml', { url: file }).apiObjects;
    if (object === undefined) throw new Error('nothing included');
    Workload.fromObject(chart, 'api', object).allowFrom(Peer.namespace('ml-jobs'));
    expect(names(chart)).toContain('NetworkPolicy/model-api-ingress');
  });

  test('fails for an object without pods, and without a namespace', () => {
    const chart = chartOf();
    const config = new ApiObject(chart, 'config', { apiVersion: 'v1', kind: 'ConfigMap' });
    expect(refusal(() => Workload.fromObject(chart, 'a', config))).toMatchObject({
      code: 'object-without-pods',
      got: 'v1 ConfigMap',
    });
    const pod = new ApiObject(chart, 'pod', { apiVersion: 'v1', kind: 'Pod', ...template });
    expect(refusal(() => Workload.fromObject(chart, 'b', pod))).toMatchObject({
      code: 'object-without-namespace',
    });
  });
});
