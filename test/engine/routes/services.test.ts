/** Services that take clients themselves: does anything from outside get to the pods? */
import { ingress, object, pods, route, routes, service, stops } from '../../support/routes';

const balancer = (more = ''): string =>
  service('ml/ui', 'ui', '{ port: 80, targetPort: 8080 }', `, type: LoadBalancer${more}`);

test('a load balancer leads to the pods’ own port, and is open where no policy holds them', () => {
  expect(route(balancer() + pods('ml/ui'), 'Service')).toMatchObject({
    port: 80,
    through: [],
    service: 'ml/ui:80',
    to: [{ workload: 'ml/Deployment/ui', port: 8080 }],
    verdict: 'ALLOWED',
  });
});

test('it is closed by the policy that isolates the pods', () => {
  const closed = route(balancer() + pods('ml/ui') + ingress('ml', '[]'), 'Service');
  expect(closed.verdict).toBe('DENIED');
  expect(stops(closed)).toEqual(['DENIED isolated by ingress (NetworkPolicy ml/ingress)']);
});

test('the Service port is not the pods’ port', () => {
  const text = (port: number): string =>
    balancer() + pods('ml/ui') + ingress('ml', `[{ ports: [{ port: ${String(port)} }] }]`);
  expect(route(text(8080), 'Service').verdict).toBe('ALLOWED');
  expect(route(text(80), 'Service').verdict).toBe('DENIED');
});

test('rules about pods never mean clients', () => {
  const text =
    balancer() + pods('ml/ui') + ingress('ml', '[{ from: [{ namespaceSelector: {} }] }]');
  expect(route(text, 'Service').verdict).toBe('DENIED');
});

describe('a rule about addresses', () => {
  const some = ingress('ml', '[{ from: [{ ipBlock: { cidr: 203.0.113.0/24 } }] }]');

  test('decides nothing where a node’s address may stand for the client’s', () => {
    const answer = route(balancer() + pods('ml/ui') + some, 'Service');
    expect(answer.verdict).toBe('UNKNOWN');
    expect(answer.steps[0]?.facts).toEqual(['client-address']);
  });

  test('opens the way for its own addresses where pods see those of clients', () => {
    const local = balancer(', externalTrafficPolicy: Local');
    const answer = route(local + pods('ml/ui') + some, 'Service');
    expect(answer.verdict).toBe('ALLOWED');
    expect(answer.steps[0]?.says).toBe('only from 203.0.113.0/24');
  });

  test('opens it for everybody where it means every address', () => {
    const all = ingress('ml', '[{ from: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }]');
    expect(route(balancer() + pods('ml/ui') + all, 'Service').verdict).toBe('ALLOWED');
  });

  test('need not mean addresses that no client has', () => {
    const block = '{ cidr: 0.0.0.0/0, except: [169.254.169.254/32, 127.0.0.0/8] }';
    const most = ingress('ml', `[{ from: [{ ipBlock: ${block} }] }]`);
    expect(route(balancer() + pods('ml/ui') + most, 'Service').verdict).toBe('ALLOWED');
  });
});

