import { podsBehind, serviceNamed, targetsBehind } from '../../src/engine/behind';
import { couldSelect } from '../../src/engine/could-select';
import { World } from '../../src/engine/world';
import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';

const yaml = `
apiVersion: v1
kind: Service
metadata: { name: api, namespace: ml }
spec: { selector: { app: api }, ports: [{ name: a, port: 80, targetPort: 8080 }, { name: b, port: 81, targetPort: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: elsewhere, namespace: ml }
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: a, namespace: ml, labels: { app: api } }
spec: { containers: [{ name: main, image: a, ports: [{ name: http, containerPort: 8000 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: b, namespace: ml, labels: { app: api, tier: front } }
spec: { containers: [{ name: main, image: a }] }
---
apiVersion: v1
kind: Pod
metadata: { name: c, namespace: web, labels: { app: api } }
spec: { containers: [{ name: main, image: a }] }
`;

function behind(name: string, port: number): string[] {
  const world = new World(clusterOf(readText('a.yaml', yaml)));
  const service = serviceNamed(world, 'ml', name);
  const asked = service?.ports[port];
  if (service === undefined || asked === undefined) return ['nothing'];
  const id = (place: number): string => world.classes[place]?.workload.name ?? '';
  expect(targetsBehind(world, service, asked).length).toBeLessThanOrEqual(
    podsBehind(world, service).length,
  );
  return targetsBehind(world, service, asked).map(
    (target) => `${id(target.place)} ${String(target.port)}`,
  );
}

test('a Service leads to pods of its namespace, on their own port', () => {
  expect(behind('api', 0)).toEqual(['a 8080', 'b 8080']);
});

test('a target by name leads to the pods that have it', () => {
  expect(behind('api', 1)).toEqual(['a 8000']);
});

test('a Service without selector leads nowhere that is known', () => {
  expect(behind('elsewhere', 0)).toEqual([]);
  expect(behind('unknown', 0)).toEqual(['nothing']);
});

test('a selector could select pods whose labels are made up later', () => {
  const selector = {
    matchLabels: { app: 'api', uid: '7' },
    matchExpressions: [{ key: 'role', operator: 'Exists' as const, values: [] }],
  };
  const labels = { app: 'api' };
  expect(couldSelect(selector, { labels })).toBe(false);
  expect(couldSelect(selector, { labels, openLabels: ['uid'] })).toBe(false);
  expect(couldSelect(selector, { labels, openLabels: ['uid', 'role'] })).toBe(true);
  expect(couldSelect(selector, { labels, openLabels: ['*'] })).toBe(true);
  expect(couldSelect(selector, { labels: { app: 'ui' }, openLabels: ['*'] })).toBe(false);
});
