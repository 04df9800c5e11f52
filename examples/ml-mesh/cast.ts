/** Everybody who is asked about in the tests of this example. */
import type { Ask, Somebody } from '../../test/support/asking';
import { OUTSIDE } from '../../test/support/reach';
import type { Labels } from '../../test/naive/world';
import type { Variant } from './cluster';

interface Known {
  readonly account?: string;
  readonly outside?: boolean;
  readonly http?: readonly number[];
}

let lastAddress = 0;

function pod(id: string, labels: Labels = {}, known: Known = {}): Somebody {
  const [namespace = '', name = ''] = id.split('/');
  lastAddress += 1;
  const end = {
    namespace,
    name,
    labels,
    ip: `10.244.7.${String(lastAddress)}`,
    serviceAccount: known.account ?? 'default',
    inMesh: known.outside !== true,
    httpPorts: known.http ?? [],
  };
  return { name: id, end };
}

function plaintext(who: Somebody): Somebody {
  return { ...who, name: `${who.name} in plain text`, plaintext: true };
}

/** The pods of a variant, and the addresses outside. */
export function castOf(variant: Variant) {
  const training = { account: 'training', outside: variant === 'sidecar' };
  const ours = {
    inference: pod(
      'ml-serving/inference-service',
      { app: 'inference-service' },
      { account: 'inference-service', http: [8080, 8082] },
    ),
    features: pod(
      'ml-serving/feature-store',
      { app: 'feature-store' },
      { account: 'feature-store', http: [6566] },
    ),
    loader: pod(
      'ml-serving/loader',
      { app: 'warm-up', 'needs-model-access': 'true' },
      { account: 'model-loader' },
    ),
    serving: pod('ml-serving/stranger', { role: 'frontend' }),
    worker: pod('ml-training/worker-0', { 'workload-type': 'training' }, training),
    otherWorker: pod('ml-training/worker-1', { 'workload-type': 'training' }, training),
    pii: pod(
      'ml-sensitive/pii-processor',
      { 'data-classification': 'pii' },
      { account: 'pii-processor', http: [8080] },
    ),
    otherPii: pod(
      'ml-sensitive/pii-archive',
      { 'data-classification': 'pii' },
      { account: 'pii-processor' },
    ),
    clearedPii: pod(
      'ml-sensitive/pii-auditor',
      { 'data-classification': 'pii', 'pii-access': 'true' },
      { account: 'pii-processor' },
    ),
  };
  const others = {
    gateway: pod(
      'istio-system/ingressgateway',
      { istio: 'ingressgateway' },
      { account: 'istio-ingressgateway-service-account' },
    ),
    frontend: pod('web/frontend', { role: 'frontend' }, { account: 'frontend' }),
    otherFrontend: pod('portal/frontend', { role: 'frontend' }, { account: 'portal' }),
    backend: pod('web/backend', { role: 'backend' }, { account: 'backend' }),
    unlabelled: pod('shop/frontend', { role: 'frontend' }, { account: 'frontend' }),
    fakeGateway: pod('shop/gateway', { istio: 'ingressgateway' }),
    ratelimit: pod('istio-system/ratelimit', { app: 'ratelimit' }, { http: [8081] }),
    istiod: pod('istio-system/istiod', { app: 'istiod' }),
    egressGateway: pod('istio-system/egressgateway', { istio: 'egressgateway' }),
    prometheus: pod('monitoring/prometheus', { app: 'prometheus' }, { outside: true }),
    grafana: pod('monitoring/grafana', { app: 'grafana' }, { outside: true }),
    fakePrometheus: pod('shop/prometheus', { app: 'prometheus' }, { outside: true }),
    pipelines: pod(
      'ml-training/kubeflow-pipelines',
      { app: 'kubeflow-pipelines' },
      { account: 'kubeflow-pipelines' },
    ),
    mlflow: pod('ml-training/mlflow', { app: 'mlflow' }, { account: 'mlflow', http: [5000] }),
    trainee: pod('ml-training/stranger', { app: 'notebook' }),
    cleared: pod('ml-sensitive/analyst', { 'pii-access': 'true' }, { account: 'analyst' }),
    uncleared: pod('ml-sensitive/stranger', { 'pii-access': 'false' }),
    fakeCleared: pod('shop/analyst', { 'pii-access': 'true' }, { account: 'analyst' }),
    dns: pod('kube-system/dns', { 'k8s-app': 'kube-dns' }, { outside: true }),
    system: pod('kube-system/other', {}, { outside: true }),
    nfs: { name: 'nfs', end: { ip: '10.1.2.3' } },
    podRange: { name: 'podRange', end: { ip: '10.244.200.200' } },
    serviceRange: { name: 'serviceRange', end: { ip: '10.96.0.10' } },
    endOfServiceRange: { name: 'endOfServiceRange', end: { ip: '10.111.255.255' } },
    ...OUTSIDE,
  };
  const around = {
    gateway: plaintext(others.gateway),
    frontend: plaintext(others.frontend),
    inference: plaintext(ours.inference),
    pipelines: plaintext(others.pipelines),
    cleared: plaintext(others.cleared),
  };
  return { ours, others, around };
}

