import * as fc from 'fast-check';
import {
  checkedCidr,
  checkedCidrData,
  cidrContains,
  cidrFamily,
  cidrsOverlap,
  describeCidr,
  isCidr,
  normalizeCidrs,
} from '../../src/values/cidr';
import { inCidr } from '../naive/cidr';
import { refused } from './refusal';

const where = 'Peer.cidr: cidr';
// bound, not wrapped: a wrapper's line would be the caller's
const read = checkedCidr.bind(undefined, where);

describe('checkedCidr', () => {
  test.each(['10.20.0.0/16', '0.0.0.0/0', '255.255.255.255/32', '::/0', '2001:db8::1/128'])(
    'takes %s as it is',
    (cidr) => {
      expect(read(cidr)).toBe(cidr);
    },
  );

  test.each([
    ['2001:DB8:0:0:0:0:0:0/32', '2001:db8::/32'],
    ['2001:0db8:0000::/48', '2001:db8::/48'],
    ['1:0:0:2:0:0:0:3/128', '1:0:0:2::3/128'],
    ['1:0:2:3:4:5:6:7/128', '1:0:2:3:4:5:6:7/128'],
  ])('writes %s as RFC 5952 has it: %s', (given, canonical) => {
    expect(read(given)).toBe(canonical);
  });

  test('fails on text that is no CIDR', () => {
    const code = 'cidr';
    const text = refused(() => read('300.0.0.0/8'), { code, where, got: '300.0.0.0/8' });
    expect(text).toBe(
      'Peer.cidr: cidr: got "300.0.0.0/8", expected a CIDR with its mask, such as ' +
        `10.20.0.0/16 or 2001:db8::/32; fix: '10.20.0.0/16'`,
    );
    refused(() => read(''), { code, where, got: '' });
    refused(() => read('10.0.0.0/33'), { code, where, got: '10.0.0.0/33' });
    refused(() => read('::/129'), { code, where, got: '::/129' });
    refused(() => read('10.0.0.0/-1'), { code, where, got: '10.0.0.0/-1' });
    refused(() => read('10.0.0.0/255.0.0.0'), { code, where, got: '10.0.0.0/255.0.0.0' });
    refused(() => read('10.0/8'), { code, where, got: '10.0/8' });
    refused(() => read(' 10.0.0.0/8'), { code, where, got: ' 10.0.0.0/8' });
    refused(() => read('1::2::/32'), { code, where, got: '1::2::/32' });
    refused(() => read(undefined as never), { code, where, got: undefined });
  });

  test('fails on forms that read otherwise than they look', () => {
    const code = 'cidr';
    refused(() => read('010.0.0.0/8'), { code, where, got: '010.0.0.0/8' });
    refused(() => read('10.0.0.0/08'), { code, where, got: '10.0.0.0/08' });
    refused(() => read('0x0a.0.0.0/8'), { code, where, got: '0x0a.0.0.0/8' });
    refused(() => read('fe80::1%eth0/64'), { code, where, got: 'fe80::1%eth0/64' });
    refused(() => read('::ffff:10.0.0.0/104'), { code, where, got: '::ffff:10.0.0.0/104' });
    refused(() => read('::ffff:a00:0/104'), { code, where, got: '::ffff:a00:0/104' });
  });

  test('fails without a mask and suggests the single address', () => {
    const fix = `'10.20.0.1/32'`;
    refused(() => read('10.20.0.1'), { code: 'cidr', where, got: '10.20.0.1', fix });
    const six = `'2001:db8::1/128'`;
    refused(() => read('2001:DB8::1'), { code: 'cidr', where, got: '2001:DB8::1', fix: six });
  });

  test('fails on host bits and suggests the block and the address', () => {
    const code = 'cidr-host-bits';
    const text = refused(() => read('10.0.0.1/8'), { code, where, got: '10.0.0.1/8' });
    expect(text).toBe(
      'Peer.cidr: cidr: got "10.0.0.1/8", expected no bits set beyond the mask; ' +
        `did you mean 10.0.0.0/8 or 10.0.0.1/32?; fix: '10.0.0.0/8'`,
    );
    const fix = `'2001:db8::/32'`;
    refused(() => read('2001:db8::1/32'), { code, where, got: '2001:db8::1/32', fix });
    refused(() => read('0.0.0.1/0'), { code, where, got: '0.0.0.1/0', fix: `'0.0.0.0/0'` });
  });

  test('reads again what it wrote, and means the same addresses', () => {
    fc.assert(
      fc.property(arbitraryBlock(), (block) => {
        const canonical = read(block.text);
        expect(read(canonical)).toBe(canonical);
        expect(read(block.text.toUpperCase())).toBe(canonical);
        expect(inCidr(canonical, block.first)).toBe(true);
        expect(inCidr(canonical, block.last)).toBe(true);
        expect(canonical.endsWith(`/${String(block.prefix)}`)).toBe(true);
        if (block.size > 1n) expect(() => read(`${block.last}/${String(block.prefix)}`)).toThrow();
      }),
      { numRuns: 2000 },
    );
  });
});

