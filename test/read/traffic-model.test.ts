import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';
import { combine } from '../../src/read/result';

const lines = (...records: object[]): string =>
  [{ record: 'model', schema: 1 }, ...records].map((one) => JSON.stringify(one)).join('\n');

const api = {
  record: 'workload',
  namespace: 'ml',
  name: 'api',
  labels: { app: 'api' },
  podLabels: { app: 'api', tier: 'serving' },
  serviceAccount: 'api-sa',
  ports: [
    { protocol: 'TCP', port: 8080, name: 'http', purpose: 'service', appProtocol: 'http' },
    { protocol: 'TCP', port: 9000, endPort: 9010, purpose: 'peer' },
    { purpose: 'peer' },
  ],
  services: [{ name: 'api', ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] }],
  inMesh: true,
  by: ['app'],
};

const deployment = (labels: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: real, namespace: ml}\nspec: {template: {metadata: {labels: ${labels}}, spec: {containers: []}}}\n`;

const model = (...records: object[]) => readText('traffic-model.jsonl', lines(...records));

describe('traffic models', () => {
  it('declare workloads with their pods and services', () => {
    const { workloads, services } = clusterOf(model(api));
    expect(workloads).toMatchObject([
      {
        id: 'ml/Workload/api',
        kind: 'Workload',
        pods: [
          {
            labels: { app: 'api', tier: 'serving' },
            serviceAccount: 'api-sa',
            ports: [{ name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'http' }],
            portsKnown: false,
            inMesh: true,
          },
        ],
      },
    ]);
    expect(services).toMatchObject([
      { namespace: 'ml', name: 'api', workload: 'ml/Workload/api', selector: { app: 'api' } },
    ]);
  });

  it('declare variants as further pods', () => {
    const variants = { stable: { version: 'v1' }, canary: { version: 'v2' } };
    const [one] = clusterOf(model({ ...api, variants })).workloads;
    expect(one?.pods.map(({ labels }) => labels['version'])).toEqual([undefined, 'v1', 'v2']);
  });

  it('give way to manifests whose pods carry their labels', () => {
    const read = combine([model(api), readText('a.yaml', deployment('{app: api, extra: x}'))]);
    const { workloads, declared, services } = clusterOf(read);
    expect(workloads.map(({ id }) => id)).toEqual(['ml/Deployment/real']);
    expect(declared.replaced).toEqual([{ id: 'ml/Workload/api', by: ['ml/Deployment/real'] }]);
    expect(workloads[0]?.pods[0]).toMatchObject({ inMesh: true, serviceAccount: 'default' });
    expect(services[0]?.workload).toBeUndefined();
  });

  it('stay where no manifest carries their labels', () => {
    const read = combine([model(api), readText('a.yaml', deployment('{app: other}'))]);
    expect(clusterOf(read).workloads.map(({ id }) => id)).toEqual([
      'ml/Deployment/real',
      'ml/Workload/api',
    ]);
  });

  it('merge, and name what they say differently', () => {
    const flow = { record: 'flow', fromName: 'a', toName: 'b', from: {}, to: {}, reasons: [] };
    const other = readText('other/traffic-model.jsonl', lines({ ...api, inMesh: false }, flow));
    const read = combine([model(api, flow), other]);
    const { workloads, declared } = clusterOf(read);
    expect(declared.flows).toHaveLength(1);
    expect(workloads[0]?.pods[0]?.inMesh).toBe(true);
    expect(read.problems).toMatchObject([
      { code: 'models-differ', at: { file: 'other/traffic-model.jsonl' } },
    ]);
  });

  it('bring the cluster profile, unless another one is given', () => {
    const profile = {
      record: 'profile',
      name: 'kubeadm',
      cni: { name: 'calico', enforces: true, policyBeforeDnat: false },
      dns: { pods: [], port: 5353, addresses: ['10.0.0.10/32'], clusterIp: '10.0.0.10' },
      apiServer: { addresses: ['1.2.3.4/32'], ports: [6443] },
      metadataAddresses: [],
      mesh: { mode: 'sidecar', trustDomain: 'td', rootNamespace: 'istio-system' },
      gateway: { namespace: 'istio-ingress', labels: { istio: 'ingress' }, ports: [] },
      ingressControllers: [{ name: 'nginx', namespace: 'nginx', labels: {}, ports: [] }],
    };
    const { profile: facts } = clusterOf(model(profile));
    expect(facts).toEqual({
      name: 'kubeadm',
      cni: { name: 'calico', enforces: true },
      dns: { pods: [], port: 5353, addresses: ['10.0.0.10/32'], clusterAddress: '10.0.0.10' },
      apiServer: { addresses: ['1.2.3.4/32'], ports: [6443] },
      metadataAddresses: [],
      gateways: [
        { namespace: 'istio-ingress', labels: { istio: 'ingress' } },
        { namespace: 'nginx', labels: {} },
      ],
      mesh: { mode: 'sidecar', trustDomain: 'td', rootNamespace: 'istio-system' },
    });
    expect(clusterOf(model(profile), { ...facts, name: 'given' }).profile.name).toBe('given');
    expect(clusterOf(model()).profile.name).toBe('unknown');
  });

  it('fail on a schema that is not understood, by name', () => {
    const read = readText('traffic-model.jsonl', '{"record":"model","schema":2}\n');
    expect(read.problems).toMatchObject([{ code: 'model-schema', got: 'schema 2' }]);
    expect(clusterOf(read).notAnalyzed).toMatchObject([{ kind: 'TrafficModel' }]);
  });

  it('fail on lines that are no record, and keep the others', () => {
    const text = `${lines(api)}\n{"record":"workload"}\n{oops\n{"record":"new"}\n`;
    const read = readText('traffic-model.jsonl', text);
    expect(read.problems.map(({ code, at }) => `${code} ${at.line}`)).toEqual([
      'model-record 3',
      'model-record 4',
      'model-record 5',
    ]);
    expect(read.models[0]?.records.workload).toHaveLength(1);
  });
});
