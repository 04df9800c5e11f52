/** Addresses and blocks: families apart, both ends inclusive, exceptions cut out. */
import {
  addressOf,
  blockOf,
  cidrsOf,
  commonIntervals,
  everyAddress,
  holdsAddress,
  intervalsWithout,
  textOf,
} from '../../src/engine/addresses';

function isIn(cidr: string, address: string, ...except: string[]): boolean | undefined {
  const [block, own] = [blockOf(cidr, except), addressOf(address)];
  if (block === undefined || own === undefined) return undefined;
  return block.family === own.family && holdsAddress(block.intervals, own.value);
}

test('a block holds its first and last address, and host bits do not count', () => {
  const addresses = ['10.0.255.255', '10.1.0.0', '10.1.0.255', '10.1.1.0'];
  expect(addresses.map((one) => isIn('10.1.0.77/24', one))).toEqual([false, true, true, false]);
});

test('exceptions are cut out, overlapping or not', () => {
  const holed = (address: string): boolean | undefined =>
    isIn('10.0.0.0/8', address, '10.1.0.0/16', '10.1.5.0/24');
  expect(['10.0.0.1', '10.1.5.1', '10.2.0.1'].map(holed)).toEqual([true, false, true]);
});

test('IPv4 and IPv6 never meet', () => {
  expect(isIn('0.0.0.0/0', '::1')).toBe(false);
  expect(isIn('::/0', '10.0.0.1')).toBe(false);
  expect(isIn('2001:db8::/32', '2001:db8:ffff::1')).toBe(true);
});

test('what is no CIDR is no block', () => {
  expect(blockOf('10.0.0.0')).toBeUndefined();
  expect(blockOf('10.0.0.0/8', ['x'])).toBeUndefined();
  expect(addressOf('10.0.0')).toBeUndefined();
  expect(blockOf('10.0/8')).toBeUndefined();
});

test('leading zeros are decimal, as the API server reads them', () => {
  expect(addressOf('010.001.0.9')).toEqual(addressOf('10.1.0.9'));
  expect(blockOf('010.0.0.0/8')).toEqual(blockOf('10.0.0.0/8'));
});

test('intervals are subtracted and intersected', () => {
  expect(intervalsWithout([[0n, 9n]], [[3n, 4n]])).toEqual([
    [0n, 2n],
    [5n, 9n],
  ]);
  expect(commonIntervals([[0n, 9n]], [[5n, 20n]])).toEqual([[5n, 9n]]);
  expect(intervalsWithout([everyAddress(4)], [everyAddress(4)])).toEqual([]);
});

test('an interval is said in the fewest CIDRs', () => {
  const block = blockOf('10.0.0.0/29', ['10.0.0.0/32']);
  expect(block?.intervals.flatMap((one) => cidrsOf(4, one))).toEqual([
    '10.0.0.1/32',
    '10.0.0.2/31',
    '10.0.0.4/30',
  ]);
  expect(cidrsOf(6, everyAddress(6))).toEqual(['::/0']);
  expect(textOf(4, 0x0a000001n)).toBe('10.0.0.1');
});
