/** Ingress: through which controller, to which pods, and is it open end to end? */
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

const declared = (path: string, more = ''): string =>
  object(
    'networking.k8s.io/v1',
    'Ingress',
    'ml/ui',
    `{ ${more} rules: [{ host: ui.example.com, http: { paths: [${path}] } }] }`,
  );
const backend = (port: string, name = 'ui'): string =>
  `backend: { service: { name: ${name}, port: ${port} } }`;
const way = declared(
  `{ path: /api, pathType: Prefix, ${backend('{ name: web }')} }`,
  'ingressClassName: nginx,',
);
const ui = service('ml/ui', 'ui', '{ name: web, port: 80, targetPort: 8080 }') + pods('ml/ui');
const NGINX = 'app.kubernetes.io/name: ingress-nginx';
const nginx =
  pods('edge/nginx', NGINX) +
  object(
    'v1',
    'Service',
    'edge/nginx',
    `{ type: LoadBalancer, selector: { ${NGINX} }, ports: [{ port: 80, targetPort: 8000 }, { port: 443, targetPort: 8443 }] }`,
  );

test('the way leads through the controller of its class to the pods', () => {
  const answer = route(way + ui + nginx, 'Ingress');
  expect(answer).toMatchObject({
    ...{ port: 80, verdict: 'ALLOWED', service: 'ml/ui:80' },
    ...{ through: ['edge/Deployment/nginx'], to: [{ workload: 'ml/Deployment/ui', port: 8080 }] },
  });
  expect(requests(answer)).toEqual(['/api,/api/* ui.example.com']);
  expect(answer.steps.map(({ from: a, to }) => `${a} -> ${to}`)).toEqual([
    'outside -> edge/Deployment/nginx TCP 8000',
    'edge/Deployment/nginx -> ml/Deployment/ui TCP 8080',
  ]);
});

test('it stops before the controller, by the controller’s policy', () => {
  const closed = route(
    way + ui + nginx + ingress('edge', '[{ ports: [{ port: 8443 }] }]'),
    'Ingress',
  );
  expect(closed.verdict).toBe('DENIED');
  expect(stops(closed)).toEqual(['DENIED isolated by ingress (NetworkPolicy edge/ingress)']);
});

test('TLS comes in by the other port', () => {
  const secure = way.replace('spec: {', 'spec: { tls: [{ hosts: [ui.example.com] }],');
  const text = secure + ui + nginx + ingress('edge', '[{ ports: [{ port: 8443 }] }]');
  expect(route(text, 'Ingress')).toMatchObject({ port: 443, verdict: 'ALLOWED' });
});

test('it stops behind the controller, by the pods’ policy', () => {
  const closed = route(
    way + ui + nginx + ingress('ml', `[{ from: [${from('other')}] }]`),
    'Ingress',
  );
  expect(stops(closed)).toEqual(['DENIED isolated by ingress (NetworkPolicy ml/ingress)']);
  const admitted = ingress('ml', `[{ from: [${from('edge')}], ports: [{ port: 8080 }] }]`);
  expect(route(way + ui + nginx + admitted, 'Ingress').verdict).toBe('ALLOWED');
});

test('another class has another controller', () => {
  const other = route(way.replace('nginx', 'traefik') + ui + nginx, 'Ingress');
  expect(other).toMatchObject({ through: ['ingress class traefik'], verdict: 'UNKNOWN' });
  expect(other.steps[0]?.facts).toEqual(['entry-controller']);
});

test('an IngressClass says which controller serves its name, and which is the default', () => {
  const kind = (name: string, more = ''): string =>
    `apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: { name: ${name}${more} }\nspec: { controller: k8s.io/ingress-nginx }\n---\n`;
  const own = way.replace('nginx', 'public');
  expect(route(own + ui + nginx + kind('public'), 'Ingress').verdict).toBe('ALLOWED');
  const unnamed = way.replace('ingressClassName: nginx,', '');
  const marked = kind(
    'public',
    ', annotations: { ingressclass.kubernetes.io/is-default-class: "true" }',
  );
  const traefik = pods('edge/traefik', 'app.kubernetes.io/name: traefik');
  expect(route(unnamed + ui + nginx + traefik + marked, 'Ingress').through).toEqual([
    'edge/Deployment/nginx',
  ]);
});

test('a class that a cloud serves has no pods', () => {
  const answer = route(way.replace('nginx', 'alb') + ui + nginx, 'Ingress');
  expect(answer).toMatchObject({ through: ['ingress class alb'], verdict: 'UNKNOWN' });
});

test('a controller that nobody shows cannot open what is closed for everybody', () => {
  const closed = route(way + ui + ingress('ml', '[]'), 'Ingress');
  expect(closed.verdict).toBe('DENIED');
  expect(route(way + ui, 'Ingress').verdict).toBe('UNKNOWN');
});

