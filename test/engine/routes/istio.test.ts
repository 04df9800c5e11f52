/** VirtualServices through Istio's Gateways: servers, hosts, matches, subsets. */
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

const API = 'networking.istio.io/v1';
const gateway = (hosts = '["*"]', server = 'protocol: HTTP'): string =>
  object(
    API,
    'Gateway',
    'edge/public',
    `{ selector: { istio: edge }, servers: [{ port: { number: 80, name: p, ${server} }, hosts: ${hosts} }] }`,
  );
const front =
  pods('edge/gw', 'istio: edge') +
  object(
    'v1',
    'Service',
    'edge/gw',
    '{ type: LoadBalancer, selector: { istio: edge }, ports: [{ port: 80, targetPort: 8080 }] }',
  );
const ui = service('ml/ui', 'ui', '{ port: 80, targetPort: 9000 }') + pods('ml/ui');
const TO = 'route: [{ destination: { host: ui.ml.svc.cluster.local, port: { number: 80 } } }]';
const declared = (
  rules: string,
  more = 'gateways: [edge/public]',
  host = 'ui.example.com',
): string =>
  object(API, 'VirtualService', 'ml/ui', `{ hosts: ['${host}'], ${more}, http: [${rules}] }`);
const plain = declared(`{ ${TO} }`);
const whole = gateway() + front + ui;

test('the way leads through the pods that the Gateway selects, by their own port', () => {
  const answer = route(plain + whole, 'VirtualService');
  expect(answer).toMatchObject({ port: 80, through: ['edge/Deployment/gw'], verdict: 'ALLOWED' });
  expect(answer.steps.map((one) => `${one.from} -> ${one.to}`)).toEqual([
    'outside -> edge/Deployment/gw TCP 8080',
    'edge/Deployment/gw -> ml/Deployment/ui TCP 9000',
  ]);
  expect(requests(answer)).toEqual(['ui.example.com']);
});

test('it stops before and behind the gateway, by the policy there', () => {
  const before = route(
    plain + whole + ingress('edge', '[{ ports: [{ port: 80 }] }]'),
    'VirtualService',
  );
  expect(stops(before)).toEqual(['DENIED isolated by ingress (NetworkPolicy edge/ingress)']);
  const behind = ingress('ml', `[{ from: [${from('edge')}], ports: [{ port: 80 }] }]`);
  expect(stops(route(plain + whole + behind, 'VirtualService'))).toEqual([
    'DENIED isolated by ingress (NetworkPolicy ml/ingress)',
  ]);
  const both =
    behind.replace('port: 80', 'port: 9000') + ingress('edge', '[{ ports: [{ port: 8080 }] }]');
  expect(route(plain + whole + both, 'VirtualService').verdict).toBe('ALLOWED');
});

test('without a Service Istio listens on the very port', () => {
  const alone = gateway() + pods('edge/gw', 'istio: edge') + ui;
  expect(route(plain + alone, 'VirtualService').steps[0]?.to).toBe('edge/Deployment/gw TCP 80');
});

test('without gateways, or for the mesh, it is no way from outside', () => {
  expect(routes(declared(`{ ${TO} }`, 'gateways: [mesh]') + ui)).toEqual([]);
  expect(routes(declared(`{ ${TO} }`, 'exportTo: ["*"]') + ui)).toEqual([]);
});

describe('hosts', () => {
  const stopped = (hosts: string, host?: string): string[] =>
    stops(
      route(declared(`{ ${TO} }`, undefined, host) + gateway(hosts) + front + ui, 'VirtualService'),
    );

  test('are those that Gateway and VirtualService have in common', () => {
    expect(stopped('["*.example.com"]')).toEqual([]);
    expect(stopped('["other.example.com"]')).toEqual([
      'DENIED no server of Gateway edge/public is for ui.example.com of ml (Gateway edge/public)',
    ]);
  });

  test('may be for one namespace', () => {
    expect(stopped('["ml/*"]')).toEqual([]);
    expect(stopped('["./*"]')).toHaveLength(1);
    // a wildcard of the VirtualService does not open what is for others
    expect(stopped('["data/*"]', '*')).toHaveLength(1);
  });
});

