import { problems } from './manifests';

const scorer = 'scorer.scoring.svc.cluster.local';
const destination = { host: scorer };
const route = [{ destination }];
const check = (spec: object) => problems('VirtualService', { hosts: [scorer], ...spec });
const http = (...routes: object[]) => check({ http: routes });

test('accepts a canary with a default route', () => {
  const canary = {
    match: [{ uri: { prefix: '/v1/score' } }],
    route: [
      { destination: { host: scorer, subset: 'canary' }, weight: 5 },
      { destination: { host: scorer, subset: 'stable' }, weight: 95 },
    ],
    timeout: '10s',
    retries: { attempts: 2, perTryTimeout: '3s', retryOn: 'connect-failure,refused-stream' },
  };
  expect(http(canary, { route })).toEqual([]);
});

test('without hosts it is a delegate, for HTTP only and not again (VS-V1, VS-V7)', () => {
  const delegate = (spec: object) => problems('VirtualService', spec);
  expect(delegate({ http: [{ route }] })).toEqual([]);
  expect(delegate({ gateways: ['gateway'], http: [{ route }] })).toEqual([
    'error webhook spec.gateways',
  ]);
  expect(delegate({ http: [{ route, delegate: { name: 'other' } }] })).toEqual([
    'error webhook spec.http[0].delegate',
  ]);
  expect(http({ delegate: { name: 'other' } })).toEqual([]);
  expect(http({ delegate: { name: 'other' }, route })).toEqual([
    'error webhook spec.http[0].route',
  ]);
});

test('names gateways, warns of the dotted form (VS-V2)', () => {
  const gateways = (...names: string[]) => check({ gateways: names, http: [{ route }] });
  expect(gateways('istio-system/public', 'mesh')).toEqual([]);
  expect(gateways('public.istio-system.svc')).toEqual(['warning webhook spec.gateways[0]']);
  expect(gateways('istio-system/*')).toEqual(['error webhook spec.gateways[0]']);
});

test('routes on claims at gateways only (VS-V3)', () => {
  const routes = [
    { match: [{ headers: { '@request.auth.claims.team': { exact: 'ml' } } }], route },
  ];
  expect(check({ gateways: ['istio-system/public'], http: routes })).toEqual([]);
  expect(check({ http: routes })).toEqual([
    'error webhook spec.http[0].match[0].headers["@request.auth.claims.team"]',
  ]);
});

test('hosts do not overlap, and * is for gateways (VS-V4, VS-V5)', () => {
  expect(check({ hosts: ['*.foo.bar', '*.bar'], http: [{ route }] })).toEqual([
    'error webhook spec.hosts[1]',
  ]);
  expect(check({ hosts: ['*'], http: [{ route }] })).toEqual(['error webhook spec.hosts[0]']);
  expect(check({ hosts: ['*'], gateways: ['a/b'], http: [{ route }] })).toEqual([]);
  expect(check({})).toEqual(['error webhook spec']);
});

test('a route forwards, redirects or answers (VS-V6)', () => {
  expect(http({})).toEqual(['error webhook spec.http[0]']);
  expect(http({ redirect: { uri: '/' }, route })).toEqual(['error webhook spec.http[0].redirect']);
  expect(http({ directResponse: { status: 503 }, rewrite: { uri: '/' } })).toEqual([
    'error webhook spec.http[0].rewrite',
  ]);
  const mirrors = [{ destination }];
  expect(http({ route, mirror: destination, mirrors })).toEqual([
    'error webhook spec.http[0].mirror',
  ]);
});

test('matches have names, texts and RE2 (VS-V8)', () => {
  const match = (part: object) => http({ match: [part], route });
  expect(match({ uri: { prefix: '' }, headers: { ':path': { regex: '/v[12]/.*' } } })).toEqual([]);
  expect(match({ withoutHeaders: { 'x-debug': { regex: '*' } } })).toEqual([]);
  expect(match({ method: { prefix: '' } })).toEqual([
    'error webhook spec.http[0].match[0].method.prefix',
  ]);
  expect(match({ uri: { regex: '(?!/admin).*' } })).toEqual([
    'error webhook spec.http[0].match[0].uri.regex',
  ]);
  expect(match({ headers: { 'x debug': {} } })).toEqual([
    'error webhook spec.http[0].match[0].headers["x debug"]',
  ]);
});