test('the profile’s gateways serve what no controller of the input does', () => {
  const profile = { gateways: [{ namespace: 'edge', labels: { app: 'gw' } }] };
  const held = ingress('ml', `[{ from: [${from('edge')}] }]`);
  expect(route(way + ui + held, 'Ingress', profile)).toMatchObject({
    ...{ through: ['edge/Stranger/gateway'], verdict: 'ALLOWED' },
  });
  // which port they listen on is not known: it matters as soon as a policy holds some
  const front = ingress('edge', '[{ ports: [{ port: 80 }] }]');
  expect(stops(route(way + ui + front, 'Ingress', profile))).toEqual([
    'UNKNOWN which port is behind TCP 80 is not known [listener-port]',
  ]);
});

test('a controller to which no Service leads from outside is no certain way in', () => {
  const inside = nginx.replace('type: LoadBalancer,', '');
  expect(stops(route(way + ui + inside, 'Ingress'))).toEqual([
    'UNKNOWN no Service leads to the pods from outside [entry-controller]',
  ]);
});

describe('broken links are named', () => {
  test('a Service that was not read', () => {
    const broken = declared(
      `{ path: /, pathType: Prefix, ${backend('{ number: 80 }', 'gone')} }`,
      'ingressClassName: nginx,',
    );
    expect(stops(route(broken + nginx, 'Ingress'))).toEqual([
      'UNKNOWN no Service ml/gone was read (Ingress ml/ui) [route-target]',
    ]);
  });

  test('a port that the Service does not have', () => {
    const broken = declared(
      `{ path: /, pathType: Prefix, ${backend('{ number: 8080 }')} }`,
      'ingressClassName: nginx,',
    );
    const answer = route(broken + ui + nginx, 'Ingress');
    expect(answer.verdict).toBe('DENIED');
    expect(stops(answer)).toEqual([
      'DENIED Service ml/ui has no port 8080, but 80 (Service ml/ui)',
    ]);
  });

  test('a bucket is no Service', () => {
    const broken = declared(
      '{ path: /, pathType: Prefix, backend: { resource: { kind: Bucket, name: b } } }',
    );
    expect(stops(route(broken + nginx, 'Ingress'))).toEqual([
      'UNKNOWN leads to Bucket, no Service (Ingress ml/ui) [route-target]',
    ]);
  });
});

test('the default backend takes every request', () => {
  const text = object(
    'networking.k8s.io/v1',
    'Ingress',
    'ml/ui',
    `{ defaultBackend: { service: { name: ui, port: { number: 80 } } } }`,
  );
  const answer = route(text + ui + nginx, 'Ingress');
  expect([answer.verdict, answer.http]).toEqual(['ALLOWED', undefined]);
});

describe('in a mesh', () => {
  const meshed = ['ml', 'edge']
    .map(
      (name) =>
        `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { istio-injection: enabled } }\n---\n`,
    )
    .join('');
  const allow = (paths: string): string =>
    object(
      'security.istio.io/v1',
      'AuthorizationPolicy',
      'ml/ui',
      `{ rules: [{ from: [{ source: { namespaces: [edge] } }], to: [{ operation: { methods: [GET], paths: ${paths} } }] }] }`,
    );
  const http = ui
    .replace('name: web', 'name: http-web')
    .replace('targetPort', 'appProtocol: http, targetPort');
  const named = way.replace('name: web', 'name: http-web');

  test('what the route takes and the policy allows is what passes', () => {
    const answer = route(named + http + nginx + meshed + allow('[/api/*]'), 'Ingress');
    expect(answer.verdict).toBe('ALLOWED');
    expect(requests(answer)).toEqual(['GET /api/* ui.example.com']);
  });

  test('a path that no rule lists is closed by the rules that list others', () => {
    const answer = route(named + http + nginx + meshed + allow('[/other]'), 'Ingress');
    expect(answer.verdict).toBe('DENIED');
    expect(answer.steps.at(-1)?.by.map((one) => one.object)).toEqual(['AuthorizationPolicy ml/ui']);
  });

  test('a path that the controller rewrites is not known to be listed', () => {
    const rewriting = named.replace(
      'namespace: ml }',
      'namespace: ml, annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 } }',
    );
    const answer = route(rewriting + http + nginx + meshed + allow('[/api/*]'), 'Ingress');
    expect(answer.verdict).toBe('UNKNOWN');
    expect(answer.steps.at(-1)?.facts).toEqual(['routed-requests']);
    // where every request passes, it does not matter
    expect(route(rewriting + http + nginx + meshed, 'Ingress').verdict).toBe('ALLOWED');
  });
});

test('each path is a way of its own', () => {
  const two = declared(
    `{ path: /a, pathType: Exact, ${backend('{ number: 80 }')} }, { path: /b, pathType: Exact, ${backend('{ number: 81 }')} }`,
    'ingressClassName: nginx,',
  );
  const own = routes(two + ui + nginx).filter(({ entry }) => entry.object === 'Ingress ml/ui');
  expect(own.map(({ verdict }) => verdict)).toEqual(['ALLOWED', 'DENIED']);
});
