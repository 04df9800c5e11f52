/** Tiers, priorities and rules that may or may not count: what a gate lets through. */
import { ConnectionPool, EVERY, NONE } from '../../src/engine/connections';
import type { Action, Answer, Entry, Gate, Ordered } from '../../src/engine/gate';
import { passing } from '../../src/engine/gate';
import type { Fact } from '../../src/engine/verdict';
import { Protocol } from '../../src/values/port';

const pool = new ConnectionPool();
const web = pool.idOfPorts(Protocol.TCP, [[80, 80]]);
const notWeb = pool.without(EVERY, web);

let count = 0;
function entry(action: Action, connections = EVERY, fact?: Fact): Entry {
  count += 1;
  const own = {
    id: count,
    meaning: count,
    peers: { kind: 'everyone' as const },
    connections,
    action,
  };
  return fact === undefined ? own : { ...own, fact };
}

function ordered(priority: number, ...entries: Entry[]): Ordered {
  return { priority, entries };
}

function pass(gate: Partial<Gate>, means: (entry: Entry) => Answer = () => true) {
  return passing(
    pool,
    { id: 0, admin: [], isolated: false, entries: [], baseline: [], ...gate },
    means,
  );
}

test('without policies everything passes', () => {
  expect(pass({})).toEqual({ sure: EVERY, unsure: NONE, facts: [] });
});

test('policies add up, and one that isolates without rules lets nothing through', () => {
  expect(pass({ isolated: true }).sure).toBe(NONE);
  expect(
    pass({ isolated: true, entries: [entry('allow', web), entry('allow', notWeb)] }).sure,
  ).toBe(EVERY);
});

test('the first rule that matches decides, the lower priority number first', () => {
  const rules = [ordered(1, entry('deny', web)), ordered(2, entry('allow'))];
  expect(pass({ admin: rules, isolated: true })).toEqual({ sure: notWeb, unsure: NONE, facts: [] });
});

test('Pass leaves to NetworkPolicy what it matches, whatever the tier says later', () => {
  const admin = [ordered(1, entry('pass', web)), ordered(2, entry('deny'))];
  expect(pass({ admin }).sure).toBe(web);
  expect(pass({ admin, isolated: true }).sure).toBe(NONE);
});

test('Baseline decides only where NetworkPolicy does not isolate', () => {
  const baseline = [ordered(1, entry('deny'))];
  expect(pass({ baseline }).sure).toBe(NONE);
  expect(pass({ baseline, isolated: true, entries: [entry('allow', web)] }).sure).toBe(web);
});

test('policies of one priority are undefined where they differ', () => {
  const [accept, deny] = [ordered(1, entry('allow', web)), ordered(1, entry('deny'))];
  expect(pass({ admin: [accept, deny] })).toEqual({
    sure: NONE,
    unsure: web,
    facts: ['equal-priority'],
  });
  const apart = ordered(1, entry('deny', notWeb));
  expect(pass({ admin: [accept, apart] })).toEqual({ sure: web, unsure: NONE, facts: [] });
});

test('a rule that may count leaves open what it would change, and nothing else', () => {
  const doubtful = ordered(1, entry('deny', web, 'namespace-labels'));
  expect(pass({ admin: [doubtful] })).toEqual({
    sure: notWeb,
    unsure: web,
    facts: ['namespace-labels'],
  });
  const settled = [doubtful, ordered(2, entry('deny'))];
  expect(pass({ admin: settled })).toEqual({ sure: NONE, unsure: NONE, facts: [] });
});

test('whether NetworkPolicy isolates may be open', () => {
  const gate = { isolated: 'host-network' as const, entries: [entry('allow', web)] };
  expect(pass(gate)).toEqual({ sure: web, unsure: notWeb, facts: ['host-network'] });
  const baseline = [ordered(1, entry('deny'))];
  expect(pass({ ...gate, baseline })).toEqual({ sure: NONE, unsure: web, facts: ['host-network'] });
});

test('beyond too many open rules nothing is certain, and nothing is denied for certain', () => {
  const many = Array.from({ length: 12 }, (_, index) =>
    entry(
      index % 2 === 0 ? 'deny' : 'allow',
      pool.idOfPorts(Protocol.TCP, [[index + 1, index + 2]]),
    ),
  );
  const { sure, unsure } = pass({ admin: [ordered(1, ...many)] }, () => 'pod-address');
  expect([sure, unsure]).toEqual([NONE, EVERY]);
});
