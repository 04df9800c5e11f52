import { clusterOfObjects } from '../../../src/read/objects';
import type { PodFacts, WorkloadFacts } from '../../../src/read/cluster';

const meta = (name: string, more: object = {}): object => ({ name, namespace: 'ml', ...more });
const template = (labels: object, spec: object = {}): object => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }], ...spec },
});
const owner = (apiVersion: string, kind: string, name: string): object => ({
  ownerReferences: [{ apiVersion, kind, name, controller: true, uid: 'u' }],
});

function workloads(...objects: object[]): readonly WorkloadFacts[] {
  return clusterOfObjects(objects).workloads;
}

function onlyPod(...objects: object[]): PodFacts | undefined {
  const all = workloads(...objects);
  expect(all).toHaveLength(1);
  expect(all[0]?.pods).toHaveLength(1);
  return all[0]?.pods[0];
}

describe('workloads of Kubernetes', () => {
  it.each<[string, string, object, object]>([
    ['apps/v1', 'Deployment', { replicas: 3 }, {}],
    ['apps/v1', 'StatefulSet', {}, {}],
    ['apps/v1', 'DaemonSet', {}, {}],
    ['apps/v1', 'ReplicaSet', {}, {}],
    ['v1', 'ReplicationController', {}, {}],
    ['batch/v1', 'Job', {}, { 'batch.kubernetes.io/job-name': 'bert', 'job-name': 'bert' }],
    ['argoproj.io/v1alpha1', 'Rollout', {}, {}],
  ])('%s %s has the pods of its template', (apiVersion, kind, spec, labels) => {
    const pods = template({ app: 'bert' }, { serviceAccountName: 'sa', hostNetwork: true });
    const object = { apiVersion, kind, metadata: meta('bert'), spec: { ...spec, template: pods } };
    expect(workloads(object)[0]?.id).toBe(`ml/${kind}/bert`);
    expect(onlyPod(object)).toMatchObject({
      labels: { app: 'bert', ...labels },
      serviceAccount: 'sa',
      hostNetwork: true,
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      portsKnown: true,
    });
  });

  it('a CronJob has the pods of its jobs', () => {
    const spec = { jobTemplate: { spec: { template: template({ app: 'nightly' }) } } };
    const pod = onlyPod({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: meta('n'), spec });
    expect(pod?.labels).toEqual({ app: 'nightly' });
    expect(pod?.openLabels).toContain('job-name');
  });

  it('counts ports of sidecars among init containers, and no others', () => {
    const port = (containerPort: number): object[] => [{ containerPort, protocol: 'UDP' }];
    const spec = {
      containers: [{ name: 'c' }],
      initContainers: [
        { name: 'once', ports: port(1) },
        { name: 'stays', restartPolicy: 'Always', ports: port(2) },
      ],
    };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: meta('p'), spec };
    expect(onlyPod(pod)?.ports).toEqual([{ port: 2, protocol: 'UDP' }]);
  });
});

describe('pods that run', () => {
  const pod = (name: string, labels: object, more: object = {}, status: object = {}): object => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: meta(name, { labels, ...more }) },
    ...{ spec: { containers: [] }, status },
  });

  it('bring their addresses and those of their nodes', () => {
    const status = {
      podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }],
      podIP: '10.0.0.1',
      hostIP: '192.168.0.1',
    };
    expect(onlyPod(pod('p', {}, {}, status))).toMatchObject({
      addresses: ['10.0.0.1', 'fd00::1'],
      nodeAddresses: ['192.168.0.1'],
      replicas: 1,
    });
  });

  it.each(['Succeeded', 'Failed'])('are left out when %s', (phase) => {
    expect(workloads(pod('p', {}, {}, { phase }))).toEqual([]);
  });

  it('of one Deployment are one workload, through its ReplicaSet', () => {
    const labels = { app: 'api', 'pod-template-hash': 'abc' };
    const set = {
      ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet' },
      metadata: meta('api-abc', owner('apps/v1', 'Deployment', 'api')),
      spec: { template: template(labels) },
    };
    const deployment = {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta('api') },
      spec: { template: template({ app: 'api' }) },
    };
    const pods = ['1', '2'].map((n) =>
      pod(`api-abc-${n}`, labels, owner('apps/v1', 'ReplicaSet', 'api-abc')),
    );
    const all = workloads(set, deployment, ...pods);
    expect(all.map(({ id, pods: some }) => [id, some.length, some[0]?.replicas])).toEqual([
      ['ml/Deployment/api', 1, 2],
    ]);
  });

  it('name the Deployment even where the text has neither it nor its ReplicaSet', () => {
    const labels = { 'pod-template-hash': 'abc' };
    const [one] = workloads(pod('x', labels, owner('apps/v1', 'ReplicaSet', 'api-abc')));
    expect(one?.id).toBe('ml/Deployment/api');
  });

  it('stand beside a template that they do not carry', () => {
    const deployment = {
      ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: meta('db') },
      spec: { template: template({ app: 'db', version: '2' }) },
    };
    const old = pod('db-0', { app: 'db' }, owner('apps/v1', 'StatefulSet', 'db'));
    expect(workloads(deployment, old)[0]?.pods.map(({ labels }) => labels)).toEqual([
      { app: 'db' },
      { app: 'db', version: '2' },
    ]);
  });

  it('belong to nobody where their node owns them, or owners own each other', () => {
    const fixed = pod('etcd', {}, owner('v1', 'Node', 'n1'));
    const set = (name: string, by: string): object => ({
      ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet' },
      metadata: meta(name, owner('apps/v1', 'ReplicaSet', by)),
      spec: { template: template({}) },
    });
    expect(workloads(fixed, set('a', 'b'), set('b', 'a')).map(({ id }) => id)).toContain(
      'ml/Pod/etcd',
    );
  });

  it('of an owner that is not in the text are one workload', () => {
    const pods = ['0', '1'].map((n) =>
      pod(`w-${n}`, { i: n }, owner('kubeflow.org/v1', 'PyTorchJob', 'bert')),
    );
    expect(workloads(...pods).map(({ id, pods: some }) => [id, some.length])).toEqual([
      ['ml/PyTorchJob/bert', 2],
    ]);
  });
});