describe('matches', () => {
  test('say which requests are taken, text by text', () => {
    const rule = `{ match: [{ uri: { prefix: /api }, method: { exact: GET } }, { uri: { exact: /b } }], ${TO} }`;
    expect(requests(route(declared(rule) + whole, 'VirtualService'))).toEqual([
      'GET /api* ui.example.com',
      '/b ui.example.com',
    ]);
  });

  test('of other gateways are not meant', () => {
    const rule = `{ match: [{ gateways: [mesh] }], ${TO} }`;
    expect(routes(declared(rule) + gateway() + ui)).toEqual([]);
  });

  test('behind one that takes everything are never asked', () => {
    const second = `{ match: [{ uri: { prefix: /api } }], ${TO} }`;
    const [first, other] = routes(declared(`{ ${TO} }, ${second}`) + whole).filter(({ entry }) =>
      entry.object.startsWith('VirtualService'),
    );
    expect(first?.verdict).toBe('ALLOWED');
    expect(other && stops(other)).toEqual([
      'DENIED http[0] takes every request before (VirtualService ml/ui)',
    ]);
  });

  test('by an expression are not known to be listed', () => {
    const meshed = ['ml', 'edge']
      .map(
        (name) =>
          `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { istio-injection: enabled } }\n---\n`,
      )
      .join('');
    const policy = object(
      'security.istio.io/v1',
      'AuthorizationPolicy',
      'ml/ui',
      '{ rules: [{ to: [{ operation: { paths: [/api/*] } }] }] }',
    );
    const http = ui.replace('port: 80,', 'port: 80, appProtocol: http,');
    const of = (uri: string) =>
      route(
        declared(`{ match: [{ uri: ${uri} }], ${TO} }`) +
          gateway() +
          front +
          http +
          meshed +
          policy,
        'VirtualService',
      );
    expect(of('{ regex: /api/.* }').verdict).toBe('UNKNOWN');
    expect(of('{ regex: /api/.* }').steps.at(-1)?.facts).toEqual(['routed-requests']);
    expect(of('{ prefix: /api/ }').verdict).toBe('ALLOWED');
    expect(of('{ prefix: /other }').verdict).toBe('DENIED');
  });
});

describe('a subset', () => {
  const split = declared(
    '{ route: [{ destination: { host: ui, subset: canary, port: { number: 80 } } }] }',
  );
  const rule = (name: string): string =>
    object(
      API,
      'DestinationRule',
      'ml/ui',
      `{ host: ui, subsets: [{ name: ${name}, labels: { version: v2 } }] }`,
    );
  const two =
    service('ml/ui', 'ui', '{ port: 80, targetPort: 9000 }') +
    pods('ml/v1', 'app: ui, version: v1') +
    pods('ml/v2', 'app: ui, version: v2');

  test('is the pods with its labels', () => {
    const answer = route(split + rule('canary') + gateway() + front + two, 'VirtualService');
    expect(answer).toMatchObject({
      ...{ verdict: 'ALLOWED', to: [{ workload: 'ml/Deployment/v2', port: 9000 }] },
    });
  });

  test('that no DestinationRule has leads nowhere', () => {
    const answer = route(split + rule('stable') + gateway() + front + two, 'VirtualService');
    expect(stops(answer)).toEqual([
      'DENIED no DestinationRule for ui has subset canary (VirtualService ml/ui)',
    ]);
  });
});

test('what was not read leaves the way open to question', () => {
  expect(stops(route(plain + front + ui, 'VirtualService'))).toContain(
    'UNKNOWN no Gateway edge/public was read (VirtualService ml/ui) [route-target]',
  );
  const outside = declared('{ route: [{ destination: { host: api.openai.com } }] }');
  expect(stops(route(outside + gateway() + front, 'VirtualService'))).toEqual([
    'UNKNOWN leads to api.openai.com, no Service (VirtualService ml/ui) [route-target]',
  ]);
  const delegated = declared('{ delegate: { name: other } }');
  expect(stops(route(delegated + gateway() + front, 'VirtualService'))).toEqual([
    'UNKNOWN leaves it to VirtualService other (VirtualService ml/ui) [route-unclear]',
  ]);
});

test('an object that Istio refuses decides nothing', () => {
  const refused = plain.replace('http:', 'hosst: [], http:');
  const answer = route(refused + whole, 'VirtualService');
  expect(answer.verdict).toBe('UNKNOWN');
  expect(stops(answer)[0]).toContain('[route-unclear]');
});

test('bytes and TLS that is passed on have lists of their own', () => {
  const tcp = object(
    API,
    'VirtualService',
    'ml/ui',
    `{ hosts: ['*'], gateways: [edge/public], tcp: [{ ${TO} }] }`,
  );
  expect(
    route(tcp + gateway('["*"]', 'protocol: TCP') + front + ui, 'VirtualService'),
  ).toMatchObject({
    verdict: 'ALLOWED',
  });
  // a server for requests takes none of them
  expect(routes(tcp + gateway() + ui)).toEqual([]);
});

test('clients of a gateway bring no certificate, whatever the mesh asks of pods', () => {
  const namespace =
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: edge, labels: { istio-injection: enabled } }\n---\n';
  const strict = object(
    'security.istio.io/v1',
    'PeerAuthentication',
    'istio-system/mtls',
    '{ mtls: { mode: STRICT } }',
  );
  const text = plain + whole + namespace + strict;
  expect(route(text, 'VirtualService').steps[0]?.verdict).toBe('ALLOWED');
  expect(route(text, 'Service').verdict).toBe('ALLOWED');
  // without the Gateway they are pods like others
  expect(route(front + namespace + strict, 'Service').verdict).toBe('DENIED');
});
