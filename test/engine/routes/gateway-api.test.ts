/** Routes of the Gateway API: listeners, hosts, grants, and the pods behind. */
import {
  from,
  ingress,
  object,
  pods,
  requests,
  route,
  routes,
  service,
  stops,
} from '../../support/routes';

const API = 'gateway.networking.k8s.io/v1';
const NAME = 'gateway.networking.k8s.io/gateway-name';

const gateway = (more = '', listener = '', className = 'istio'): string =>
  object(
    API,
    'Gateway',
    'edge/public',
    `{ gatewayClassName: ${className}, listeners: [{ name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } }${listener} }]${more} }`,
  );
const front =
  pods('edge/gw', `${NAME}: public`) +
  object(
    'v1',
    'Service',
    'edge/public',
    `{ type: LoadBalancer, selector: { ${NAME}: public }, ports: [{ port: 80 }] }`,
  );
const ui = service('ml/ui', 'ui', '{ port: 80, targetPort: 8080 }') + pods('ml/ui');
const declared = (rule: string, more = '', kind = 'HTTPRoute', parent = ''): string =>
  object(
    API,
    kind,
    'ml/ui',
    `{ parentRefs: [{ name: public, namespace: edge${parent} }]${more}, rules: [{ ${rule} }] }`,
  );
const REF = 'backendRefs: [{ name: ui, port: 80 }]';
const plain = declared(REF);

test('the way leads through the pods of the Gateway', () => {
  const answer = route(plain + gateway() + front + ui, 'HTTPRoute');
  expect(answer).toMatchObject({ port: 80, through: ['edge/Deployment/gw'], verdict: 'ALLOWED' });
  expect(answer.to).toEqual([{ workload: 'ml/Deployment/ui', port: 8080 }]);
});

test('it stops at the pods’ policy, and passes where it names the Gateway’s namespace', () => {
  const closed = route(plain + gateway() + front + ui + ingress('ml', '[]'), 'HTTPRoute');
  expect(stops(closed)).toEqual(['DENIED isolated by ingress (NetworkPolicy ml/ingress)']);
  const admitted = ingress('ml', `[{ from: [${from('edge')}] }]`);
  expect(route(plain + gateway() + front + ui + admitted, 'HTTPRoute').verdict).toBe('ALLOWED');
});

test('matches say which requests are taken', () => {
  const match =
    'matches: [{ path: { type: PathPrefix, value: /v1 }, method: GET, headers: [{ name: X-Team, value: a }] }]';
  const answer = route(
    declared(`${match}, ${REF}`, ', hostnames: [ui.example.com]') + gateway() + front + ui,
    'HTTPRoute',
  );
  expect(requests(answer)).toEqual(['GET /v1,/v1/* ui.example.com']);
  expect(answer.http?.[0]?.when).toEqual([
    { key: 'request.headers[x-team]', values: ['a'], notValues: [] },
  ]);
});

test('a call of gRPC is a POST of its method', () => {
  const rule = `matches: [{ method: { service: ml.Predict, method: Run } }], ${REF}`;
  const answer = route(declared(rule, '', 'GRPCRoute') + gateway() + front + ui, 'GRPCRoute');
  expect(requests(answer)).toEqual(['POST /ml.Predict/Run']);
});

describe('a Service of another namespace', () => {
  const abroad = declared('backendRefs: [{ name: models, namespace: data, port: 80 }]');
  const models = service('data/models', 'models', '{ port: 80 }') + pods('data/models');
  const grant = (name: string, home = 'ml'): string =>
    object(
      'gateway.networking.k8s.io/v1beta1',
      'ReferenceGrant',
      'data/grant',
      `{ from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ${home} }], to: [{ group: "", kind: Service${name} }] }`,
    );
  const verdict = (text: string) => route(abroad + gateway() + front + models + text, 'HTTPRoute');

  test('is closed without a grant of that namespace', () => {
    expect(verdict('').verdict).toBe('DENIED');
    expect(stops(verdict(''))).toEqual([
      'DENIED no ReferenceGrant of data lets HTTPRoute ml/ui lead to Service models (HTTPRoute ml/ui)',
    ]);
  });

  test('is open with one for all, or for this Service', () => {
    expect(verdict(grant('')).verdict).toBe('ALLOWED');
    expect(verdict(grant(', name: models')).verdict).toBe('ALLOWED');
  });

  test('is closed where the grant is for others', () => {
    expect(verdict(grant(', name: other')).verdict).toBe('DENIED');
    expect(verdict(grant('', 'elsewhere')).verdict).toBe('DENIED');
  });
});

