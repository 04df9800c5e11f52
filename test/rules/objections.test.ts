import type { Finding } from '../../src/engine/result';
import { isObjection, ruleOf } from '../../src/rules/objections';

describe('isObjection', () => {
  const finding = { severity: 'warning' } as Finding;

  it('counts what is at least that bad', () => {
    expect(isObjection(finding, 'info')).toBe(true);
    expect(isObjection(finding, 'warning')).toBe(true);
    expect(isObjection(finding, 'error')).toBe(false);
  });

  it('counts nothing that is acknowledged', () => {
    expect(isObjection({ ...finding, acknowledged: 'known' }, 'info')).toBe(false);
  });
});

describe('ruleOf', () => {
  it('knows codes and names', () => {
    expect(ruleOf('rules', 'MLN203')).toBe(ruleOf('rules', 'dns-egress-missing'));
  });

  it('refuses others, and names what was meant', () => {
    expect(() => ruleOf('rules', 'dns-egres-missing')).toThrow("fix: 'dns-egress-missing'");
    expect(() => ruleOf('rules', 'nonsense')).toThrow('fix: ml-netpol rules lists them');
  });
});