describe('source ranges of a load balancer', () => {
  const ranges = ', loadBalancerSourceRanges: [203.0.113.0/24]';
  const local = `${ranges}, externalTrafficPolicy: Local`;
  const only = 'the load balancer takes clients of 203.0.113.0/24 only';

  test('are said of a way that is open for them', () => {
    const answer = route(balancer(ranges) + pods('ml/ui'), 'Service');
    expect(answer.verdict).toBe('ALLOWED');
    expect(answer.steps[0]?.says).toBe(`no policy isolates the pods; ${only}`);
    expect(answer.steps[0]?.by.map((one) => one.object)).toEqual(['Service ml/ui']);
  });

  test('may stand in the older annotation', () => {
    const key = 'service.beta.kubernetes.io/load-balancer-source-ranges';
    const text = balancer().replace(
      'namespace: ml }',
      `namespace: ml, annotations: { ${key}: '203.0.113.0/24' } }`,
    );
    expect(route(text + pods('ml/ui'), 'Service').steps[0]?.says).toContain(only);
  });

  test('are nothing to a node port', () => {
    const text = service('ml/ui', 'ui', '{ port: 80 }', `, type: NodePort${ranges}`);
    expect(route(text + pods('ml/ui'), 'Service').steps[0]?.says).not.toContain(only);
  });

  test('leave the policy its part of them where pods see the addresses of clients', () => {
    const half = ingress('ml', '[{ from: [{ ipBlock: { cidr: 203.0.113.0/25 } }] }]');
    const answer = route(balancer(local) + pods('ml/ui') + half, 'Service');
    expect(answer.verdict).toBe('ALLOWED');
    expect(answer.steps[0]?.says).toBe(`only from 203.0.113.0/25; ${only}`);
  });

  test('that the policy does not let in are no certain way', () => {
    const others = ingress('ml', '[{ from: [{ ipBlock: { cidr: 198.51.100.0/24 } }] }]');
    const answer = route(balancer(local) + pods('ml/ui') + others, 'Service');
    expect(answer.verdict).toBe('UNKNOWN');
    expect(answer.steps[0]?.says).toContain(`${only}, of whom none certainly passes: isolated by`);
    expect(answer.steps[0]?.facts).toEqual(['client-address']);
    expect(answer.steps[0]?.by.map((one) => one.object)).toContain('Service ml/ui');
  });

  test('open nothing that policy closes', () => {
    const text = balancer(ranges) + pods('ml/ui') + ingress('ml', '[]');
    expect(route(text, 'Service').verdict).toBe('DENIED');
  });

  test('that are no CIDRs decide nothing', () => {
    const text = balancer(', loadBalancerSourceRanges: [office]') + pods('ml/ui');
    expect(stops(route(text, 'Service'))).toEqual([
      'UNKNOWN source ranges are no CIDRs (Service ml/ui) [route-unclear]',
    ]);
  });

  test('hold for the routes of a controller behind it', () => {
    const edge =
      service('edge/public', 'nginx', '{ port: 80 }', `, type: LoadBalancer${ranges}`) +
      pods('edge/nginx', 'app: nginx, app.kubernetes.io/name: ingress-nginx');
    const rule =
      '{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: ui, port: { number: 80 } } } }] } }';
    const entry = object(
      'networking.k8s.io/v1',
      'Ingress',
      'ml/ui',
      `{ ingressClassName: nginx, rules: [${rule}] }`,
    );
    const answer = route(
      edge + service('ml/ui', 'ui', '{ port: 80 }') + pods('ml/ui') + entry,
      'Ingress',
    );
    expect(answer.verdict).toBe('ALLOWED');
    expect(answer.steps[0]?.says).toContain(only);
  });
});

test('node ports and external addresses are ways from outside, a ClusterIP is none', () => {
  const of = (more: string): string[] =>
    routes(service('ml/ui', 'ui', '{ port: 80 }', more) + pods('ml/ui')).map((one) => one.verdict);
  expect(of(', type: NodePort')).toEqual(['ALLOWED']);
  expect(of(', externalIPs: [198.51.100.7]')).toEqual(['ALLOWED']);
  expect(of('')).toEqual([]);
});

test('a port by name is each pod’s own', () => {
  const named = service('ml/ui', 'ui', '{ port: 80, targetPort: web }', ', type: NodePort');
  const listening = pods('ml/ui', 'app: ui', '{ name: web, containerPort: 7000 }');
  expect(route(named + listening, 'Service').to).toEqual([
    { workload: 'ml/Deployment/ui', port: 7000 },
  ]);
  const without = route(named + pods('ml/ui'), 'Service');
  expect(without.verdict).toBe('DENIED');
  expect(stops(without)).toEqual([
    'DENIED no pods of Service ml/ui have a port web (Service ml/ui)',
  ]);
});

test('pods that nobody read may be open or closed', () => {
  expect(stops(route(balancer(), 'Service'))).toEqual([
    'UNKNOWN no pods of Service ml/ui were read (Service ml/ui) [route-target]',
  ]);
});

test('pods that differ leave the way open to question', () => {
  const second = pods('ml/old', 'app: ui, version: old');
  const policy = ingress('ml', '[]').replace(
    'podSelector: {}',
    'podSelector: { matchLabels: { version: old } }',
  );
  const answer = route(balancer() + pods('ml/ui') + second + policy, 'Service');
  expect(answer.verdict).toBe('UNKNOWN');
  expect(stops(answer)).toContain(
    'UNKNOWN not all pods alike: ALLOWED, DENIED [which of them is meant]',
  );
});

test('a mesh that asks clients for certificates closes it', () => {
  const mesh =
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: ml, labels: { istio-injection: enabled } }\n---\n' +
    'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: mtls, namespace: ml }\nspec: { mtls: { mode: STRICT } }\n---\n';
  const answer = route(balancer() + pods('ml/ui') + mesh, 'Service');
  expect(answer.verdict).toBe('DENIED');
  expect(answer.steps[0]?.by.map((one) => one.object)).toEqual(['PeerAuthentication ml/mtls']);
  const permissive = route(
    balancer() + pods('ml/ui') + mesh.replace('STRICT', 'PERMISSIVE'),
    'Service',
  );
  expect(permissive.verdict).toBe('ALLOWED');
});