describe('checkedCidrData', () => {
  test('keeps exceptions once each, sorted', () => {
    const except = ['10.2.0.0/16', '10.1.0.0/16', '10.2.0.0/16'];
    expect(checkedCidrData('Peer.cidr', '10.0.0.0/8', except)).toEqual({
      cidr: '10.0.0.0/8',
      except: ['10.1.0.0/16', '10.2.0.0/16'],
    });
    expect(checkedCidrData('Peer.cidr', '::/0')).toEqual({ cidr: '::/0', except: [] });
    expect(except).toHaveLength(3);
  });

  test('fails on an exception that is no strict part of the block', () => {
    const [code, at] = ['cidr-except', 'Peer.cidr: except'];
    const block = checkedCidrData.bind(undefined, 'Peer.cidr', '10.0.0.0/8');
    const text = refused(() => block(['11.0.0.0/16']), { code, where: at, got: '11.0.0.0/16' });
    expect(text).toBe(
      'Peer.cidr: except: got "11.0.0.0/16", expected a block inside 10.0.0.0/8 and smaller ' +
        'than it; fix: remove it, or name the part that is excepted',
    );
    refused(() => block(['10.0.0.0/8']), { code, where: at, got: '10.0.0.0/8' });
    refused(() => block(['0.0.0.0/0']), { code, where: at, got: '0.0.0.0/0' });
    refused(() => block(['2001:db8::/32']), { code, where: at, got: '2001:db8::/32' });
    refused(() => block(['10.1.0.1/16']), {
      code: 'cidr-host-bits',
      where: at,
      got: '10.1.0.1/16',
    });
    refused(() => block(['10.1.0.1']), { code: 'cidr', where: at, got: '10.1.0.1' });
  });
});

describe('cidrContains', () => {
  test.each([
    ['10.0.0.0/8', '10.255.255.255/32', true],
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.0.0.0/7', false],
    ['10.0.0.0/8', '11.0.0.0/9', false],
    ['0.0.0.0/0', '10.0.0.0/8', true],
    ['0.0.0.0/0', '2001:db8::/32', false],
    ['::/0', '2001:db8::/32', true],
    ['::/0', '10.0.0.0/8', false],
    ['2001:db8::/33', '2001:db8:8000::/33', false],
    ['2001:db8::/32', '2001:db8:8000::/33', true],
    ['nothing', '10.0.0.0/8', false],
    ['10.0.0.0/8', '10.0.0.1', false],
  ])('%s around %s: %s', (outer, inner, contained) => {
    expect(cidrContains(outer, inner)).toBe(contained);
  });

  test('agrees with arithmetic over first and last addresses, and so does cidrsOverlap', () => {
    fc.assert(
      fc.property(arbitraryBlock(), arbitraryBlock(), (a, b) => {
        const same = cidrFamily(a.text) === cidrFamily(b.text);
        const [endOfA, endOfB] = [a.start + a.size, b.start + b.size];
        expect(cidrContains(a.text, b.text)).toBe(same && a.start <= b.start && endOfB <= endOfA);
        expect(cidrsOverlap(a.text, b.text)).toBe(same && a.start < endOfB && b.start < endOfA);
      }),
      { numRuns: 2000 },
    );
  });
});

