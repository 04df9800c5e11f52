/**
 * Does the naive CIDR arithmetic count bits rightly, in both families and at the edges? Checked by
 * hand-made cases and against an independent witness, the BlockList of Node (C++, not ipaddr.js).
 */

import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { inCidr } from './cidr';

function inside(cidr: string, ...ips: string[]): boolean[] {
  return ips.map((ip) => inCidr(cidr, ip));
}

describe('inCidr', () => {
  test('takes the first and the last address of a block and not their neighbours', () => {
    expect(
      inside('10.96.8.0/21', '10.96.7.255', '10.96.8.0', '10.96.15.255', '10.96.16.0'),
    ).toEqual([false, true, true, false]);
  });

  test('counts bits, not text', () => {
    expect(inside('203.0.113.7/32', '203.0.113.7', '203.0.113.70')).toEqual([true, false]);
    expect(inside('128.0.0.0/1', '255.255.255.255', '127.255.255.255')).toEqual([true, false]);
    expect(inside('0.0.0.0/0', '0.0.0.0', '255.255.255.255')).toEqual([true, true]);
  });

  test('masks the host bits of the CIDR', () => {
    expect(inside('18.154.227.87/16', '18.154.0.1', '18.155.227.87')).toEqual([true, false]);
    expect(inside('2001:db8::7/64', '2001:db8::8')).toEqual([true]);
  });

  test('reads every spelling of IPv6', () => {
    const spellings = ['2001:db8:0:1::', '2001:DB8::1:0:0:0:7', '2001:0db8:0:0001:ffff::'];
    expect(inside('2001:db8:0:1::/64', ...spellings)).toEqual([true, true, true]);
    expect(inside('2001:db8:0:1::/64', '2001:db8:0:2::', '2001:db8::1')).toEqual([false, false]);
    expect(inside('::1/128', '::1', '0:0:0:0:0:0:0:1', '1::', '::')).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('never matches the other family, whatever the numbers say', () => {
    expect(inside('0.0.0.0/0', '2001:db8::7', '::')).toEqual([false, false]);
    expect(inside('::/0', '18.154.227.87', '0.0.0.0')).toEqual([false, false]);
    expect(inside('::/96', '0.0.0.7')).toEqual([false]);
    expect(inside('0.0.0.7/32', '::7')).toEqual([false]);
  });

  test('fails on text that is no address or no CIDR', () => {
    expect(() => inCidr('10.0.0.0', '10.0.0.1')).toThrow();
    expect(() => inCidr('10.0.0.0/8', 'mlflow')).toThrow();
    expect(() => inCidr('fd00::/8', 'fd00::mlflow')).toThrow();
  });

  test('agrees with the BlockList of Node one bit off, for every prefix length', () => {
    const v4 = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
    const v6 = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.oneof(v4, v6), fc.nat(128), fc.nat(127), (parts, anyLength, anyBit) => {
        const bits = parts.length === 4 ? 32 : 128;
        const length = anyLength % (bits + 1);
        const base = textOf(parts);
        const near = textOf(flipBit(parts, anyBit % bits));
        const list = new BlockList();
        list.addSubnet(base, length, isIPv6(base) ? 'ipv6' : 'ipv4');
        const witness = list.check(near, isIPv6(near) ? 'ipv6' : 'ipv4');
        return inCidr(`${base}/${length}`, near) === witness;
      }),
      { numRuns: 1000 },
    );
  });
});

function textOf(parts: readonly number[]): string {
  return parts.length === 4 ? parts.join('.') : parts.map((it) => it.toString(16)).join(':');
}

/** The address that differs in one bit, counted from the most significant. */
function flipBit(parts: readonly number[], bit: number): number[] {
  const width = parts.length === 4 ? 8 : 16;
  return parts.map((part, index) =>
    index === Math.floor(bit / width) ? part ^ (1 << (width - 1 - (bit % width))) : part,
  );
}
