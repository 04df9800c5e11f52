import { problems } from './manifests';

const patch = (config: object) => problems('EnvoyFilter', { configPatches: [config] });
const LOCAL_RATE_LIMIT =
  'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';
const filter = {
  name: 'envoy.filters.network.http_connection_manager',
  subFilter: { name: 'envoy.filters.http.router' },
};
const insert = {
  operation: 'INSERT_BEFORE',
  value: {
    name: 'envoy.filters.http.local_ratelimit',
    typed_config: { '@type': LOCAL_RATE_LIMIT, stat_prefix: 'scorer_limit' },
  },
};
const onFilter = (match: object) => ({
  context: 'SIDECAR_INBOUND',
  listener: { filterChain: match },
});

test('accepts a local rate limit', () => {
  const route = {
    applyTo: 'HTTP_ROUTE',
    match: {
      context: 'SIDECAR_INBOUND',
      routeConfiguration: { vhost: { name: 'inbound|http|80' } },
    },
    patch: { operation: 'MERGE', value: { typed_per_filter_config: {} } },
  };
  const spec = {
    workloadSelector: { labels: { app: 'scorer' } },
    priority: 10,
    configPatches: [{ applyTo: 'HTTP_FILTER', match: onFilter({ filter }), patch: insert }, route],
  };
  expect(problems('EnvoyFilter', spec)).toEqual([]);
});

test('says what it applies to, how, and with which value', () => {
  expect(patch({ applyTo: 'HTTP_FILTER', patch: insert })).toEqual([]);
  expect(patch({ patch: insert })).toEqual(['error webhook spec.configPatches[0].applyTo']);
  expect(patch({ applyTo: 'CLUSTER' })).toEqual([
    'error webhook spec.configPatches[0].patch.operation',
    'error webhook spec.configPatches[0].patch.value',
  ]);
  expect(patch({ applyTo: 'CLUSTER', patch: { operation: 'REMOVE' } })).toEqual([]);
});

test('matches by what it applies to', () => {
  const config = { applyTo: 'CLUSTER', patch: { operation: 'REMOVE' } };
  expect(patch({ ...config, match: { cluster: {} } })).toEqual([]);
  expect(patch({ ...config, match: { listener: {} } })).toEqual([
    'error webhook spec.configPatches[0].match.listener',
  ]);
});

test('a subFilter is inside the HTTP connection manager, for HTTP filters', () => {
  const match = (applyTo: string, part: object) =>
    patch({ applyTo, match: onFilter({ filter: part }), patch: insert });
  const field = 'spec.configPatches[0].match.listener.filterChain.filter';
  expect(match('HTTP_FILTER', { ...filter, name: 'envoy.filters.network.tcp_proxy' })).toEqual([
    `error webhook ${field}.name`,
  ]);
  expect(match('NETWORK_FILTER', filter)).toEqual([`error webhook ${field}.subFilter`]);
  expect(match('HTTP_FILTER', { ...filter, name: 'envoy.http_connection_manager' })).toEqual([
    `warning webhook ${field}.name`,
  ]);
});

test('the proxy version is RE2, not endless', () => {
  const version = (proxyVersion: string) =>
    patch({ applyTo: 'HTTP_FILTER', match: { proxy: { proxyVersion } }, patch: insert });
  const field = 'spec.configPatches[0].match.proxy.proxyVersion';
  expect(version('1\\.3[01].*')).toEqual([]);
  expect(version('1\\.(?!2).*')).toEqual([`error webhook ${field}`]);
  expect(version('1'.repeat(1025))).toEqual([`warning webhook ${field}`]);
});

test('fails for types of the v2 API', () => {
  const value = {
    typed_config: { '@type': 'type.googleapis.com/envoy.config.ext_authz.v2.ExtAuthz' },
  };
  expect(patch({ applyTo: 'HTTP_FILTER', patch: { operation: 'ADD', value } })).toEqual([
    'error webhook spec.configPatches[0].patch.value',
  ]);
});

test('a waypoint match is for waypoints', () => {
  const config = { applyTo: 'HTTP_FILTER', patch: insert };
  expect(patch({ ...config, match: { context: 'WAYPOINT', waypoint: {} } })).toEqual([]);
  expect(patch({ ...config, match: { context: 'GATEWAY', waypoint: {} } })).toContain(
    'error crd spec.configPatches[0].match',
  );
});
