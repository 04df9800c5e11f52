/** What strangers can reach, and what they cannot. */
import { exposure } from '../../src/engine/exposure';
import type { ExposedWorkload } from '../../src/engine/result';
import type { WorldOptions } from '../support/questions';
import { worldOf } from '../support/questions';

const MODEL_API = 'llm-serving/Deployment/model-api';
const BERT = 'ml-training/Deployment/bert';

function exposed(id: string, extra = '', options: WorldOptions = {}): ExposedWorkload {
  const [only] = exposure(worldOf(extra, options), [id]);
  if (only === undefined) throw new Error(`nothing is said of ${id}`);
  return only;
}

/** `internet TCP 1-65535` */
function lines(list: ExposedWorkload['from']): string[] {
  return list.flatMap(({ stranger, protocol, allow, unknown }) => [
    ...allow.map(({ ports }) => `${stranger} ${protocol} ${ports.join(';')}`),
    ...unknown.map(({ ports, fact }) => `${stranger} ${protocol} ${ports.join(';')} ${fact}`),
  ]);
}

test('pods that nobody isolates are open to everybody', () => {
  const { isolated, from, to } = exposed(BERT);
  expect(isolated).toEqual([]);
  const everywhere = ['pod of the namespace', 'pod of another namespace', 'internet'];
  expect([...new Set(from.map(({ stranger }) => stranger))]).toEqual(everywhere);
  expect([...new Set(to.map(({ stranger }) => stranger))]).toEqual([
    ...everywhere,
    'metadata address',
  ]);
});

test('a peer that a policy names is no stranger', () => {
  const { isolated, from } = exposed(MODEL_API);
  expect(isolated).toEqual(['ingress']);
  // a private block may hold pods whose addresses nobody tells
  expect(lines(from)).toEqual([
    'pod of the namespace TCP 9090,9090 pod-address',
    'pod of another namespace TCP 9090,9090 pod-address',
  ]);
});

const INTERNET = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: bert, namespace: ml-training }
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress: [{ from: [{ podSelector: {} }] }]
  egress:
    - to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8, 169.254.0.0/16] } }]
      ports: [{ protocol: TCP, port: 443 }]
`;

test('the internet, without private space and metadata addresses', () => {
  const { from, to } = exposed(BERT, INTERNET, { profile: { podRanges: ['10.0.0.0/8'] } });
  expect(lines(to)).toEqual(['internet TCP 443,443']);
  // any other pod of the namespace is held back by the same policy
  expect(from).toEqual([]);
});

test('nodes where the profile knows them', () => {
  const profile = { nodeRanges: ['192.168.0.0/24'], podRanges: ['10.0.0.0/8'] };
  const { to } = exposed(BERT, INTERNET, { profile });
  expect(lines(to)).toEqual(['internet TCP 443,443', 'node TCP 443,443']);
});

test('a mesh that asks for certificates leaves strangers in the mesh', () => {
  const strict = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: mtls, namespace: llm-serving }
spec: { mtls: { mode: STRICT } }
`;
  const open = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open, namespace: llm-serving }
spec:
  podSelector: { matchLabels: { app: model-api } }
  ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 8000 }] }]
`;
  const policies = '';
  const outside = exposed(MODEL_API, `\n${open}${strict}`, { mesh: true, policies });
  expect(lines(outside.from)).toEqual([
    'pod of the namespace TCP 8000,8000',
    'pod of another namespace TCP 8000,8000',
  ]);
  const refused = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: model-api, namespace: llm-serving }
spec: { rules: [{ from: [{ source: { namespaces: [llm-api] } }] }] }
`;
  const text = `\n${open}${strict}${refused}`;
  expect(lines(exposed(MODEL_API, text, { mesh: true, policies }).from)).toEqual([]);
});

describe('an ambient mesh', () => {
  const mode = ', labels: { istio.io/dataplane-mode: ambient }';
  const text = (direction: string): string =>
    [
      `{ apiVersion: v1, kind: Namespace, metadata: { name: ml${mode} } }`,
      'apiVersion: v1\nkind: Pod\nmetadata: { name: ui, namespace: ml, labels: { app: ui } }\nspec: {}',
      `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ui, namespace: ml }\nspec: { podSelector: {}, policyTypes: [Ingress, Egress], ${direction} }`,
    ].join('\n---\n');
  const anywhere = '[{ namespaceSelector: {} }], ports: [{ port: 15008 }]';
  const of = (policies: string): ExposedWorkload => exposed('ml/Pod/ui', '', { policies });

  test('carries pods of other namespaces to every port where policy admits 15008', () => {
    const { from, to } = of(`\n---\n${text(`ingress: [{ from: ${anywhere} }]`)}`);
    expect(lines(from)).toContain('pod of another namespace TCP 1,65535');
    expect(lines(to)).toEqual([]);
  });

  test('carries pods to every port of other namespaces where policy lets 15008 out', () => {
    const { from, to } = of(`\n---\n${text(`egress: [{ to: ${anywhere} }]`)}`);
    expect(lines(to)).toContain('pod of another namespace TCP 1,65535');
    expect(lines(from)).toEqual([]);
  });

  test('leaves strangers the ports that ztunnel gives to everybody', () => {
    const port = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ui, namespace: ml }
spec: { rules: [{ to: [{ operation: { ports: ['8080'] } }] }] }
`;
    const { from } = of(`\n---\n${text(`ingress: [{ from: ${anywhere} }]`)}\n${port}`);
    expect(lines(from)).toContain('pod of another namespace TCP 8080,8080');
    expect(lines(from)).not.toContain('pod of another namespace TCP 1,65535');
  });
});

test('all shown workloads are told of, and no others', () => {
  expect(exposure(worldOf()).map(({ workload }) => workload)).toEqual([
    'llm-api/Deployment/gateway',
    MODEL_API,
    BERT,
    'mlflow/Deployment/mlflow',
    'monitoring/Deployment/prometheus',
  ]);
});
