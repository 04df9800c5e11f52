/** Sets of connections: equal sets have equal ids, and operations respect protocols and both ends. */
import { ConnectionPool, EVERY, NONE } from '../../src/engine/connections';
import { Protocol } from '../../src/values/port';

const { TCP, UDP, SCTP } = Protocol;
const pool = new ConnectionPool();

test('equal sets have equal ids, however their ranges are written', () => {
  const whole = pool.idOfPorts(TCP, [[1, 10]]);
  const parts = pool.idOfPorts(TCP, [
    [5, 10],
    [1, 4],
  ]);
  expect(parts).toBe(whole);
  expect(pool.idOfPorts(undefined, [[1, 65535]])).toBe(EVERY);
  expect(pool.idOfPorts(UDP, [])).toBe(NONE);
});

test('a set holds both ends of its ranges, of its protocol only', () => {
  const set = pool.idOfPorts(TCP, [[80, 81]]);
  expect([79, 80, 81, 82].map((port) => pool.has(set, TCP, port))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(pool.has(set, SCTP, 80)).toBe(false);
});

test('union, common and without are those of sets', () => {
  const [a, b] = [pool.idOfPorts(TCP, [[1, 100]]), pool.idOfPorts(TCP, [[50, 200]])];
  expect(pool.setOf(pool.union(a, b))).toEqual([[[1, 200]], [], []]);
  expect(pool.setOf(pool.common(a, b))).toEqual([[[50, 100]], [], []]);
  expect(pool.setOf(pool.without(a, b))).toEqual([[[1, 49]], [], []]);
  expect(pool.rangesOf(pool.without(EVERY, a), TCP)).toEqual([[101, 65535]]);
  expect(pool.rangesOf(pool.without(EVERY, a), UDP)).toEqual([[1, 65535]]);
});

test('nothing and everything are neutral and absorbing', () => {
  const set = pool.idOfPorts(UDP, [[53, 53]]);
  expect([pool.union(set, NONE), pool.common(set, EVERY), pool.without(set, NONE)]).toEqual([
    set,
    set,
    set,
  ]);
  expect([pool.union(set, EVERY), pool.common(set, NONE), pool.without(set, EVERY)]).toEqual([
    EVERY,
    NONE,
    NONE,
  ]);
});