describe('workloads of machine learning operators', () => {
  const one = (apiVersion: string, kind: string, spec: object, more: object = {}) =>
    workloads({ apiVersion, kind, metadata: meta('bert', more), spec })[0]?.pods ?? [];

  it.each<[string, readonly PodFacts[], object[]]>([
    [
      'PyTorchJob',
      one('kubeflow.org/v1', 'PyTorchJob', {
        pytorchReplicaSpecs: {
          Master: { template: template({ app: 'x' }) },
          Worker: { replicas: 4, template: template({}) },
        },
      }),
      [
        {
          app: 'x',
          'training.kubeflow.org/job-name': 'bert',
          'training.kubeflow.org/replica-type': 'master',
          'training.kubeflow.org/operator-name': 'pytorchjob-controller',
          'training.kubeflow.org/job-role': 'master',
        },
        { 'training.kubeflow.org/replica-type': 'worker' },
      ],
    ],
    [
      'XGBoostJob',
      one('kubeflow.org/v1', 'XGBoostJob', { xgbReplicaSpecs: { Worker: { template: {} } } }),
      [{ 'training.kubeflow.org/operator-name': 'xgboostjob-controller' }],
    ],
    [
      'RayCluster',
      one('ray.io/v1', 'RayCluster', {
        headGroupSpec: { template: template({}) },
        workerGroupSpecs: [{ groupName: 'gpu', template: template({}) }],
      }),
      [
        { 'ray.io/cluster': 'bert', 'ray.io/node-type': 'head', 'ray.io/group': 'headgroup' },
        { 'ray.io/cluster': 'bert', 'ray.io/node-type': 'worker', 'ray.io/group': 'gpu' },
      ],
    ],
    [
      'TrainJob',
      one('trainer.kubeflow.org/v1alpha1', 'TrainJob', { trainer: { numNodes: 2 } }),
      [{ 'jobset.sigs.k8s.io/jobset-name': 'bert' }],
    ],
    [
      'JobSet',
      one('jobset.x-k8s.io/v1alpha2', 'JobSet', {
        replicatedJobs: [{ name: 'w', template: { spec: { template: template({ a: 'b' }) } } }],
      }),
      [
        {
          a: 'b',
          'jobset.sigs.k8s.io/jobset-name': 'bert',
          'jobset.sigs.k8s.io/replicatedjob-name': 'w',
        },
      ],
    ],
    [
      'SparkApplication',
      one('sparkoperator.k8s.io/v1beta2', 'SparkApplication', {
        driver: { labels: { v: '3' }, serviceAccount: 'spark' },
        executor: { instances: 2 },
      }),
      [
        { v: '3', 'spark-role': 'driver', 'sparkoperator.k8s.io/app-name': 'bert' },
        { 'spark-role': 'executor' },
      ],
    ],
    [
      'Workflow',
      one('argoproj.io/v1alpha1', 'Workflow', {
        podMetadata: { labels: { team: 'ml' } },
        templates: [
          { name: 'dag', dag: {} },
          { name: 'run', metadata: { labels: { step: 'run' } }, container: { name: 'c' } },
        ],
      }),
      [{ team: 'ml', step: 'run', 'workflows.argoproj.io/workflow': 'bert' }],
    ],
    [
      'InferenceService as Deployments',
      one(
        'serving.kserve.io/v1beta1',
        'InferenceService',
        { predictor: { model: {} }, transformer: { containers: [] } },
        { annotations: { 'serving.kserve.io/deploymentMode': 'RawDeployment' } },
      ),
      [
        {
          app: 'isvc.bert-predictor',
          'serving.kserve.io/inferenceservice': 'bert',
          component: 'predictor',
        },
        { app: 'isvc.bert-transformer', component: 'transformer' },
      ],
    ],
    [
      'Knative Service',
      one('serving.knative.dev/v1', 'Service', { template: template({ app: 'user' }) }),
      [{ 'serving.knative.dev/service': 'bert', 'serving.knative.dev/configuration': 'bert' }],
    ],
  ])('%s has pods with the labels that its operator documents', (_, pods, labels) => {
    expect(pods.map((pod) => pod.labels)).toMatchObject(labels);
    expect(pods).toHaveLength(labels.length);
  });

  it('do not guess labels that a setting of the operator decides', () => {
    const [pod] = one('serving.kserve.io/v1beta1', 'InferenceService', {
      predictor: { model: {} },
    });
    expect(Object.hasOwn(pod?.labels ?? {}, 'app')).toBe(false);
    expect(pod?.openLabels).toContain('app');
  });

  it('have the ports that their operators add', () => {
    const [worker] = one('kubeflow.org/v1', 'TFJob', { tfReplicaSpecs: { Worker: {} } });
    expect(worker?.ports).toEqual([{ name: 'tfjob-port', port: 2222, protocol: 'TCP' }]);
  });

  it('give way to the pods and job sets that they made', () => {
    const set = {
      ...{ apiVersion: 'jobset.x-k8s.io/v1alpha2', kind: 'JobSet' },
      metadata: meta('bert', owner('trainer.kubeflow.org/v1alpha1', 'TrainJob', 'bert')),
      spec: { replicatedJobs: [{ name: 'node', template: { spec: { template: template({}) } } }] },
    };
    const train = {
      ...{ apiVersion: 'trainer.kubeflow.org/v1alpha1', kind: 'TrainJob' },
      metadata: meta('bert'),
    };
    expect(
      workloads(train, set).map(({ id, pods }) => [id, pods[0]?.openLabels?.includes('*')]),
    ).toEqual([['ml/TrainJob/bert', false]]);
  });
});

