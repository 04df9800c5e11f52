/** What a change of policies changes in who can reach whom. */
import { diff } from '../../src/engine/diff';
import type { Difference } from '../../src/engine/diff';
import { POLICIES, worldOf } from '../support/questions';

/** `widened bert > model-api TCP: none > 8000` */
function told({ changes }: Difference): string[] {
  const short = (id: string): string =>
    id.includes('/Deployment/') ? (id.split('/')[2] ?? id) : id;
  return changes.map(({ change, from, to, protocol, was, now, because }) => {
    const [before, after] = [was, now].map(
      ({ allow }) =>
        allow.flatMap(({ ports }) => ports.map((one) => one.join('-'))).join() || 'none',
    );
    const why = because.map(({ object, rule }) => `${object} ${rule ?? ''}`).join(', ');
    return `${change} ${short(from)} > ${short(to)} ${protocol}: ${before ?? ''} > ${after ?? ''} (${why})`;
  });
}

const compare = (policies: string, extra = ''): Difference =>
  diff(worldOf(), worldOf(extra, { policies }));

test('the same policies change nothing', () => {
  const { changes, workloads, rewritten } = compare(POLICIES);
  expect({ changes, workloads, rewritten }).toEqual({
    changes: [],
    workloads: { added: [], removed: [] },
    rewritten: [],
  });
});

test('another port is wider, and its policy is why', () => {
  const wider = POLICIES.replace('port: 8000 }', 'port: 8000, endPort: 8001 }');
  expect(told(compare(wider))).toEqual([
    'widened gateway > model-api TCP: 8000-8000 > 8000-8001 (NetworkPolicy llm-serving/model-api changed)',
  ]);
});

test('another port in place of one is a change', () => {
  const moved = POLICIES.replace('port: 8000 }', 'port: 9000 }');
  expect(compare(moved).changes.map(({ change }) => change)).toEqual(['changed']);
});

test('a policy that goes narrows', () => {
  const removed = POLICIES.slice(0, POLICIES.lastIndexOf('---'));
  expect(told(compare(removed))).toContain(
    'narrowed gateway > model-api TCP: 8000-8000 > none (NetworkPolicy llm-serving/model-api removed)',
  );
});

test('addresses are compared by block', () => {
  const wider = POLICIES.replace('10.0.0.0/8', '10.0.0.0/7');
  expect(told(compare(wider))).toContain(
    'widened 11.0.0.0/8 > model-api TCP: none > 9090-9090 (NetworkPolicy llm-serving/model-api changed)',
  );
});

test('workloads that come and go are told apart from pairs', () => {
  const extra = `
---
apiVersion: v1
kind: Pod
metadata: { name: notebook, namespace: ml-training, labels: { app: notebook } }
`;
  const found = compare(POLICIES, extra);
  expect(found.changes).toEqual([]);
  expect(found.workloads).toEqual({ added: ['ml-training/Pod/notebook'], removed: [] });
  const all = diff(worldOf(), worldOf(extra), { all: true });
  expect(told(all).some((line) => line.includes('ml-training/Pod/notebook'))).toBe(true);
});

test('what is only written anew is told as such', () => {
  const anew = POLICIES.replace('port: 8000 }', 'port: 8000, endPort: 8000 }');
  const { changes, rewritten } = compare(anew);
  expect(changes).toEqual([]);
  expect(rewritten.map(({ object }) => object)).toEqual(['NetworkPolicy llm-serving/model-api']);
});
