/** All pairs: listed as they are answered, and judged only where a rule tells pods apart. */
import { Reach } from '../../src/engine/reach';
import type { Cluster } from '../../src/read/cluster';
import type { NetworkPolicy, Pod } from '../naive/world';
import { clusterOf, policy } from '../support/asking-network';

const namespaces = Array.from({ length: 50 }, (_, index) => `team-${String(index)}`);
const pods = namespaces.flatMap((namespace): Pod[] =>
  ['bert', 'mlflow'].map((app) => ({ namespace, name: app, labels: { app } })),
);

/** Default deny and "same namespace" in every namespace. */
function isolated(extra: readonly NetworkPolicy[] = []): Cluster {
  const rules = [{ podSelector: {} }];
  const policies = namespaces.map((namespace) =>
    policy(namespace, {
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: rules }],
      egress: [{ to: rules }],
    }),
  );
  return clusterOf({ pods, policies: [...policies, ...extra] });
}

test('namespaces with the same policies are one kind of pods', () => {
  const reach = new Reach(isolated());
  expect(reach.nodes).toHaveLength(1);
  expect(reach.prepare()).toBeLessThanOrEqual(1);
  // both pods of a namespace reach each other, and others of their own class
  expect([...reach.pairs()]).toHaveLength(namespaces.length * 4);
});

test('a rule that names another namespace tells only those apart', () => {
  const mlflow = { matchLabels: { app: 'mlflow' } };
  const other = { matchLabels: { 'kubernetes.io/metadata.name': 'team-1' } };
  const bridge = [
    policy(
      'team-0',
      { policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: other }] }] },
      'a',
    ),
    policy(
      'team-1',
      { podSelector: mlflow, ingress: [{ from: [{ namespaceSelector: {} }] }] },
      'b',
    ),
  ];
  const reach = new Reach(isolated(bridge));
  expect(reach.nodes.length).toBeLessThan(8);
  const crossing = [...reach.pairs()].filter(
    ({ from, to }) => !reach.network.share({ place: from }, { place: to }),
  );
  const name = (place: number): string =>
    reach.network.compilation.pods.classes[place]?.workload.id ?? '';
  expect(crossing.map(({ from, to }) => `${name(from)} > ${name(to)}`)).toEqual([
    'team-0/Pod/bert > team-1/Pod/mlflow',
    'team-0/Pod/mlflow > team-1/Pod/mlflow',
  ]);
});

test('without policies every pair is open, and none is judged', () => {
  const reach = new Reach(clusterOf({ pods }));
  expect(reach.prepare()).toBe(0);
  expect([...reach.pairs((from) => from === 0)]).toHaveLength(pods.length);
});

test('the sources and destinations asked for are the ones that are listed', () => {
  const reach = new Reach(isolated());
  const pairs = [
    ...reach.pairs(
      (from) => from < 2,
      (to) => to === 1,
    ),
  ];
  expect(pairs.map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [1, 1],
  ]);
});
