/** Which pods a selector selects, and which it may select where labels are not known. */
import { ascending, Pods, within } from '../../src/engine/pods';
import type { Pod } from '../naive/world';
import { clusterOf } from '../support/asking-network';
import { clusterOfWorld } from '../support/cluster-of-world';

const pod = (namespace: string, name: string, labels = {}): Pod => ({ namespace, name, labels });
const selector = (matchLabels: Record<string, string>) => ({ matchLabels, matchExpressions: [] });

const known = new Pods(
  clusterOfWorld({
    namespaces: { ml: { labels: { team: 'nlp' } }, data: { labels: {} } },
    pods: [
      pod('ml', 'mlflow', { app: 'mlflow' }),
      pod('data', 'bert', { app: 'bert' }),
      pod('ml', 'bert', { app: 'bert' }),
    ],
    policies: [],
  }),
);

test('classes lie beside each other by namespace, then by workload', () => {
  expect(known.classes.map(({ workload }) => workload.id)).toEqual([
    'data/Pod/bert',
    'ml/Pod/bert',
    'ml/Pod/mlflow',
  ]);
  expect(known.spanOf(known.placeOf('ml'))).toEqual({ start: 1, end: 3 });
  expect(known.placeOf('nowhere')).toBe(-1);
});

test('a selector selects in all namespaces, or in one', () => {
  expect(known.selected(selector({ app: 'bert' }))).toEqual([0, 1]);
  expect(known.selectedIn(known.placeOf('ml'), selector({ app: 'bert' }))).toEqual([1]);
  expect(known.selectedIn(known.placeOf('ml'), selector({}))).toEqual([1, 2]);
});

test('namespaces are selected for certain where all labels are known', () => {
  expect(known.namespacesSelected(selector({ team: 'nlp' }))).toEqual({ sure: [1], maybe: [] });
});

test('a namespace known by its name is selected by that for certain, by else maybe', () => {
  const pods = new Pods({ ...clusterOf({ pods: [pod('ml', 'bert')] }), namespaces: [] });
  const name = 'kubernetes.io/metadata.name';
  expect(pods.namespacesSelected(selector({ [name]: 'ml' }))).toEqual({ sure: [0], maybe: [] });
  expect(pods.namespacesSelected(selector({ [name]: 'data' }))).toEqual({ sure: [], maybe: [] });
  expect(pods.namespacesSelected(selector({ team: 'nlp' }))).toEqual({ sure: [], maybe: [0] });
  const without = {
    matchLabels: {},
    matchExpressions: [{ key: 'team', operator: 'DoesNotExist' as const, values: [] }],
  };
  expect(pods.namespacesSelected(without)).toEqual({ sure: [], maybe: [0] });
});

test('places are sorted and cut', () => {
  expect(ascending([3, 1, 3])).toEqual([1, 3]);
  expect(within([1, 4, 6, 9], { start: 4, end: 9 })).toEqual([4, 6]);
});
