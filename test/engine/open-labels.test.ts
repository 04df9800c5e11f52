import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';
import { World } from '../../src/engine/world';

const yaml = (selector: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: model-api, namespace: llm-serving }
spec:
  selector: { matchLabels: { app: model-api } }
  template:
    metadata: { labels: { app: model-api } }
    spec: { containers: [{ name: main, image: api, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: guard, namespace: llm-serving }
spec: { podSelector: ${selector}, policyTypes: [Ingress] }
`;

function factsOf(selector: string): readonly string[] {
  const world = new World(clusterOf(readText('dist.yaml', yaml(selector))));
  const place = (name: string): number =>
    world.classes.findIndex(({ workload }) => workload.name === name);
  const { sure, unknown } = world.reach.between(place('any pod'), place('model-api'));
  return [sure === 0 ? 'denied' : 'allowed', ...unknown.flatMap(({ facts }) => facts)];
}

test('a policy that selects by a label that a controller makes up may isolate the pods', () => {
  expect(factsOf('{ matchLabels: { pod-template-hash: 5d4f } }')).toEqual(['denied', 'pod-labels']);
});

test('a policy that excludes such a label may isolate them too', () => {
  const selector = '{ matchExpressions: [{ key: pod-template-hash, operator: DoesNotExist }] }';
  expect(factsOf(selector)).toEqual(['denied', 'pod-labels']);
});

test('other labels are all known', () => {
  expect(factsOf('{ matchLabels: { app: model-api } }')).toEqual(['denied']);
  expect(factsOf('{ matchLabels: { app: triton } }')).toEqual(['allowed']);
});