test('headers are changed within bounds (VS-V9)', () => {
  const headers = (request: object, response = {}) =>
    http({ headers: { request, response }, route });
  expect(headers({ set: { ':authority': scorer, 'x-pod': '%HOSTNAME%' } })).toEqual([]);
  expect(headers({ set: { ':path': '/' } })).toHaveLength(1);
  expect(headers({}, { remove: ['host'] })).toHaveLength(1);
  expect(headers({ add: { 'x-share': '50%' } })).toHaveLength(1);
  const twice = { headers: { request: { set: { host: 'a.b' } } }, rewrite: { authority: 'a.c' } };
  expect(http({ ...twice, route })).toEqual([
    'error webhook spec.http[0].headers.request.set.host',
  ]);
});

test('destinations are hosts, weights have a sum, not 100 (VS-V10)', () => {
  const to = (...weights: number[]) =>
    http({ route: weights.map((weight) => ({ destination, weight })) });
  expect(to(49, 50)).toEqual([]);
  expect(to(0)).toEqual([]);
  expect(to(0, 0)).toEqual(['error webhook spec.http[0].route']);
  expect(http({ route: [{ destination: { host: '*', port: { number: 0 } } }] })).toEqual([
    'error webhook spec.http[0].route[0].destination.host',
    'error webhook spec.http[0].route[0].destination.port.number',
  ]);
});

test('retries name conditions without spaces, and attempts (VS-V11, VS-V12)', () => {
  const retries = (settings: object) => http({ route, retries: settings });
  expect(retries({ attempts: 2, retryOn: '5xx,503' })).toEqual([]);
  expect(retries({ attempts: 2, retryOn: '5xx, reset' })).toHaveLength(1);
  expect(retries({ attempts: 2, retryOn: '599' })).toHaveLength(1);
  expect(retries({ attempts: 0, retryOn: '5xx' })).toEqual(['error webhook spec.http[0].retries']);
  expect(retries({ attempts: 1, perTryTimeout: '1.5ms' })).toHaveLength(1);
});

test('faults have statuses and percentages, CORS methods and seconds (VS-V13, VS-V14)', () => {
  const fault = (part: object) => http({ route, fault: part });
  expect(fault({ abort: { httpStatus: 503, percentage: { value: 0.5 } } })).toEqual([]);
  expect(fault({ abort: { grpcStatus: 'BROKEN' } })).toHaveLength(1);
  expect(fault({ delay: { fixedDelay: '1s', percentage: { value: 0.00001 } } })).toHaveLength(1);
  expect(fault({})).toEqual(['error webhook spec.http[0].fault']);
  expect(http({ route, corsPolicy: { allowMethods: ['get'], maxAge: '1500ms' } })).toHaveLength(2);
});

test('redirects, answers and rewrites are complete (VS-V15 to VS-V17)', () => {
  expect(http({ redirect: {} })).toEqual(['error webhook spec.http[0].redirect']);
  expect(http({ redirect: { scheme: 'ws', redirectCode: 200 } })).toHaveLength(2);
  expect(http({ directResponse: { status: 199 } })).toHaveLength(1);
  const body = { string: 'x'.repeat(101 * 1024) };
  // the API server takes a list for bytes
  expect(http({ directResponse: { status: 200, body: { bytes: ['eA=='] } } })).toEqual([
    'error webhook spec.http[0].directResponse.body.bytes',
  ]);
  expect(http({ directResponse: { status: 200, body } })).toEqual([
    'warning webhook spec.http[0].directResponse.body',
  ]);
  expect(http({ route, rewrite: {} })).toEqual(['error webhook spec.http[0].rewrite']);
});

test('SNI hosts are among the hosts (VS-V18)', () => {
  const tls = (...sniHosts: string[]) => check({ tls: [{ match: [{ sniHosts }], route }] });
  expect(tls(scorer)).toEqual([]);
  expect(tls('hub.example.com')).toEqual(['error webhook spec.tls[0].match[0].sniHosts[0]']);
  expect(tls('10.0.0.1')).toEqual(['warning webhook spec.tls[0].match[0].sniHosts[0]']);
});

test('warns of routes that no request reaches (VS-V19)', () => {
  expect(http({ route }, { route })).toEqual(['warning webhook spec.http[1]']);
  const match = [{ uri: { exact: '/v1/score' } }];
  expect(http({ match, route }, { match: [{ name: 'again', ...match[0] }], route })).toEqual([
    'warning webhook spec.http[1].match[0]',
    'warning webhook spec.http[1]',
  ]);
  const prefixes = [{ uri: { prefix: '/v1' } }, { uri: { prefix: '/v1/score' } }];
  expect(http({ match: prefixes, route })).toEqual(['warning webhook spec.http[0].match[1]']);
});
