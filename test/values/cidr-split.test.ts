import { cidrContains } from '../../src/values/cidr';
import { cidrWithout } from '../../src/values/cidr-split';

describe('cidrWithout', () => {
  it('leaves a block alone that meets no exception', () => {
    expect(cidrWithout('10.0.0.0/8', ['192.168.0.0/16', '2001:db8::/32'])).toEqual(['10.0.0.0/8']);
  });

  it('leaves nothing of a block inside an exception', () => {
    expect(cidrWithout('10.1.0.0/16', ['10.0.0.0/8'])).toEqual([]);
  });

  it('halves until the exception lies apart', () => {
    expect(cidrWithout('10.0.0.0/8', ['10.64.0.0/10'])).toEqual(['10.0.0.0/10', '10.128.0.0/9']);
  });

  it('halves inside a byte and across bytes, in both families', () => {
    expect(cidrWithout('10.0.0.0/15', ['10.1.0.0/17'])).toEqual(['10.0.0.0/16', '10.1.128.0/17']);
    expect(cidrWithout('fd00::/8', ['fd80::/9'])).toEqual(['fd00::/9']);
    expect(cidrWithout('::/0', ['8000::/1'])).toEqual(['::/1']);
  });

  it('holds every address of the block that is not excepted, and no other', () => {
    const except = ['10.244.0.0/16', '10.96.0.0/12'];
    const blocks = cidrWithout('10.0.0.0/8', except);
    for (let second = 0; second < 256; second += 1) {
      const address = `10.${String(second)}.7.9/32`;
      const excepted = except.some((cidr) => cidrContains(cidr, address));
      const holding = blocks.filter((cidr) => cidrContains(cidr, address));
      expect({ address, count: holding.length }).toEqual({ address, count: excepted ? 0 : 1 });
    }
  });
});
