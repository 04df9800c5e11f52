import { isDuration, parseDuration } from '../../../src/values/istio/duration';

const SECOND = 1_000_000_000n;

test.each([
  ['1s', SECOND],
  ['1m30s', 90n * SECOND],
  ['1.5s', (3n * SECOND) / 2n],
  ['.5s', SECOND / 2n],
  ['2.000000005s', 2n * SECOND + 5n],
  ['-1ms', -1_000_000n],
  ['0', 0n],
])('%s is %d nanoseconds', (text, nanoseconds) => {
  expect(parseDuration(text)).toBe(nanoseconds);
});

test.each(['', '1', 's', '1 s', '1d', '1s ', '.s'])('%p is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('a timeout is at least 1ms', () => {
  expect(isDuration('1ms')).toBe(true);
  expect(isDuration('999us')).toBe(false);
});