test('isCidr tells CIDRs of both families, host bits or not, from other text', () => {
  expect(['10.0.0.1/8', '::1/0', '0.0.0.0/0'].filter(isCidr)).toHaveLength(3);
  expect(['10.0.0.0', '', '10.0.0.0/', '/8', '::ffff:a00:1/128'].filter(isCidr)).toEqual([]);
});

describe('normalizeCidrs', () => {
  test('drops repeats and what another block contains', () => {
    const cidrs = ['10.1.0.0/16', '10.0.0.0/8', '2001:db8::/32', '10.0.0.0/8', '2001:db8::1/128'];
    expect(normalizeCidrs(cidrs)).toEqual(['10.0.0.0/8', '2001:db8::/32']);
  });

  test('keeps one of two texts of one block', () => {
    expect(normalizeCidrs(['2001:db8::/32', '2001:DB8::/32'])).toEqual(['2001:DB8::/32']);
  });

  test('keeps the same addresses, whatever the order of input', () => {
    fc.assert(
      fc.property(fc.array(arbitraryBlock(), { maxLength: 6 }), (blocks) => {
        const cidrs = blocks.map(({ text }) => text);
        const normal = normalizeCidrs(cidrs);
        expect(normalizeCidrs([...cidrs].reverse())).toEqual(normal);
        for (const cidr of cidrs) {
          expect(normal.filter((outer) => cidrContains(outer, cidr))).toHaveLength(1);
        }
        expect(normal.every((cidr) => cidrs.includes(cidr))).toBe(true);
      }),
    );
  });
});

test('describeCidr reads as it is meant', () => {
  expect(describeCidr({ cidr: '10.0.0.0/8', except: [] })).toBe('10.0.0.0/8');
  expect(describeCidr({ cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] })).toBe(
    '10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16',
  );
});

interface Block {
  /** Without host bits, IPv6 in full. */
  readonly text: string;
  readonly prefix: number;
  readonly start: bigint;
  readonly size: bigint;
  readonly first: string;
  readonly last: string;
}

/** Blocks of both families, few enough bits apart that they often meet. */
function arbitraryBlock(): fc.Arbitrary<Block> {
  const four = fc.tuple(fc.constant(32), fc.constantFrom(0n, 0x0a000000n, 0xfffffffen));
  const six = fc.tuple(fc.constant(128), fc.constantFrom(0n, 0x20010db8n << 96n, 0xfd00n << 112n));
  return fc.oneof(four, six).chain(([bits, base]) =>
    fc.tuple(fc.nat(bits), fc.nat(bits - 1), fc.boolean()).map(([prefix, bit, flip]) => {
      const size = 1n << BigInt(bits - prefix);
      const address = flip ? base ^ (1n << BigInt(bit)) : base;
      const start = (address / size) * size;
      const [first, last] = [formatAddress(bits, start), formatAddress(bits, start + size - 1n)];
      return { text: `${first}/${String(prefix)}`, prefix, start, size, first, last };
    }),
  );
}

function formatAddress(bits: number, address: bigint): string {
  const [width, separator, radix] = bits === 32 ? [8n, '.', 10] : ([16n, ':', 16] as const);
  const count = bits / Number(width);
  return Array.from({ length: count }, (_, index) => BigInt(count - 1 - index) * width)
    .map((shift) => ((address >> shift) & ((1n << width) - 1n)).toString(radix))
    .join(separator);
}
