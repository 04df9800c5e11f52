import { ruleOf } from '../../src/rules/rule-of';

describe('ruleOf', () => {
  it('knows codes and names', () => {
    expect(ruleOf('rules', 'MLN203')).toBe(ruleOf('rules', 'dns-egress-missing'));
  });

  it('refuses others, and names what was meant', () => {
    expect(() => ruleOf('rules', 'dns-egres-missing')).toThrow("fix: 'dns-egress-missing'");
    expect(() => ruleOf('rules', 'nonsense')).toThrow('fix: ml-netpol rules lists them');
  });
});
