import { problems } from './manifests';

const check = (spec: unknown) => problems('PeerAuthentication', spec);
const selector = { matchLabels: { app: 'scorer' } };

test('accepts modes for a namespace, and ports for workloads', () => {
  expect(check({ mtls: { mode: 'STRICT' } })).toEqual([]);
  expect(check({ selector, portLevelMtls: { 9090: { mode: 'PERMISSIVE' } } })).toEqual([]);
});

test('fails for portLevelMtls without labels to select by (6.4)', () => {
  const portLevelMtls = { 9090: { mode: 'PERMISSIVE' } };
  expect(check({ portLevelMtls })).toContain('error webhook spec.portLevelMtls');
  expect(check({ selector: {}, portLevelMtls })).toContain('error webhook spec.portLevelMtls');
});

test('fails for no ports and for ports that are none (6.4)', () => {
  expect(check({ selector, portLevelMtls: {} })).toEqual(['error webhook spec.portLevelMtls']);
  expect(check({ selector, portLevelMtls: { 0: {} } })).toContain(
    'error webhook spec.portLevelMtls["0"]',
  );
});

test('fails for an unknown mode', () => {
  expect(check({ mtls: { mode: 'strict' } })).toEqual(['error crd spec.mtls.mode']);
});
