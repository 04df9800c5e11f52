import { checkIstioObject } from '../../../src/values/istio';
import { problems } from './manifests';

const https = { number: 443, name: 'https', protocol: 'HTTPS' };
const http = { number: 80, name: 'http', protocol: 'HTTP' };
const tls = { mode: 'SIMPLE', credentialName: 'public-tls' };
const servers = (...list: object[]) => problems('Gateway', { servers: list });
const server = (part: object) => servers({ hosts: ['models.example.com'], port: http, ...part });

test('accepts an egress gateway that passes TLS through', () => {
  const egress = {
    selector: { istio: 'egressgateway' },
    servers: [
      {
        hosts: ['huggingface.co', '*.hf.co'],
        port: { number: 443, name: 'tls', protocol: 'TLS' },
        tls: { mode: 'PASSTHROUGH' },
      },
    ],
  };
  expect(problems('Gateway', egress)).toEqual([]);
});

test('has a server with hosts and a named port', () => {
  expect(problems('Gateway', {})).toEqual(['error webhook spec.servers']);
  expect(server({ hosts: [] })).toEqual(['error webhook spec.servers[0].hosts']);
  expect(server({ port: { number: 80, protocol: 'KAFKA' } })).toEqual([
    'error webhook spec.servers[0].port.protocol',
    'error webhook spec.servers[0].port.name',
  ]);
  const port = { ...http, number: 8080 };
  expect(servers({ hosts: ['a.b'], port: http }, { hosts: ['a.b'], port })).toEqual([
    'error webhook spec.servers[1].port.name',
  ]);
});

test('fails for a name with dots', () => {
  const object = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' };
  const spec = { servers: [{ hosts: ['a.b'], port: http }] };
  const problemsOf = checkIstioObject({ ...object, metadata: { name: 'public.v2' }, spec });
  expect(problemsOf).toMatchObject([{ got: 'public.v2', severity: 'error' }]);
});

test('hosts have a dot, a whole wildcard, perhaps a namespace', () => {
  expect(server({ hosts: ['*', '*.example.com', './a.b', 'ns/*', '10.0.0.1'] })).toEqual([]);
  for (const host of ['models', '*example.com', '~/a.b', 'a.*.b']) {
    expect(server({ hosts: [host] })).toEqual(['error webhook spec.servers[0].hosts[0]']);
  }
});

test('binds to an address, or to a socket with port 0', () => {
  expect(server({ bind: '127.0.0.1' })).toEqual([]);
  expect(server({ bind: 'unix:///run/gw.sock', port: { ...http, number: 0 } })).toEqual([]);
  expect(server({ bind: 'unix:///run/gw.sock' })).toEqual([
    'error webhook spec.servers[0].port.number',
  ]);
});

test('TLS and protocol fit', () => {
  expect(server({ port: https, tls })).toEqual([]);
  expect(server({ port: https })).toEqual(['error webhook spec.servers[0].tls']);
  expect(server({ tls })).toEqual(['error webhook spec.servers[0].tls']);
  expect(server({ tls: { httpsRedirect: true } })).toEqual([]);
  expect(server({ port: https, tls: { ...tls, httpsRedirect: true } })).toEqual([
    'warning webhook spec.servers[0].tls.httpsRedirect',
  ]);
});

test('certificates come from one source', () => {
  const with_ = (settings: object) => server({ port: https, tls: settings });
  const files = { serverCertificate: '/etc/tls.crt', privateKey: '/etc/tls.key' };
  expect(with_({ mode: 'SIMPLE', ...files })).toEqual([]);
  expect(with_({ mode: 'SIMPLE' })).toHaveLength(2);
  expect(with_({ ...tls, ...files })).toEqual(['error webhook spec.servers[0].tls']);
  expect(with_({ mode: 'MUTUAL', ...files })).toEqual([
    'error webhook spec.servers[0].tls.caCertificates',
  ]);
  expect(with_({ mode: 'ISTIO_MUTUAL', credentialName: 'tls' })).toHaveLength(1);
  expect(with_({ ...tls, cipherSuites: ['RC4'] })).toEqual([
    'warning webhook spec.servers[0].tls.cipherSuites[0]',
  ]);
  expect(with_({ ...tls, minProtocolVersion: 'TLSV1_0' })).toEqual([
    'warning webhook spec.servers[0].tls.cipherSuites',
  ]);
});
