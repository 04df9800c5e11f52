import { problems } from './manifests';

const check = (spec: object) => problems('WorkloadEntry', spec);

test('has an address, a host or a socket', () => {
  expect(check({ address: '10.0.0.1', ports: { http: 8080 } })).toEqual([]);
  expect(check({ address: 'vm.example.com' })).toEqual([]);
  expect(check({ address: 'unix://@abstract' })).toEqual([]);
  expect(check({ address: 'vm.example.com:8080' })).toEqual(['error webhook spec.address']);
});

test('needs an address, or warns where a network stands for it', () => {
  expect(check({})).toContain('error webhook spec.address');
  expect(check({ network: 'edge' })).toEqual(['warning webhook spec']);
});

test('a socket has an absolute path and no ports', () => {
  expect(check({ address: 'unix://run/vm.sock' })).toEqual(['error webhook spec.address']);
  expect(check({ address: 'unix:///run/vm.sock', ports: { http: 80 } })).toContain(
    'error webhook spec.ports',
  );
});

test('labels have the syntax of Kubernetes (W-07)', () => {
  expect(check({ address: '10.0.0.1', labels: { 'example.com/tier': 'a_b.c' } })).toEqual([]);
  expect(check({ address: '10.0.0.1', labels: { '-tier': 'a', tier: 'a b' } })).toHaveLength(2);
});