/** Labels that the owners of other namespaces gave them. */
export const FOREIGN = {
  web: { labels: { 'app.kubernetes.io/part-of': 'ml-platform' } },
  portal: { labels: { 'app.kubernetes.io/part-of': 'ml-platform' } },
  shop: { labels: { 'app.kubernetes.io/part-of': 'shop' } },
};

const ISSUER = 'https://idp.example.com/';
const TOKEN = { issuer: ISSUER, subject: 'ada', audiences: ['ml-inference-api'], valid: true };

/** Requests to the inference service. */
export const REQUESTS = {
  health: request('GET /health'),
  ready: request('GET /ready'),
  live: request('GET /v2/health/live'),
  healthWithToken: request('GET /health', 'a token', TOKEN),
  predict: request('POST /v1/models/bert', 'a token', TOKEN),
  infer: request('POST /v2/models/bert/infer', 'a token', TOKEN),
  predictWithout: request('POST /v1/models/bert'),
  predictForged: request('POST /v1/models/bert', 'a forged token', { ...TOKEN, valid: false }),
  predictIssuer: request('POST /v1/models/bert', 'a token of another issuer', {
    ...TOKEN,
    issuer: 'https://evil.example.com/',
  }),
  predictAudience: request('POST /v1/models/bert', 'a token for another audience', {
    ...TOKEN,
    audiences: ['billing'],
  }),
  list: request('GET /v1/models/bert', 'a token', TOKEN),
  remove: request('DELETE /v2/models/bert', 'a token', TOKEN),
  admin: request('POST /admin', 'a token', TOKEN),
  healthPost: request('POST /health'),
};

function request(line: string, token?: string, jwt?: Ask['jwt']): Ask {
  const [method = '', path = ''] = line.split(' ');
  const name = token === undefined ? line : `${line} with ${token}`;
  return { name, protocol: 'TCP', port: 8080, method, path, jwt };
}

const TCP = [
  53, 80, 443, 2049, 2222, 5000, 6566, 8080, 8081, 8082, 9000, 15012, 29500, 29501, 50123,
];

export const PORTS: readonly Ask[] = [
  ...TCP.map((port): Ask => ({ name: `TCP ${String(port)}`, protocol: 'TCP', port })),
  ...[53, 443, 8080, 29500].map((port): Ask => ({
    name: `UDP ${String(port)}`,
    protocol: 'UDP',
    port,
  })),
];

/** Every port, and of the inference service's requests each kind. */
export function asksOf({ name }: Somebody): readonly Ask[] {
  if (name !== 'ml-serving/inference-service') return PORTS;
  return [
    ...PORTS.filter((ask) => ask.protocol !== 'TCP' || ask.port !== 8080),
    ...Object.values(REQUESTS),
  ];
}