describe('workloads of the Prometheus operator', () => {
  const made = (kind: string, spec: object = {}): PodFacts | undefined =>
    onlyPod({ apiVersion: 'monitoring.coreos.com/v1', kind, metadata: meta('k8s'), spec });

  it.each<[string, string, object, (readonly [string, number, string])[]]>([
    ['Prometheus', 'prometheus', { prometheus: 'k8s' }, [['web', 9090, 'TCP']]],
    ['PrometheusAgent', 'prometheus-agent', {}, [['web', 9090, 'TCP']]],
    [
      'Alertmanager',
      'alertmanager',
      { alertmanager: 'k8s' },
      [
        ['web', 9093, 'TCP'],
        ['mesh-tcp', 9094, 'TCP'],
        ['mesh-udp', 9094, 'UDP'],
      ],
    ],
    [
      'ThanosRuler',
      'thanos-ruler',
      { 'thanos-ruler': 'k8s' },
      [
        ['web', 10902, 'TCP'],
        ['grpc', 10901, 'TCP'],
      ],
    ],
  ])('%s has the labels and ports that the operator gives', (kind, application, own, ports) => {
    expect(made(kind)).toMatchObject({
      labels: {
        'app.kubernetes.io/name': application,
        'app.kubernetes.io/instance': 'k8s',
        'app.kubernetes.io/managed-by': 'prometheus-operator',
        ...own,
      },
      ports: ports.map(([name, port, protocol]) => ({ name, port, protocol })),
      portsKnown: false,
      replicas: 1,
    });
  });

  it('keeps what the object says of its pods', () => {
    const pod = made('Prometheus', {
      ...{ serviceAccountName: 'prometheus', portName: 'http-web', replicas: 2, shards: 3 },
      podMetadata: { labels: { team: 'o11y', prometheus: 'mine' } },
      thanos: {},
      containers: [{ name: 'proxy', ports: [{ name: 'https', containerPort: 9091 }] }],
    });
    expect(pod).toMatchObject({ serviceAccount: 'prometheus', replicas: 6 });
    // the operator's own labels win
    expect(pod?.labels).toMatchObject({ team: 'o11y', prometheus: 'k8s' });
    expect(pod?.openLabels).toContain('operator.prometheus.io/shard');
    expect(pod?.ports.map(({ name, port }) => [name, port])).toEqual([
      ['https', 9091],
      ['http-web', 9090],
      ['http', 10902],
      ['grpc', 10901],
    ]);
  });

  it('has no web port where it listens on the pod itself only', () => {
    expect(made('Prometheus', { listenLocal: true })?.ports).toEqual([]);
  });

  it('is one workload with the StatefulSet and the pods of it', () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: meta('prometheus-k8s-0', {
        labels: { prometheus: 'k8s', 'app.kubernetes.io/name': 'prometheus' },
        ...owner('apps/v1', 'StatefulSet', 'prometheus-k8s'),
      }),
      status: { podIP: '10.1.2.3' },
    };
    const set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: meta('prometheus-k8s', owner('monitoring.coreos.com/v1', 'Prometheus', 'k8s')),
      spec: { template: template({ prometheus: 'k8s' }) },
    };
    const operated = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Prometheus',
      metadata: meta('k8s'),
      spec: {},
    };
    expect(workloads(pod, set, operated).map(({ id }) => id)).toEqual(['ml/Prometheus/k8s']);
  });
});
