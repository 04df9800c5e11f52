/** Questions that name a Service: its ports lead to the pods behind. */
import { ask } from '../../src/engine/ask';
import { explain } from '../../src/engine/explain';
import type { Question } from '../../src/engine/question';
import { asked, SERVING, worldOf } from '../support/questions';

const { gateway, bert } = SERVING;
const service = { kind: 'service', namespace: 'llm-serving', name: 'model-api' } as const;

const question = (more: Partial<Question> = {}): Question =>
  asked({ from: gateway, to: service, port: 80, ...more });

test('a Service is asked by its own port', () => {
  const result = explain(worldOf(), question());
  expect(result).toMatchObject({
    to: 'llm-serving/Service/model-api',
    port: 80,
    verdict: 'ALLOWED',
  });
  expect(result.layers[0]).toMatchObject({
    layer: 'route',
    says: 'llm-serving/Service/model-api 80 leads to llm-serving/Deployment/model-api 8000',
  });
  expect(result.layers[0]?.by[0]?.object).toBe('Service llm-serving/model-api');
});

test('policies are asked about the pods’ port, and a fix names it', () => {
  const result = explain(worldOf(), question({ from: bert }));
  expect(result.verdict).toBe('DENIED');
  expect(result.fix).toContain('port: 8000');
});

test('a port that the Service does not have leads nowhere', () => {
  const result = explain(worldOf(), question({ port: 8000 }));
  expect(result.verdict).toBe('DENIED');
  expect(result.layers.map(({ says }) => says)).toEqual([
    'Service llm-serving/model-api has no port 8000, but 80',
  ]);
  const other = explain(worldOf(), question({ protocol: 'UDP' }));
  expect(other.layers.map(({ says }) => says)).toEqual([
    'Service llm-serving/model-api has no UDP port 80, but TCP 80',
  ]);
});

test('pods behind a Service that differ leave the answer open', () => {
  const second = `---
apiVersion: v1
kind: Pod
metadata: { name: canary, namespace: llm-serving, labels: { app: model-api, track: canary } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open, namespace: llm-serving }
spec: { podSelector: { matchLabels: { track: canary } }, ingress: [{}] }
`;
  const result = explain(worldOf(second), question({ from: bert }));
  expect(result.verdict).toBe('UNKNOWN');
  expect(result.layers[0]?.says).toContain('ALLOWED: llm-serving/Pod/canary');
});

test('many questions may name Services as well', () => {
  expect(ask(worldOf(), question()).verdict).toBe('ALLOWED');
  expect(ask(worldOf(), question({ from: bert }))).toMatchObject({
    verdict: 'DENIED',
    by: ['NetworkPolicy llm-serving/default-deny', 'NetworkPolicy llm-serving/model-api'],
  });
  const named = `---
apiVersion: v1
kind: Service
metadata: { name: empty, namespace: llm-serving }
spec: { selector: { app: nobody }, ports: [{ port: 80 }] }
`;
  const empty = { ...service, name: 'empty' };
  expect(ask(worldOf(named), question({ to: empty }))).toEqual({
    ...{ verdict: 'UNKNOWN', by: ['Service llm-serving/empty'], unknown: ['route-target'] },
  });
});

test('an explanation shows the ways from outside that take the connection', () => {
  const outside = `---
apiVersion: v1
kind: Service
metadata: { name: public, namespace: llm-serving }
spec: { type: LoadBalancer, selector: { app: model-api }, ports: [{ port: 443, targetPort: 8000 }] }
`;
  const client = { kind: 'addresses', cidr: '203.0.113.7/32' } as const;
  const modelApi = SERVING.modelApi;
  const told = explain(worldOf(outside), question({ from: client, to: modelApi, port: 8000 }));
  expect(told.routes?.map(({ entry, verdict }) => [entry.object, verdict])).toEqual([
    ['Service llm-serving/public', 'DENIED'],
  ]);
  // another port, and callers that do not serve it, have nothing to do with it
  const [port, inside] = [
    question({ from: client, to: modelApi, port: 9090 }),
    question({ from: bert, to: modelApi, port: 8000 }),
  ];
  expect(explain(worldOf(outside), port).routes).toBeUndefined();
  expect(explain(worldOf(outside), inside).routes).toBeUndefined();
});
