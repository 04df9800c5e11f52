import * as fc from 'fast-check';
import type { PortData } from '../../src/values/port';
import { PortPurpose, Protocol } from '../../src/values/port';
import type { PortRange } from '../../src/values/port-ranges';
import {
  commonRanges,
  countPorts,
  holdsPort,
  mergeRanges,
  numbersOf,
  portsWithout,
  rangesOf,
  rangesWithout,
} from '../../src/values/port-ranges';

const purpose = PortPurpose.SERVICE;
const range = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 9 }))
  .map(([low, size]): PortRange => [low, low + size]);
const ranges = fc.array(range, { maxLength: 5 });
const NUMBERS = Array.from({ length: 60 }, (_, index) => index + 1);
const holds = (list: readonly PortRange[]): number[] =>
  NUMBERS.filter((one) => holdsPort(list, one));

describe('ranges, against numbers one by one', () => {
  it('hold after merging what they held before, apart from each other', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const merged = mergeRanges(list);
        expect(holds(merged)).toEqual(holds(list));
        expect(numbersOf(list)).toEqual(holds(list));
        expect(countPorts(list)).toBe(holds(list).length);
        merged.slice(1).forEach(([low], index) => {
          expect(low).toBeGreaterThan((merged[index]?.[1] ?? 0) + 1);
        });
      }),
    );
  });

  it('lose exactly what is taken, and share exactly what both hold', () => {
    fc.assert(
      fc.property(ranges, ranges, (list, others) => {
        const taken = holds(others);
        expect(holds(rangesWithout(list, others))).toEqual(
          holds(list).filter((one) => !taken.includes(one)),
        );
        expect(holds(commonRanges(list, others))).toEqual(
          holds(list).filter((one) => taken.includes(one)),
        );
      }),
    );
  });
});

const port = fc
  .tuple(fc.constantFrom(undefined, ...Object.values(Protocol)), fc.option(range))
  .map(([protocol, of]): PortData => {
    if (protocol === undefined || of === null) return { protocol, purpose };
    const [low, high] = of;
    return { protocol, port: low, endPort: high === low ? undefined : high, purpose };
  });

describe('ports without others', () => {
  it('open exactly what is left, protocol by protocol', () => {
    fc.assert(
      fc.property(fc.array(port, { maxLength: 3 }), fc.array(port, { maxLength: 3 }), (a, b) => {
        for (const protocol of Object.values(Protocol)) {
          const left = holds(rangesOf(portsWithout(a, b), protocol));
          const taken = holds(rangesOf(b, protocol));
          expect(left).toEqual(holds(rangesOf(a, protocol)).filter((one) => !taken.includes(one)));
        }
      }),
    );
  });

  it('keep what nothing is taken of as it was written', () => {
    const named = { protocol: Protocol.TCP, name: 'http', purpose };
    const all = { purpose };
    const web = { protocol: Protocol.TCP, port: 80, purpose };
    expect(portsWithout([named], [web])).toEqual([named]);
    expect(portsWithout([named], [{ protocol: Protocol.UDP, purpose }])).toEqual([named]);
    expect(portsWithout([all], [])).toEqual([all]);
  });

  it('lose a name to the same name, and to every port of its protocol', () => {
    const named = { protocol: Protocol.TCP, name: 'http', purpose };
    expect(portsWithout([named], [named])).toEqual([]);
    expect(portsWithout([named], [{ protocol: Protocol.TCP, purpose }])).toEqual([]);
  });
});
