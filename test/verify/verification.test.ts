/** From manifests to probes, and from what they saw to a verdict. */
import { loadAll } from 'js-yaml';
import { World } from '../../src/engine/world';
import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';
import { compareWith } from '../../src/verify/compare';
import type { Saw } from '../../src/verify/observed';
import { jobsOf, probeYaml } from '../../src/verify/objects';
import type { Probe } from '../../src/verify/probes';
import { probesOf } from '../../src/verify/probes';
import { scriptOf } from '../../src/verify/script';
import { troubleshootingOf, troubleshootingOfNamespace } from '../../src/verify/troubleshooting';

const pod = (name: string, port: string, more = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ml }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { serviceAccountName: ${name}, ${more} containers: [{ name: main, image: x, ports: [${port}] }] }
---`;

const YAML = `
${pod('bert', '')}
${pod('reporter', '')}
${pod('node-agent', '', 'hostNetwork: true,')}
${pod('model-api', '{ name: http, containerPort: 8080 }')}
${pod('cache', '{ name: redis, containerPort: 6379 }')}
apiVersion: v1
kind: Service
metadata: { name: models, namespace: ml }
spec: { type: LoadBalancer, selector: { app: model-api }, ports: [{ name: http, port: 80, targetPort: http }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: model-api, namespace: ml }
spec:
  podSelector: { matchLabels: { app: model-api } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: bert } } }], ports: [{ port: 8080 }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: cache, namespace: ml }
spec:
  podSelector: { matchLabels: { app: cache } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: model-api } } }], ports: [{ port: 6379 }] }]