describe('a listener', () => {
  const stopped = (text: string): string[] => stops(route(text + front + ui, 'HTTPRoute'));

  test('takes hosts that it has in common with the route', () => {
    const wide = gateway('', ', hostname: "*.example.com"');
    const hosts = (host: string): string => declared(REF, `, hostnames: [${host}]`);
    expect(requests(route(hosts('ui.example.com') + wide + front + ui, 'HTTPRoute'))).toEqual([
      'ui.example.com',
    ]);
    expect(stopped(hosts('ui.other.com') + wide)).toEqual([
      'DENIED listener http is for *.example.com, the route for ui.other.com (Gateway edge/public)',
    ]);
  });

  test('takes routes of its own namespace, unless it says more', () => {
    const own = gateway().replace('{ namespaces: { from: All } }', '{}');
    expect(stopped(plain + own)).toEqual([
      'DENIED listener http takes no routes of namespace ml (Gateway edge/public)',
    ]);
  });

  test('takes routes of namespaces that it selects', () => {
    const selecting = gateway().replace(
      'from: All',
      'from: Selector, selector: { matchLabels: { team: ml } }',
    );
    const namespace = (labels: string): string =>
      `apiVersion: v1\nkind: Namespace\nmetadata: { name: ml, labels: ${labels} }\n---\n`;
    expect(stopped(plain + selecting + namespace('{ team: ml }'))).toEqual([]);
    expect(stopped(plain + selecting + namespace('{ team: x }'))[0]).toContain('takes no routes');
    // without the Namespace its labels are not known
    expect(stopped(plain + selecting)).toEqual([
      'UNKNOWN listener http chooses namespaces by labels (Gateway edge/public) [namespace-labels]',
    ]);
  });

  test('is the one that the route names', () => {
    const named = declared(REF, '', 'HTTPRoute', ', sectionName: https');
    expect(stopped(named + gateway())).toEqual([
      'DENIED the Gateway has no listener https (Gateway edge/public)',
    ]);
  });

  test('takes routes of its protocol', () => {
    const tcp = gateway().replace('protocol: HTTP', 'protocol: TCP');
    expect(stopped(plain + tcp)).toEqual([
      'DENIED listener http (TCP) takes no HTTPRoute (Gateway edge/public)',
    ]);
    const bytes = declared(REF, '', 'TCPRoute');
    expect(route(bytes + tcp + front + ui, 'TCPRoute').verdict).toBe('ALLOWED');
  });
});

test('a Gateway that was not read may take it', () => {
  expect(stops(route(plain + ui + front, 'HTTPRoute'))).toContain(
    'UNKNOWN no Gateway edge/public was read (HTTPRoute ml/ui) [route-target]',
  );
});

test('what is no Service, and no backend at all', () => {
  const pool = declared(
    'backendRefs: [{ group: inference.networking.k8s.io, kind: InferencePool, name: llm }]',
  );
  expect(stops(route(pool + gateway() + front, 'HTTPRoute'))).toEqual([
    'UNKNOWN leads to InferencePool llm, no Service (HTTPRoute ml/ui) [route-target]',
  ]);
  const empty = declared('matches: []');
  expect(stops(route(empty + gateway() + front, 'HTTPRoute'))).toEqual([
    'DENIED the rule has no backendRefs (HTTPRoute ml/ui)',
  ]);
  const redirect = declared('filters: [{ type: RequestRedirect }]');
  expect(routes(redirect + gateway()).length).toBe(0);
});

test('waypoints and Services as parents are the mesh’s own', () => {
  const mesh = declared(REF, '', 'HTTPRoute', ', kind: Service');
  expect(routes(mesh + ui)).toEqual([]);
  expect(routes(plain + gateway('', '', 'istio-waypoint') + ui)).toEqual([]);
});

test('a backend of weight 0 gets nothing', () => {
  const split = declared(
    'backendRefs: [{ name: ui, port: 80 }, { name: old, port: 80, weight: 0 }]',
  );
  expect(routes(split + gateway() + ui).map((one) => one.service)).toEqual(['ml/ui:80']);
});

describe('Istio’s own gateway', () => {
  const deny = (target: string): string =>
    object(
      'security.istio.io/v1',
      'AuthorizationPolicy',
      'edge/edge',
      `{ ${target}, action: DENY, rules: [{ to: [{ operation: { paths: [/admin*] } }] }] }`,
    );
  const TARGET = 'targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: public }]';
  const admin = declared(`matches: [{ path: { type: Exact, value: /admin } }], ${REF}`);

  test('obeys policies that target it', () => {
    const answer = route(admin + gateway() + front + ui + deny(TARGET), 'HTTPRoute');
    expect(answer.verdict).toBe('DENIED');
    expect(answer.steps[0]?.by.map((one) => one.object)).toEqual(['AuthorizationPolicy edge/edge']);
    const others = deny(TARGET.replace('public', 'other'));
    expect(route(admin + gateway() + front + ui + others, 'HTTPRoute').verdict).toBe('ALLOWED');
  });

  test('takes away what a policy denies', () => {
    const answer = route(plain + gateway() + front + ui + deny(TARGET), 'HTTPRoute');
    expect(answer.verdict).toBe('ALLOWED');
    expect(answer.http?.[0]?.notPaths).toEqual(['/admin*']);
  });

  test('lets clients in without a certificate, whatever the mesh asks of pods', () => {
    const strict = object(
      'security.istio.io/v1',
      'PeerAuthentication',
      'istio-system/mtls',
      '{ mtls: { mode: STRICT } }',
    );
    expect(route(plain + gateway() + front + ui + strict, 'HTTPRoute').steps[0]?.verdict).toBe(
      'ALLOWED',
    );
  });
});
