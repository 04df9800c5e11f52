import { problems } from './manifests';

const check = (spec: object) => problems('Sidecar', spec);
const hosts = (...names: string[]) => check({ egress: [{ hosts: names }] });
const ingress = (listener: object) =>
  check({ ingress: [{ port: { number: 8080, protocol: 'HTTP' }, ...listener }] });

test('accepts REGISTRY_ONLY with the hosts that are needed', () => {
  const spec = {
    workloadSelector: { labels: { 'needs-model-access': 'true' } },
    outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
    egress: [{ hosts: ['istio-system/*', './*', 'feature-store/*'] }],
  };
  expect(check(spec)).toEqual([]);
});

test('fails for an empty one (SC-V1)', () => {
  expect(check({})).toEqual(['error webhook spec']);
  expect(check({ outboundTrafficPolicy: {} })).toEqual([]);
});

test('ingress stays on the workload, once a port (SC-V2)', () => {
  expect(ingress({ defaultEndpoint: '127.0.0.1:8081' })).toEqual([]);
  expect(ingress({ defaultEndpoint: '[::1]:8081', bind: '0.0.0.0' })).toEqual([]);
  expect(ingress({ defaultEndpoint: '10.0.0.1:8081' })).toEqual([
    'error webhook spec.ingress[0].defaultEndpoint',
  ]);
  const port = { number: 8080, protocol: 'HTTP' };
  expect(check({ ingress: [{ port }, { port }] })).toEqual([
    'error webhook spec.ingress[1].port.number',
  ]);
});

test('ingress TLS is on TLS ports, with files (SC-V2)', () => {
  const files = { serverCertificate: '/etc/tls.crt', privateKey: '/etc/tls.key' };
  const port = { number: 8443, protocol: 'HTTPS' };
  expect(ingress({ port, tls: { mode: 'SIMPLE', ...files } })).toEqual([]);
  expect(ingress({ tls: { mode: 'SIMPLE', ...files } })).toEqual([
    'error webhook spec.ingress[0].port.protocol',
  ]);
  expect(ingress({ port, tls: { mode: 'SIMPLE', credentialName: 'tls' } })).toEqual([
    'error webhook spec.ingress[0].tls.credentialName',
  ]);
});

test('warns of HTTP limits on a TCP port', () => {
  const connectionPool = { http: { maxRetries: 1 } };
  expect(ingress({ port: { number: 5432, protocol: 'TCP' }, connectionPool })).toEqual([
    'warning webhook spec.ingress[0].connectionPool.http',
  ]);
});

test('the listener without port comes last, port 0 is a socket (SC-V3)', () => {
  const port = { number: 8080, protocol: 'HTTP' };
  const egress = [{ hosts: ['./*'] }, { hosts: ['./*'], port }];
  expect(check({ egress })).toEqual(['error webhook spec.egress[0].port']);
  expect(check({ egress: [{ hosts: ['./*'], port: { number: 0 } }] })).toEqual([
    'error webhook spec.egress[0].bind',
  ]);
  const socket = { hosts: ['./*'], port: { number: 0 }, bind: 'unix:///run/hub.sock' };
  expect(check({ egress: [socket] })).toEqual([]);
});

test.each(['*', 'huggingface.co', './model-hub', 'hub/*face.co', '/a.b', 'Model_Hub/*'])(
  'fails for egress host %s (SC-V4)',
  (host) => {
    expect(hosts(host)).toEqual(['error webhook spec.egress[0].hosts[0]']);
  },
);

test('egress hosts may be excluded (SC-V4)', () => {
  expect(hosts('*/*', '~secrets/*', '~/*')).toEqual([]);
});

test('warns of hosts that are named twice, . being the own namespace (SC-V5, SC-V7)', () => {
  expect(hosts('./*', 'llm-serving/hub.example.com')).toEqual([
    'warning webhook spec.egress[0].hosts[1]',
  ]);
  expect(hosts('*/*', 'hub/*')).toEqual(['warning webhook spec.egress[0].hosts']);
});

test('an egress proxy is for ALLOW_ANY, with host and port (SC-V6)', () => {
  const proxy = (mode: string, egressProxy: object) =>
    check({ outboundTrafficPolicy: { mode, egressProxy } });
  const host = 'proxy.example.com';
  expect(proxy('ALLOW_ANY', { host, port: { number: 3128 } })).toEqual([]);
  expect(proxy('REGISTRY_ONLY', { host, port: { number: 3128 } })).toHaveLength(1);
  expect(proxy('ALLOW_ANY', { host })).toEqual([
    'error webhook spec.outboundTrafficPolicy.egressProxy.port',
  ]);
  expect(check({ outboundTrafficPolicy: { mode: 'ALLOW_ANY_DYNAMIC_DNS' } })).toEqual([
    'error webhook spec.outboundTrafficPolicy.mode',
  ]);
});
