import { problems } from './manifests';

const host = 'scorer.scoring.svc.cluster.local';
const check = (spec: object) => problems('DestinationRule', { host, ...spec });
const policy = (trafficPolicy: object) => check({ trafficPolicy });

test('accepts subsets and circuit breaking', () => {
  const spec = {
    trafficPolicy: {
      connectionPool: { http: { http1MaxPendingRequests: 64 }, tcp: { idleTimeout: '0s' } },
      outlierDetection: { consecutive5xxErrors: 5, interval: '10s', maxEjectionPercent: 50 },
    },
    subsets: [{ name: 'stable', labels: { version: 'v1' } }, { name: 'canary' }],
  };
  expect(check(spec)).toEqual([]);
});

test('subsets have distinct names', () => {
  expect(check({ subsets: [{ name: 'v1' }, { name: 'v1' }] })).toEqual([
    'error webhook spec.subsets[1].name',
  ]);
  expect(check({ subsets: [{ name: 'v1.0' }] })).toEqual(['error webhook spec.subsets[0].name']);
});

test('a policy says something', () => {
  expect(policy({})).toEqual(['error webhook spec.trafficPolicy']);
  expect(policy({ connectionPool: {} })).toEqual([
    'error webhook spec.trafficPolicy.connectionPool',
  ]);
  const settings = 'spec.trafficPolicy.portLevelSettings[0]';
  expect(policy({ portLevelSettings: [{}] })).toEqual([
    `error webhook ${settings}.port`,
    `error webhook ${settings}`,
  ]);
});

test('percentages, counts and durations are in range', () => {
  expect(policy({ outlierDetection: { minHealthPercent: 101, interval: '1us' } })).toHaveLength(2);
  expect(policy({ connectionPool: { tcp: { maxConnections: -1 } } })).toHaveLength(1);
  expect(policy({ outlierDetection: { consecutiveLocalOriginFailures: 1 } })).toHaveLength(1);
});

test('localities share 100 and do not cover each other', () => {
  const distribute = (...entries: object[]) =>
    policy({ loadBalancer: { localityLbSetting: { distribute: entries } } });
  expect(distribute({ from: 'eu/*', to: { 'eu/a': 80, 'eu/b': 20 } })).toEqual([]);
  expect(distribute({ from: 'eu/*', to: { 'eu/a': 80 } })).toHaveLength(1);
  expect(distribute({ from: 'eu/*', to: { eu: 50, 'eu/a': 50 } })).toHaveLength(1);
  const to = { eu: 100 };
  expect(distribute({ from: 'eu/*', to }, { from: 'eu/a', to })).toHaveLength(1);
  expect(distribute({ from: 'eu/a', to }, { from: 'eu/*', to })).toEqual([]);
});

test('failover needs outlier detection to happen', () => {
  const loadBalancer = { localityLbSetting: { failover: [{ from: 'eu', to: 'us' }] } };
  expect(policy({ loadBalancer })).toEqual([
    'warning webhook spec.trafficPolicy.loadBalancer.localityLbSetting',
  ]);
  expect(policy({ loadBalancer, outlierDetection: {} })).toEqual([]);
});

test('hashing has one key, a prime table and named cookies', () => {
  const hash = (consistentHash: object) => policy({ loadBalancer: { consistentHash } });
  expect(hash({ useSourceIp: true, maglev: { tableSize: 65537 } })).toEqual([]);
  expect(hash({ maglev: { tableSize: 65536 } })).toHaveLength(1);
  expect(hash({ useSourceIp: true, httpHeaderName: 'x-user' })).toEqual([
    'error crd spec.trafficPolicy.loadBalancer.consistentHash',
  ]);
  expect(hash({ httpCookie: { name: 'user', ttl: 'soon' } })).toHaveLength(1);
});

test('TLS names a credential or files, and verifies or does not', () => {
  expect(policy({ tls: { mode: 'MUTUAL', credentialName: 'client' } })).toEqual([]);
  expect(policy({ tls: { mode: 'MUTUAL' } })).toHaveLength(2);
  const both = { mode: 'SIMPLE', credentialName: 'ca', caCertificates: '/etc/ca.pem' };
  expect(policy({ tls: both })).toHaveLength(1);
  const unverified = { mode: 'SIMPLE', insecureSkipVerify: true, subjectAltNames: ['a.b'] };
  expect(policy({ tls: unverified })).toHaveLength(1);
  const foreign = { mode: 'SIMPLE', credentialName: 'configmap://other/ca' };
  expect(policy({ tls: foreign })).toHaveLength(1);
});

test('exportTo has no duplicates, and is the own namespace beside a selector (W-09)', () => {
  expect(check({ exportTo: ['.', 'batch'] })).toEqual([]);
  expect(check({ exportTo: ['.', 'llm-serving'] })).toEqual(['error webhook spec.exportTo[1]']);
  expect(check({ exportTo: ['*', 'batch'] })).toEqual(['error webhook spec.exportTo']);
  expect(check({ exportTo: ['~'] })).toEqual(['error webhook spec.exportTo[0]']);
  const workloadSelector = { matchLabels: { app: 'caller' } };
  expect(check({ exportTo: ['batch'], workloadSelector })).toEqual(['error webhook spec.exportTo']);
});
