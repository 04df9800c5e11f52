import type { Finding } from '../../src/engine/result';
import { isObjection } from '../../src/engine/severity';

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
