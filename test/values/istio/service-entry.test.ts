import { problems } from './manifests';

const tls = { number: 443, name: 'tls', protocol: 'TLS' };
const tcp = { number: 5432, name: 'postgres', protocol: 'TCP' };
const check = (spec: object, labels = {}) =>
  problems('ServiceEntry', { hosts: ['huggingface.co'], ports: [tls], ...spec }, { labels });

test('accepts exact hosts by DNS, wildcards without resolution, CIDRs with addresses', () => {
  expect(check({ location: 'MESH_EXTERNAL', resolution: 'DNS', exportTo: ['.'] })).toEqual([]);
  expect(check({ hosts: ['*.huggingface.co', '*.hf.co'], resolution: 'NONE' })).toEqual([]);
  expect(check({ addresses: ['10.0.0.0/8'], ports: [tcp], resolution: 'NONE' })).toEqual([]);
});

test('fails for a bare wildcard, warns of a partial one (SE-V1, SE-V2)', () => {
  expect(check({ hosts: ['*'] })).toEqual(['error webhook spec.hosts[0]']);
  expect(check({ hosts: ['*face.co'] })).toEqual(['warning webhook spec.hosts[0]']);
});

test('fails for a selector beside endpoints (SE-V1)', () => {
  const workloadSelector = { labels: { app: 'hub-mirror' } };
  const endpoints = [{ address: '10.0.0.1' }];
  const both = check({ resolution: 'STATIC', workloadSelector, endpoints });
  expect(both).toContain('error webhook spec.endpoints');
});

test('a CIDR is for NONE and STATIC (SE-V3)', () => {
  expect(check({ addresses: ['10.0.0.0/8'], resolution: 'DNS' })).toContain(
    'error webhook spec.addresses[0]',
  );
});

test('ports have distinct names and numbers and known protocols (SE-V4)', () => {
  expect(check({ resolution: 'DNS', ports: [tls, { ...tls, name: 'tls-2' }] })).toContain(
    'error webhook spec.ports[1].number',
  );
  expect(check({ resolution: 'DNS', ports: [{ ...tls, protocol: 'KAFKA' }] })).toEqual([
    'error webhook spec.ports[0].protocol',
  ]);
});

test('warns of TCP without an address (SE-V5)', () => {
  const warning = ['warning webhook spec.ports[0].protocol'];
  expect(check({ ports: [tcp], resolution: 'NONE' })).toEqual(warning);
  expect(check({ ports: [tcp], resolution: 'DNS' })).toEqual([]);
  const labels = { 'networking.istio.io/enable-autoallocate-ip': 'false' };
  expect(check({ ports: [tcp], resolution: 'DNS' }, labels)).toEqual(warning);
});

test('STATIC endpoints are addresses or sockets (SE-V7)', () => {
  const endpoint = (address: string, ports?: object) =>
    check({ resolution: 'STATIC', endpoints: [{ address, ports }] });
  expect(endpoint('10.0.0.1', { tls: 8443 })).toEqual([]);
  expect(endpoint('unix:///run/hub.sock')).toEqual([]);
  expect(endpoint('hub.example.com')).toEqual(['error webhook spec.endpoints[0].address']);
  expect(endpoint('10.0.0.1', { http: 8080 })).toEqual([
    'error webhook spec.endpoints[0].ports.http',
  ]);
});

test('fails for a wildcard host with DNS and no endpoints (SE-V8)', () => {
  const spec = { hosts: ['*.huggingface.co'], resolution: 'DNS' };
  expect(check(spec)).toEqual(['error webhook spec.hosts[0]']);
  expect(check({ ...spec, endpoints: [{ address: 'mirror.example.com' }] })).toEqual([]);
});

test('DNS_ROUND_ROBIN has one endpoint at most (SE-V9)', () => {
  const endpoints = [{ address: 'a.example.com' }, { address: 'b.example.com' }];
  expect(check({ resolution: 'DNS', endpoints })).toEqual([]);
  expect(check({ resolution: 'DNS_ROUND_ROBIN', endpoints })).toContain(
    'error webhook spec.endpoints',
  );
});

test('warns of several hosts on one address (SE-V10)', () => {
  const hosts = ['huggingface.co', 'pypi.org'];
  expect(check({ hosts, addresses: ['10.0.0.1'], resolution: 'DNS' })).toEqual([
    'warning webhook spec.hosts',
  ]);
});

test('DYNAMIC_DNS takes wildcards with HTTP or TLS, and no waypoint inside (SE-V11)', () => {
  const spec = { hosts: ['*.huggingface.co'], resolution: 'DYNAMIC_DNS' };
  expect(check(spec)).toEqual([]);
  expect(check({ ...spec, hosts: ['huggingface.co'] })).toEqual(['error webhook spec.hosts[0]']);
  expect(check({ ...spec, ports: [{ ...tls, protocol: 'HTTPS' }] })).toEqual([
    'error webhook spec.ports[0].protocol',
  ]);
  const labels = { 'istio.io/use-waypoint': 'egress' };
  expect(check({ ...spec, location: 'MESH_INTERNAL' }, labels)).toEqual([
    'error webhook spec.location',
  ]);
});

test('fails where TCP cannot tell several hosts apart (SE-V12)', () => {
  const hosts = ['db-1.example.com', 'db-2.example.com'];
  expect(check({ hosts, ports: [tcp], resolution: 'DNS' })).toEqual([
    'error webhook spec.ports[0].protocol',
  ]);
});

test('may be hidden from everybody (SE-V13)', () => {
  expect(check({ resolution: 'DNS', exportTo: ['~'] })).toEqual([]);
  expect(check({ resolution: 'DNS', exportTo: ['~', '.'] })).toEqual([
    'error webhook spec.exportTo',
  ]);
});
