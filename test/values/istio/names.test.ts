import {
  hostCovers,
  hostsOverlap,
  isDnsLabel,
  isFqdn,
  isIpOrCidr,
  isPartialWildcard,
  isWildcardDomain,
} from '../../../src/values/istio/names';

test('labels may be upper case, at most 63 characters (W-03)', () => {
  expect(['a', 'Model-API', '1', 'x'.repeat(63)].every(isDnsLabel)).toBe(true);
  expect(['', '-a', 'a-', 'a.b', 'a_b', 'x'.repeat(64)].some(isDnsLabel)).toBe(false);
});

test('names have labels, and a last one with a letter (W-04)', () => {
  expect(['hub', 'hub.example.com', 'hub.example.com.', '1.a'].every(isFqdn)).toBe(true);
  expect(['', '.', 'a..b', '*.a', '1.2.3.4', 'a.b..'].some(isFqdn)).toBe(false);
});

test('a wildcard is in the first label (W-05)', () => {
  expect(['*', '*.hf.co', '*hf.co', '*-cdn.hf.co'].every(isWildcardDomain)).toBe(true);
  expect(['', 'a.*.b', 'a*.b', '**.b', '*.1'].some(isWildcardDomain)).toBe(false);
  expect(['*hf.co', '*-cdn.hf.co'].every(isPartialWildcard)).toBe(true);
  expect(['*', '*.hf.co', 'hf.co'].some(isPartialWildcard)).toBe(false);
});

test('a wildcard covers what ends as it does', () => {
  expect(hostCovers('*.hf.co', 'cdn.hf.co')).toBe(true);
  expect(hostCovers('*.co', '*.hf.co')).toBe(true);
  expect(hostCovers('*.hf.co', 'hf.co')).toBe(false);
  expect(hostCovers('cdn.hf.co', '*.hf.co')).toBe(false);
  expect(hostsOverlap('cdn.hf.co', '*.hf.co')).toBe(true);
});

test('addresses are strict, host bits may be set (W-06)', () => {
  expect(['10.0.0.1', '10.0.0.1/8', '::1', 'fd00::/8', 'fe80::1%eth0'].every(isIpOrCidr)).toBe(
    true,
  );
  const invalid = [
    '',
    '010.0.0.1',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '::1/129',
    'fe80::%e/64',
  ];
  expect(invalid.some(isIpOrCidr)).toBe(false);
});
