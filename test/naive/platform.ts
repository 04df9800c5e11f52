/**
 * Which ML platform do the tests of the naive evaluator ask about? Five pods in four namespaces, some
 * addresses outside, and one-rule policies on both sides. Pods that differ from these are passed to
 * the question itself: the evaluator looks at the endpoints that it is given.
 */

import type { Endpoint, NetworkPolicy, Peer, Pod, PolicyPort, World } from './world';

export const modelApi: Pod = {
  namespace: 'llm-serving',
  name: 'model-api',
  labels: { app: 'model-api' },
  ip: '10.0.1.10',
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
};
export const triton: Pod = {
  namespace: 'llm-serving',
  name: 'triton',
  labels: { app: 'triton' },
  ip: '10.0.1.11',
  ports: [
    { name: 'http', containerPort: 8000 },
    { name: 'stats', containerPort: 8125, protocol: 'UDP' },
  ],
};
export const bert: Pod = {
  namespace: 'ml-training',
  name: 'bert',
  labels: { app: 'bert', team: 'nlp' },
  ip: '10.0.2.10',
  ports: [{ name: 'master', containerPort: 29500 }],
};
export const mlflow: Pod = {
  namespace: 'mlflow',
  name: 'mlflow',
  labels: { app: 'mlflow' },
  ip: '10.0.3.10',
  ports: [{ name: 'http', containerPort: 5000 }],
};
export const prometheus: Pod = {
  namespace: 'observability',
  name: 'prometheus',
  labels: { app: 'prometheus' },
  ip: '10.0.4.10',
};
export const metadata: Endpoint = { ip: '169.254.169.254' };
export const huggingface: Endpoint = { ip: '18.154.227.87' };
export const laptop: Endpoint = { ip: '2001:db8::7' };

export function worldWith(...policies: NetworkPolicy[]): World {
  return {
    namespaces: {
      'llm-serving': { labels: { tier: 'serving' } },
      'ml-training': { labels: { tier: 'training', team: 'nlp' } },
      mlflow: {},
      observability: { labels: null },
    },
    pods: [modelApi, triton, bert, mlflow, prometheus],
    policies,
  };
}

export function policy({ namespace }: Pod, spec: NetworkPolicy['spec']): NetworkPolicy {
  return { metadata: { name: 'policy', namespace }, spec };
}

/** One ingress rule on every pod of model-api's namespace. */
export function ingressFrom(from: Peer[] | null, ports?: PolicyPort[] | null): World {
  return worldWith(
    policy(modelApi, { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from, ports }] }),
  );
}

/** One egress rule on every pod of bert's namespace. */
export function egressTo(to: Peer[] | null, ports?: PolicyPort[] | null): World {
  return worldWith(
    policy(bert, { podSelector: {}, policyTypes: ['Egress'], egress: [{ to, ports }] }),
  );
}