`;

const world = new World(clusterOf(readText('all.yaml', YAML)));
const { probes, untried } = probesOf(world, 10);
const short = ({ from, to, port, kind, expected }: Probe): string =>
  `${from.split('/')[2] ?? ''} ${to} ${port} ${kind} ${expected}`;

const allowed = probes.find(({ expected, kind }) => expected === 'ALLOWED' && kind === 'http');
const denied = probes.find(
  ({ from, kind }) => from === 'ml/Deployment/reporter' && kind === 'http',
);
if (allowed === undefined || denied === undefined)
  throw new Error(JSON.stringify([probes, untried], null, 1));

describe('the probes', () => {
  test('try each declared flow and what is denied, by what the port speaks', () => {
    expect(probes.map(short)).toEqual([
      'bert ml/Deployment/cache 6379 tls DENIED',
      'bert ml/Service/models 80 http ALLOWED',
      'cache ml/Service/models 80 http DENIED',
      'model-api ml/Deployment/cache 6379 tls ALLOWED',
      'reporter ml/Deployment/cache 6379 tls DENIED',
      'reporter ml/Service/models 80 http DENIED',
    ]);
  });

  test('are as many denied pairs as were asked for, the same ones each time', () => {
    const two = probesOf(world, 2).probes.filter(({ expected }) => expected === 'DENIED');
    expect(two).toHaveLength(2);
    expect(probesOf(world, 2).probes.filter(({ expected }) => expected === 'DENIED')).toEqual(two);
    expect(probesOf(world, 0).probes.map(({ expected }) => expected)).toEqual([
      'ALLOWED',
      'ALLOWED',
    ]);
  });

  test('name what they do not try, and why', () => {
    expect(untried).toContainEqual({
      ...{ from: 'ml/Deployment/model-api', to: 'ml/Deployment/bert' },
      why: 'none of its ports is known',
    });
  });
});

describe('the Jobs', () => {
  const objects = loadAll(probeYaml(world, probes, 'node:22')) as {
    kind: string;
    metadata: { name: string; namespace: string };
    spec: { template: { metadata: { labels: object }; spec: Record<string, unknown> } };
  }[];

  test('look like the pods of their source to every policy, and never get traffic', () => {
    const job = objects.find(
      ({ kind, metadata }) => kind === 'Job' && metadata.name.includes('bert'),
    );
    expect(job?.spec.template).toMatchObject({
      metadata: { labels: { app: 'bert' } },
      spec: {
        ...{
          serviceAccountName: 'bert',
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
        },
        containers: [{ image: 'node:22', readinessProbe: { exec: { command: ['false'] } } }],
      },
    });
  });

  test('bring a headless Service for pods that have none, and say so by label', () => {
    const services = objects.filter(({ kind }) => kind === 'Service');
    expect(services).toMatchObject([
      { spec: { clusterIP: 'None', selector: { app: 'cache' }, ports: [{ port: 6379 }] } },
    ]);
    const texts = objects
      .filter(({ kind }) => kind === 'ConfigMap')
      .map((one) => JSON.stringify(one));
    const [{ metadata: { name = '' } = {} } = {}] = services;
    expect(texts.filter((text) => text.includes(`${name}.ml.svc`))).toHaveLength(3);
    expect(
      objects.every((one) => JSON.stringify(one.metadata).includes('cdk8s-ml-netpol/verify')),
    ).toBe(true);
  });

  test('S4-09 are run by a script that names the cluster first and removes them at last', () => {
    const script = scriptOf(world, jobsOf(probes));
    const order = [
      'current-context',
      'go on?',
      'trap remove EXIT',
      'kubectl apply',
      'kubectl logs',
    ];
    const places = order.map((word) => script.indexOf(word));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(script).toContain('entry ml models\n');
    expect(script).toContain('.status.loadBalancer.ingress[0].hostname');
  });
});

describe('the comparison', () => {
  const OPEN: Saw = { connected: true, bytes: 90, status: 200 };
  const SHUT: Saw = { connected: false, bytes: 0, error: 'ETIMEDOUT' };
  const at = { file: 'after.jsonl', line: 1, column: 1 };
  const verdicts = (...seen: readonly [Probe, Saw][]): unknown[] =>
    compareWith(world, [], {
      ...{ after: seen.map(([probe, saw]) => ({ probe, saw, at })), before: [], file: at.file },
    }).map(({ verdict }) => verdict);

  test('agrees where the answer came, and where none came though somebody else had one', () => {
    expect(verdicts([allowed, OPEN], [denied, SHUT])).toEqual(['passed', 'passed']);
  });

  test('does not take a server that is down for a policy that works', () => {
    expect(verdicts([allowed, SHUT], [denied, SHUT])).toEqual(['failed', 'unknown']);
    expect(verdicts([denied, SHUT])).toEqual(['unknown']);
  });

  test('shows who is to blame where what is denied gets through', () => {
    const [, one] = compareWith(world, [], {
      ...{ after: [allowed, denied].map((probe) => ({ probe, saw: OPEN, at })), before: [] },
      file: at.file,
    });
    expect(one).toMatchObject({ verdict: 'failed', got: 'HTTP 200', expected: 'blocked' });
    expect(one?.evidence.map(({ object }) => object)).toContain('NetworkPolicy ml/model-api');
  });

  test('wants everything open before the policies, and takes that for the servers being up', () => {
    const before = [{ probe: denied, saw: OPEN, at }];
    const after = [{ probe: denied, saw: SHUT, at }];
    const words = compareWith(world, [], { after, before, file: at.file }).map(
      (one) => one.verdict,
    );
    expect(words).toEqual(['passed', 'passed']);
  });

  test('counts a probe that nobody reported as unknown', () => {
    const answers = compareWith(world, probes, { after: [], before: [], file: at.file });
    expect(answers).toHaveLength(probes.length);
    expect(new Set(answers.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
  });
});

test('troubleshooting tells labels and policies of a workload, and the commands to look', () => {
  const text = troubleshootingOf(world, 'ml/Deployment/model-api');
  expect(text).toContain('# labels: app=model-api');
  expect(text).toContain('# isolated for ingress by: model-api');
  expect(text).toContain('# isolated for egress by: no NetworkPolicy');
  expect(text).toContain('nslookup kubernetes.default.svc.cluster.local');
  expect(text).toContain('kubectl describe networkpolicies --namespace ml');
  expect(text).toContain('kubectl get namespace ml --show-labels');
  expect(text).toContain('http://models.ml.svc.cluster.local:80/');
});

test('S1-11 troubleshooting of a namespace needs no workload: it asks what its egress names', () => {
  const egress = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: to-seldon, namespace: financial-ml }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: seldon-system } } }] }]
`;
  const seldon = new World(clusterOf(readText('seldon.yaml', egress)));
  const text = troubleshootingOfNamespace(seldon, 'financial-ml');
  expect(text).toContain('# NetworkPolicies: to-seldon');
  expect(text).toContain('kubectl get services --namespace seldon-system');
  expect(text).toContain('http://$service.seldon-system.svc.cluster.local/');
});
