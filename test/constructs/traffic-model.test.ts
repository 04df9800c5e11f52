/** What does the traffic model file tell a reviewer? One sorted record a line, the same every time. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { Cni } from '../../src/cluster/cni';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { TrafficModel } from '../../src/constructs/traffic-model';
import { Workload } from '../../src/constructs/workload';
import { Environment } from '../../src/traffic/environment';
import { Peer } from '../../src/traffic/peer';
import { Http } from '../../src/values/http';
import { Identity } from '../../src/values/identity';
import { Port } from '../../src/values/port';
import { inEveryOrder } from '../support/cluster';
import { outputFolder } from '../support/reach';
import { chartOf } from '../support/synth';

type Line = Readonly<Record<string, unknown>>;

function records(chart: Chart, kind?: string): Line[] {
  const all = TrafficModel.of(chart).lines.map((line) => JSON.parse(line) as Line);
  return kind === undefined ? all : all.filter(({ record }) => record === kind);
}

function modelApi(chart: Chart): Workload {
  const namespace = new MlNamespace(chart, 'llm-serving', { environment: Environment.TEST });
  new DefaultDeny(chart, 'deny', { namespace });
  return new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    podLabels: { tier: 'gpu' },
    serviceAccount: 'model-api',
    ports: [Port.http(8080, { name: 'http' })],
    services: [{ name: 'model-api', ports: [{ port: 80, targetPortName: 'http' }] }],
  });
}

const JOBS = Peer.namespace('ml-jobs');

describe('the traffic model', () => {
  it('starts with its schema and the profile, then goes by kind and in order', () => {
    const chart = chartOf(ClusterProfile.eks());
    modelApi(chart).allowFrom(JOBS);
    const kinds = records(chart).map(({ record }) => record);
    expect([...new Set(kinds)]).toEqual([
      'model',
      'profile',
      'namespace',
      'workload',
      'isolation',
      'flow',
    ]);
    const { lines } = TrafficModel.of(chart);
    const flows = lines.filter((line) => line.startsWith('{"record":"flow"'));
    expect(flows).toEqual([...flows].sort());
    expect(records(chart, 'profile')).toEqual([expect.objectContaining({ name: 'eks' })]);
  });

  it('tells workloads with all that is known of them', () => {
    const chart = chartOf();
    modelApi(chart);
    expect(records(chart, 'workload')).toEqual([
      {
        record: 'workload',
        namespace: 'llm-serving',
        name: 'model-api',
        labels: { app: 'model-api' },
        podLabels: { app: 'model-api', tier: 'gpu' },
        serviceAccount: 'model-api',
        ports: [
          { protocol: 'TCP', port: 8080, name: 'http', purpose: 'service', appProtocol: 'http' },
        ],
        services: [
          { name: 'model-api', ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }] },
        ],
        by: 'serving/model-api',
      },
    ]);
  });

  it('tells isolation and flows, each with the construct and the line that said so', () => {
    const chart = chartOf();
    modelApi(chart).allowFrom(JOBS, {
      reason: 'scoring',
      owner: 'nlp',
      ticket: 'ML-1',
      expires: '2999-01-01',
    });
    expect(records(chart, 'isolation')).toEqual([
      {
        record: 'isolation',
        namespace: 'llm-serving',
        pods: { matchLabels: {}, matchExpressions: [] },
        directions: ['ingress', 'egress'],
        denied: true,
        name: 'default-deny',
        by: 'serving/deny',
      },
    ]);
    expect(records(chart, 'flow')).toContainEqual({
      record: 'flow',
      from: {
        kind: 'pods',
        namespaces: { kind: 'names', names: ['ml-jobs'] },
        pods: { matchLabels: {}, matchExpressions: [] },
      },
      to: { kind: 'workload', namespace: 'llm-serving', name: 'model-api' },
      fromName: 'namespace ml-jobs',
      toName: 'llm-serving/model-api',
      http: [],
      origin: 'declared',
      narrows: false,
      reasons: [
        {
          reason: 'scoring',
          owner: 'nlp',
          ticket: 'ML-1',
          expires: '2999-01-01',
          at: expect.stringMatching(/^test\/constructs\/traffic-model\.test\.ts:\d+$/) as string,
          by: 'serving/model-api',
        },
      ],
      withoutMesh: false,
      withoutFqdn: false,
    });
  });

  it('tells every waiver, in the file and in words', () => {
    const chart = chartOf(ClusterProfile.kubeadm({ cni: Cni.FLANNEL }));
    const api = modelApi(chart);
    api.allowTo(Peer.fqdn('hf.co'), { reason: 'models', withoutFqdn: 'internet' });
    api.allowFrom(Peer.kubeApiserver(), { reason: 'webhook' });
    const http = [Http.post('/v1/predict')];
    const runner = Identity.serviceAccount('ml-jobs', 'runner');
    api.allowFrom(runner, { http, reason: 'no mesh yet', withoutMesh: 'l4' });
    const expected = [
      ['all flows', 'CNI flannel enforces no NetworkPolicy'],
      [
        'kube-apiserver -> llm-serving/model-api',
        'the API server’s addresses are unknown: its webhook port is opened for everybody',
      ],
      [
        'llm-serving/model-api -> hf.co',
        'names are not enforced: hf.co is opened as public internet',
      ],
      [
        'service account ml-jobs/runner -> llm-serving/model-api',
        'L3/L4 stands in for identity, HTTP requests',
      ],
    ] as const;
    expect(records(chart, 'waiver')).toEqual(
      expected.map(([flow, what]) => ({ record: 'waiver', flow, what })),
    );
    expect(TrafficModel.of(chart).waivers).toEqual(
      expected.map(([flow, what]) => `${flow}: ${what}`),
    );
  });

  it('has no waiver where none is in force', () => {
    const chart = chartOf();
    modelApi(chart).allowFrom(JOBS, { reason: 'scoring', withoutMesh: 'l4' });
    expect(TrafficModel.of(chart).waivers).toEqual([]);
  });

  it('is the same in every order, from wherever in the tree it is asked', () => {
    inEveryOrder([0, 1, 2, 3], (order) => {
      const chart = chartOf();
      const api = modelApi(chart);
      const steps = [
        () => api.allowFrom(JOBS, { reason: 'b' }),
        () => api.allowFrom(JOBS, { reason: 'a' }),
        () => api.allowFrom(MlNamespace.fromName(chart, 'jobs', 'ml-jobs'), { reason: 'c' }),
        () => MlNamespace.fromName(new Chart(chart, 'another'), 'again', 'ml-jobs'),
      ];
      for (const step of order) steps[step]?.();
      const { lines } = TrafficModel.of(api);
      expect(lines).toEqual(TrafficModel.of(chart.node.root).lines);
      return lines.join('\n');
    });
  });

  it('is saved as traffic-model.jsonl, into a folder that need not be there', () => {
    const chart = chartOf();
    modelApi(chart);
    const folder = join(outputFolder(), 'deep', 'dist');
    const file = TrafficModel.of(chart).save(folder);
    expect(file).toBe(join(folder, 'traffic-model.jsonl'));
    const text = readFileSync(file, 'utf8');
    expect(text).toBe(`${TrafficModel.of(chart).lines.join('\n')}\n`);
    // kubectl and Argo CD take .json for a manifest
    expect(existsSync(join(folder, 'traffic-model.json'))).toBe(false);
  });

  it('of a tree in which nothing is declared tells its schema and the profile', () => {
    expect(records(chartOf()).map(({ record }) => record)).toEqual(['model', 'profile']);
  });
});
