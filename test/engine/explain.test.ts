/** Why is a connection allowed, denied or unknown: each layer with the line that says so. */
import { explain } from '../../src/engine/explain';
import type { Explained } from '../../src/engine/explain';
import type { Question } from '../../src/engine/question';
import { asked, SERVING, worldOf } from '../support/questions';

const { gateway, bert, modelApi, prometheus } = SERVING;

function explained(question: Partial<Question>, extra = ''): Explained {
  return explain(worldOf(extra), asked({ from: gateway, to: modelApi, port: 8000, ...question }));
}

/** `ingress DENIED isolated by default-deny | NetworkPolicy … 12` */
function told({ layers }: Explained): string[] {
  return layers.map(({ layer, verdict, says, by, nearest }) =>
    [
      `${layer} ${verdict} ${says}`.trim(),
      ...by.map(({ object, line, rule }) => `${object}:${String(line)} ${rule ?? ''}`.trim()),
      ...(nearest === undefined ? [] : [`nearest ${String(nearest.line)} ${nearest.rule ?? ''}`]),
    ].join(' | '),
  );
}

test('an allowed connection names the rules that allow it', () => {
  const result = explained({});
  expect(result).toMatchObject({ verdict: 'ALLOWED', protocol: 'TCP', port: 8000 });
  expect(told(result)).toEqual([
    'egress NOT ISOLATED no policy isolates the pods',
    'ingress ALLOWED allowed by model-api | NetworkPolicy llm-serving/model-api:54 ingress[0] allows TCP 8000 from app=gateway in llm-api',
    'mtls NOT IN MESH nothing of a mesh was read',
    'authorization NOT IN MESH nothing of a mesh was read',
  ]);
});

test('a denied connection names what isolates, the nearest rule and why it does not help', () => {
  const result = explained({ port: 8001 });
  expect(result.verdict).toBe('DENIED');
  expect(told(result)[1]).toBe(
    'ingress DENIED isolated by default-deny, model-api | NetworkPolicy llm-serving/default-deny:43 | NetworkPolicy llm-serving/model-api:48 | nearest 54 ingress[0] allows TCP 8000 from app=gateway in llm-api, not TCP 8001',
  );
  expect(result.fix).toBe(
    'add to spec.ingress of NetworkPolicy llm-serving/model-api: {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: llm-api}}, podSelector: {matchLabels: {app: gateway}}}], ports: [{protocol: TCP, port: 8001}]}',
  );
});

test('the right port for somebody else is the next nearest rule', () => {
  const result = explained({ from: bert });
  expect(result.layers[1]?.nearest?.rule).toBe(
    'ingress[0] allows TCP 8000 from app=gateway in llm-api, not from ml-training/bert',
  );
});

test('what this library wrote is changed in TypeScript', () => {
  const constructs = { 'NetworkPolicy/llm-serving/default-deny': 'llm-serving/default-deny' };
  const question = asked({ from: gateway, to: modelApi, port: 8001 });
  const { fix, layers } = explain(worldOf('', { constructs }), question);
  expect(fix).toBe("modelApi.allowFrom(gateway, { ports: [Port.tcp(8001)], reason: '...' })");
  expect(layers[1]?.by[0]?.constructPath).toBe('llm-serving/default-deny');
});

test('a rule about addresses leaves pods without known addresses open', () => {
  const result = explained({ from: prometheus, port: 9090 });
  expect(result.verdict).toBe('UNKNOWN');
  expect(result.layers[1]).toMatchObject({ verdict: 'UNKNOWN', facts: ['pod-address'] });
});

test('addresses are ends as well, split where policies split them', () => {
  const from = { kind: 'addresses', cidr: '10.0.0.0/8' } as const;
  const result = explained({ from, port: 9090 });
  expect(result.verdict).toBe('ALLOWED');
  const wider = explained({ from: { kind: 'addresses', cidr: '0.0.0.0/0' }, port: 9090 });
  expect(wider.verdict).toBe('UNKNOWN');
  expect(wider.layers[0]?.says).toContain('ALLOWED: 10.0.0.0/8; DENIED: 0.0.0.0/5');
});

test('somebody whom no manifest shows is nobody', () => {
  const result = explained({ from: { kind: 'workload', id: 'ml/Job/none' } });
  expect(result.verdict).toBe('UNKNOWN');
  expect(result.layers[0]?.says).toBe('there is no ml/Job/none');
});

describe('in a mesh', () => {
  const MESH = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: mtls, namespace: llm-serving }
spec: { mtls: { mode: STRICT } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: model-api, namespace: llm-serving }
spec:
  selector: { matchLabels: { app: model-api } }
  rules:
    - from: [{ source: { namespaces: [llm-api] } }]
      to: [{ operation: { methods: [POST], paths: [/v1/predict] } }]
`;
  const inMesh = (question: Partial<Question>) => {
    const text = MESH;
    return explain(
      worldOf(text, { mesh: true }),
      asked({ from: gateway, to: modelApi, port: 8000, ...question }),
    );
  };

  test('a request is held against the rules', () => {
    const result = inMesh({ method: 'POST', path: '/v1/predict' });
    expect(result.verdict).toBe('ALLOWED');
    expect(
      told(result)
        .slice(2)
        .map((line) => line.replace(/:\d+/, '')),
    ).toEqual([
      'mtls ALLOWED STRICT, caller in the mesh | PeerAuthentication llm-serving/mtls',
      'authorization ALLOWED allowed by model-api | AuthorizationPolicy llm-serving/model-api rules[0] allows POST /v1/predict from namespace llm-api',
    ]);
  });

  test('another request is not listed', () => {
    const result = inMesh({ method: 'GET', path: '/v1/predict' });
    expect(result.verdict).toBe('DENIED');
    expect(result.layers[3]).toMatchObject({
      verdict: 'DENIED',
      says: 'not listed by model-api',
      nearest: { rule: 'rules[0] allows POST /v1/predict from namespace llm-api' },
    });
    expect(result.http?.methods).toEqual(['GET']);
  });

  test('without a request, what passes is said', () => {
    const result = inMesh({});
    expect(result.verdict).toBe('ALLOWED');
    expect(result.layers[3]?.says).toBe('only POST /v1/predict');
  });

  test('authorization is not reached where the network stops it', () => {
    const result = inMesh({ port: 8001 });
    expect(result.layers.map(({ verdict }) => verdict)).toEqual([
      'NOT ISOLATED',
      'DENIED',
      'ALLOWED',
      'NOT REACHED',
    ]);
  });

  test('a caller outside of the mesh meets STRICT', () => {
    const result = inMesh({ from: bert });
    expect(result.layers[2]).toMatchObject({
      verdict: 'DENIED',
      says: 'STRICT, caller not in the mesh',
    });
  });
});
