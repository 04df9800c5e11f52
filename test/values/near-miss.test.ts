import { nearMiss } from '../../src/values/near-miss';

describe('nearMiss', () => {
  it.each([
    ['ngnix', 'nginx'],
    ['nginxx', 'nginx'],
    ['NGINX', 'nginx'],
    ['trafik', 'traefik'],
    ['haproxy', undefined],
    ['', undefined],
  ])('takes %j for %j', (name, meant) => {
    expect(nearMiss(name, ['nginx', 'traefik'])).toBe(meant);
  });

  it('prefers the nearest, then the first by name', () => {
    expect(nearMiss('edge-1', ['edge-22', 'edge-2', 'edge-3'])).toBe('edge-2');
  });
});
