/** Verdicts: what is certain and what hangs on facts, for both sides and for either. */
import { ConnectionPool, EVERY, NONE } from '../../src/engine/connections';
import type { Fact, Verdict } from '../../src/engine/verdict';
import { both, DENIED, either, orEverything, verdictOf } from '../../src/engine/verdict';
import { Protocol } from '../../src/values/port';

const pool = new ConnectionPool();
const web = pool.idOfPorts(Protocol.TCP, [[80, 80]]);
const sure = (connections: number): Verdict => verdictOf(pool, connections, connections, []);
const maybe = (connections: number, fact: Fact): Verdict =>
  verdictOf(pool, NONE, connections, [fact]);

test('what is certain is not unsure too', () => {
  expect(verdictOf(pool, web, web, ['pod-address'])).toEqual(sure(web));
});

test('both sides must allow', () => {
  expect(both(pool, sure(web), sure(EVERY))).toEqual(sure(web));
  expect(both(pool, maybe(EVERY, 'pod-address'), sure(web))).toEqual(maybe(web, 'pod-address'));
  expect(both(pool, maybe(EVERY, 'pod-address'), DENIED)).toEqual(DENIED);
});

test('either side is enough, and what one is sure of hangs on nothing', () => {
  expect(either(pool, sure(web), maybe(web, 'pod-address'))).toEqual(sure(web));
  expect(either(pool, sure(web), maybe(EVERY, 'pod-address'))).toEqual({
    sure: web,
    unsure: pool.without(EVERY, web),
    facts: ['pod-address'],
  });
});

test('only facts of connections that stay possible are named', () => {
  const other = pool.idOfPorts(Protocol.UDP, [[53, 53]]);
  const mixed = both(pool, maybe(web, 'pod-address'), maybe(other, 'named-port'));
  expect(mixed).toEqual(DENIED);
});

test('a fact may open everything', () => {
  expect(orEverything(pool, sure(web), 'host-network')).toEqual({
    sure: web,
    unsure: pool.without(EVERY, web),
    facts: ['host-network'],
  });
});
