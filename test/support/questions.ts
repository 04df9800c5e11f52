/** A small serving platform as text, for questions about single connections. */
import type { Question, QuestionEnd } from '../../src/engine/question';
import { World } from '../../src/engine/world';
import type { ClusterFacts } from '../../src/read/cluster';
import { clusterOf } from '../../src/read/cluster-of';
import { noteConstructPaths } from '../../src/read/construct-paths';
import { readText } from '../../src/read/read-text';
import type { ReadResource } from '../../src/read/resources';

const workload = (id: string): QuestionEnd => ({ kind: 'workload', id });

export const SERVING = {
  gateway: workload('llm-api/Deployment/gateway'),
  bert: workload('ml-training/Deployment/bert'),
  mlflow: workload('mlflow/Deployment/mlflow'),
  modelApi: workload('llm-serving/Deployment/model-api'),
  prometheus: workload('monitoring/Deployment/prometheus'),
} as const;

const NAMESPACES = ['llm-api', 'llm-serving', 'ml-training', 'mlflow', 'monitoring'];
const DEPLOYMENTS = [
  ['llm-api', 'gateway'],
  ['ml-training', 'bert'],
  ['mlflow', 'mlflow'],
  ['llm-serving', 'model-api'],
  ['monitoring', 'prometheus'],
] as const;

/** In flow style, one object takes few lines. */
function platform(injected: readonly string[]): string {
  const namespaces = NAMESPACES.map((name) => {
    const labels = injected.includes(name) ? ', labels: { istio-injection: enabled }' : '';
    return `{ apiVersion: v1, kind: Namespace, metadata: { name: ${name}${labels} } }`;
  });
  const deployments = DEPLOYMENTS.map(([namespace, name]) =>
    [
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name}, namespace: ${namespace} }`,
      `spec: { template: { metadata: { labels: { app: ${name} } } } }`,
    ].join('\n'),
  );
  return [...namespaces, ...deployments].join('\n---\n');
}

export const POLICIES = `
---
apiVersion: v1
kind: Service
metadata: { name: model-api, namespace: llm-serving }
spec:
  selector: { app: model-api }
  ports: [{ name: http, port: 80, targetPort: 8000 }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: llm-serving }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: model-api, namespace: llm-serving }
spec:
  podSelector: { matchLabels: { app: model-api } }
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: llm-api } }
          podSelector: { matchLabels: { app: gateway } }
      ports: [{ protocol: TCP, port: 8000 }]
    - from: [{ ipBlock: { cidr: 10.0.0.0/8 } }]
      ports: [{ protocol: TCP, port: 9090 }]
`;

export interface WorldOptions {
  readonly mesh?: boolean;
  readonly policies?: string;
  readonly profile?: Partial<ClusterFacts>;
  /** By `Kind/namespace/name`. */
  readonly constructs?: Readonly<Record<string, string>>;
}

export function worldOf(
  extra = '',
  { mesh = false, policies = POLICIES, profile, constructs = {} }: WorldOptions = {},
): World {
  const injected = mesh ? ['llm-api', 'llm-serving'] : [];
  const input = readText('dist.yaml', `${platform(injected)}${policies}${extra}`);
  expect(input.problems).toEqual([]);
  noteConstructPaths(
    input.resources as readonly ReadResource[],
    new Map(Object.entries(constructs)),
  );
  const cluster = clusterOf(input);
  return new World({ ...cluster, profile: { ...cluster.profile, ...profile } });
}

export function asked(
  question: Partial<Question> & Pick<Question, 'from' | 'to' | 'port'>,
): Question {
  return { protocol: 'TCP', ...question };
}
