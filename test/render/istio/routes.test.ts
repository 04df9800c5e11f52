import { Duration } from 'cdk8s';
import type { TrafficRouteProps } from '../../../src';
import {
  Mesh,
  MeshMembership,
  L7AccessRule,
  DefaultDeny,
  Http,
  Identity,
  Port,
  Protocol,
  TrafficModel,
  TrafficRoute,
  TrafficSplit,
} from '../../../src';
import { formatProblem } from '../../../src/values/problem';
import type { Places } from '../../support/naive-routes';
import { placesOf } from '../../support/naive-routes';
import type { Serving, ServingOptions } from '../../support/serving';
import { METRICS, problems, saidByIstio, serving, theOnly, written } from '../../support/serving';

const HOST = 'model-api.llm-serving.svc.cluster.local';
const STABLE = { version: 'v1-stable' };
const CANARY = { version: 'v2-canary' };

type Route = Omit<TrafficRouteProps, 'workload'>;

function routed(props: Route, options?: ServingOptions): Serving {
  return serving(({ chart, api: workload }) => {
    new TrafficRoute(chart, 'route', { workload, ...props });
  }, options);
}

function where(told: Serving, path: string, port = 80, gateway?: string): Places {
  const host = gateway === undefined ? HOST : 'models.example.com';
  return placesOf(written(told), { host, path, port, gateway });
}

const canary: Route = { split: TrafficSplit.canary('stable', 'canary', 10) };

describe('a route', () => {
  it('divides every request among the pods that carry a variant’s labels', () => {
    expect(where(routed(canary), '/v1/predict')).toEqual([
      [10, CANARY, 80],
      [90, STABLE, 80],
    ]);
  });

  it('divides some paths only, and leads every other one to the default', () => {
    const told = routed({ ...canary, paths: ['/v1/predict*', '/v2/infer'], otherwise: 'stable' });
    const both = [
      [10, CANARY, 80],
      [90, STABLE, 80],
    ];
    expect(where(told, '/v1/predict')).toEqual(both);
    expect(where(told, '/v1/predict/bert')).toEqual(both);
    expect(where(told, '/v2/infer')).toEqual(both);
    expect(where(told, '/v2/infer/bert')).toEqual([[100, STABLE, 80]]);
    expect(where(told, '/v1/models')).toEqual([[100, STABLE, 80]]);
    expect(where(told, '/')).toEqual([[100, STABLE, 80]]);
  });

  it('leads to all pods alike without a split', () => {
    expect(where(routed({ timeout: Duration.seconds(5) }), '/')).toEqual([[100, {}, 80]]);
  });

  it.each([
    [0, [[100, STABLE, 80]]],
    [1, [[5, CANARY, 80], [95, STABLE, 80]]], // prettier-ignore
    [3, [[100, CANARY, 80]]],
  ])('rolls out in steps: after step %i', (step, places) => {
    const told = routed({
      split: TrafficSplit.rollOut({ from: 'stable', to: 'canary', steps: [5, 50, 100], step }),
    });
    expect(where(told, '/')).toEqual(places);
  });

  it('defines both subsets at every step, so that the next one finds them', () => {
    for (const step of [0, 1, 2]) {
      const split = TrafficSplit.rollOut({ from: 'stable', to: 'canary', steps: [50, 100], step });
      expect(theOnly(routed({ split }), 'DestinationRule').spec).toMatchObject({
        subsets: [
          { name: 'canary', labels: CANARY },
          { name: 'stable', labels: STABLE },
        ],
      });
    }
  });

  it('leaves the other ports of the Service to themselves', () => {
    const ports = [
      { port: 80, targetPort: 8080, name: 'http' },
      { port: 9090, name: 'http-metrics' },
    ];
    const services = [{ name: 'model-api', ports }];
    const props = { ports: [Port.http(8080), METRICS], services };
    const told = routed({ ...canary, port: 80 }, { props });
    expect(where(told, '/metrics', 9090)).toEqual([[100, {}, 9090]]);
    expect(where(told, '/metrics', 80)).toHaveLength(2);
  });

  it('says nothing about ports of the Service in which no proxy reads requests', () => {
    const ports = [
      { port: 80, targetPort: 8080 },
      { port: 5432, name: 'tcp-db' },
      { port: 8125, protocol: Protocol.UDP },
      { port: 8443, targetPort: 8443 },
      { port: 7000 },
    ];
    const props = {
      ports: [Port.http(8080), Port.https(8443)],
      services: [{ name: 'model-api', ports }],
    };
    const told = routed({ ...canary, port: 80 }, { props });
    // of 7000 nothing is said, so that Istio looks for requests there
    expect(theOnly(told, 'VirtualService').spec).toMatchObject({
      http: [{ name: 'port-7000' }, { name: 'every-request' }],
    });
  });

  it('says a path once that a prefix says too', () => {
    const paths = ['/v1/*', '/v1/predict', '/v1/models/*', '/v2*', '/v2', '/v3'];
    const virtualService = theOnly(
      routed({ ...canary, paths, otherwise: 'stable' }),
      'VirtualService',
    );
    expect(virtualService.spec).toMatchObject({
      http: [
        { match: [{ uri: { prefix: '/v1/' } }, { uri: { prefix: '/v2' } }, { uri: { exact: '/v3' } }] }, // prettier-ignore
        { name: 'everything-else' },
      ],
    });
    expect(saidByIstio(virtualService)).toEqual([]);
  });

  it('leaves the workload’s other Services alone', () => {
    const services = [
      { name: 'model-api', ports: [{ port: 80, targetPort: 8080 }] },
      { name: 'model-api-headless', ports: [{ port: 8080 }] },
    ];
    const told = routed({ ...canary, service: 'model-api' }, { props: { services } });
    expect(theOnly(told, 'VirtualService').spec).toMatchObject({ hosts: [HOST], http: [{}] });
    expect(where(told, '/', 8080)).toEqual(where(told, '/'));
  });

  it('routes requests of gateways by the hosts that they serve', () => {
    const ports = [
      { port: 80, targetPort: 8080, name: 'http' },
      { port: 8443, targetPort: 9090, name: 'http-metrics' },
    ];
    const props = {
      ports: [Port.http(8080), METRICS],
      services: [{ name: 'model-api', ports }],
    };
    const gateways = ['istio-system/public'];
    const route = { ...canary, port: 80, gateways, hosts: ['models.example.com'] };
    const told = routed(route, { props });
    // the gateway's port is not the Service's, though it has the number of one
    expect(where(told, '/', 8443, 'istio-system/public')).toEqual(where(told, '/'));
    expect(where(told, '/', 8443)).toEqual([[100, {}, 8443]]);
    expect(where(told, '/', 8443, 'istio-system/private')).toBe(404);
    expect(theOnly(told, 'VirtualService').spec).toMatchObject({
      gateways: ['mesh', 'istio-system/public'],
      hosts: [HOST, 'models.example.com'],
    });
  });

  it('is written as Istio’s objects, in full', () => {
    const told = routed({
      ...canary,
      paths: ['/v1/predict*'],
      otherwise: 'stable',
      timeout: Duration.seconds(5),
      retries: { attempts: 2, perTryTimeout: Duration.millis(1500) },
      connectionPool: {
        maxConnections: 100,
        connectTimeout: Duration.millis(250),
        maxPendingRequests: 64,
        maxRequests: 128,
        maxRequestsPerConnection: 1000,
        idleTimeout: Duration.minutes(5),
      },
      outlierDetection: { consecutiveErrors: 3 },
      mirror: { variant: 'canary', percentage: 2.5 },
      reason: 'week 12',
    });
    const to = (subset: string): object => ({ host: HOST, subset, port: { number: 80 } });
    const limits = {
      timeout: '5s',
      retries: {
        attempts: 2,
        perTryTimeout: '1500ms',
        retryOn: 'connect-failure,refused-stream',
      },
    };
    const virtualService = theOnly(told, 'VirtualService');
    expect(virtualService).toMatchObject({
      apiVersion: 'networking.istio.io/v1',
      metadata: {
        name: 'model-api-route',
        namespace: 'llm-serving',
        annotations: { 'cdk8s-ml-netpol/flows': 'a route to canary 10, stable 90: week 12' },
      },
    });
    expect(virtualService.spec).toEqual({
      hosts: [HOST],
      http: [
        {
          name: 'paths',
          match: [{ uri: { prefix: '/v1/predict' } }],
          route: [
            { destination: to('canary'), weight: 10 },
            { destination: to('stable'), weight: 90 },
          ],
          ...limits,
          mirror: to('canary'),
          mirrorPercentage: { value: 2.5 },
        },
        { name: 'everything-else', route: [{ destination: to('stable') }], ...limits },
      ],
    });
    expect(theOnly(told, 'DestinationRule').spec).toEqual({
      host: HOST,
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 100, connectTimeout: '250ms' },
          http: {
            http1MaxPendingRequests: 64,
            http2MaxRequests: 128,
            maxRequestsPerConnection: 1000,
            idleTimeout: '300s',
          },
        },
        outlierDetection: {
          consecutive5xxErrors: 3,
          interval: '10s',
          baseEjectionTime: '30s',
          maxEjectionPercent: 50,
        },
        tls: { mode: 'ISTIO_MUTUAL' },
      },
      subsets: [
        { name: 'canary', labels: CANARY },
        { name: 'stable', labels: STABLE },
      ],
    });
  });

  it('is written as objects that Istio has nothing to say about', () => {
    const told = routed({
      ...canary,
      paths: ['/v1/*', '/v2/infer'],
      otherwise: 'stable',
      gateways: ['public'],
      hosts: ['*.example.com'],
      retries: { attempts: 0 },
      connectionPool: { maxConnections: 1 },
      mirror: { variant: 'stable' },
    });
    for (const kind of ['VirtualService', 'DestinationRule']) {
      expect(saidByIstio(theOnly(told, kind))).toEqual([]);
    }
  });

  it('keeps mutual TLS where nothing else is said', () => {
    expect(theOnly(routed({}), 'DestinationRule').spec).toEqual({
      host: HOST,
      trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
    });
  });

  it('never leaves retries to Istio, which repeats requests that a pod may have worked on', () => {
    const retriesOf = (route: Route): unknown =>
      (theOnly(routed(route), 'VirtualService').spec as { http: { retries: unknown }[] }).http.map(
        ({ retries }) => retries,
      );
    const safe = { attempts: 2, retryOn: 'connect-failure,refused-stream' };
    expect(retriesOf({})).toEqual([safe]);
    expect(retriesOf({ ...canary, paths: ['/v1/*'], otherwise: 'stable' })).toEqual([safe, safe]);
    expect(retriesOf({ retries: { attempts: 0 } })).toEqual([{ attempts: 0 }]);
  });

  it('allows nobody anything and isolates nobody', () => {
    const policies = ['NetworkPolicy', 'AuthorizationPolicy'];
    for (const kind of policies) {
      expect(written(routed(canary), kind)).toEqual(written(serving(), kind));
    }
  });

  it('says the same in whatever order it was declared', () => {
    const first = serving((told) => {
      route(told);
      rule(told);
    });
    const last = serving(
      (told) => {
        rule(told);
        route(told);
      },
      { profileLast: true },
    );
    expect(written(last)).toEqual(written(first));
  });
});

function route({ chart, api: workload }: Serving): void {
  new TrafficRoute(chart, 'route', { workload, ...canary });
}

function rule({ chart, api: to }: Serving): void {
  const from = [Identity.serviceAccount('ml-jobs', 'job-runner')];
  new L7AccessRule(chart, 'rule', { to, from, http: [Http.post('/v1/predict')] });
}

describe('a route fails', () => {
  it.each<[string, string, Route, ServingOptions]>([
    [
      'to a variant that nobody labels',
      'subset-unlabelled',
      { split: TrafficSplit.all('beta') },
      {},
    ],
    [
      'by default to a variant that nobody labels',
      'subset-unlabelled',
      { ...canary, paths: ['/v1/*'], otherwise: 'beta' },
      {},
    ],
    [
      'with copies for a variant that nobody labels',
      'subset-unlabelled',
      { mirror: { variant: 'beta' } },
      {},
    ],
    [
      'without variants',
      'subset-unlabelled',
      { split: TrafficSplit.all('stable') },
      { props: { variants: undefined } },
    ],
    ['without a Service', 'route-without-service', canary, { props: { services: [] } }],
    [
      'for a Service that the workload does not have',
      'route-without-service',
      { service: 'api' },
      {},
    ],
    ['for a port that the Service does not have', 'route-without-service', { port: 8080 }, {}],
    [
      'on a TCP port',
      'route-without-service',
      canary,
      { props: { ports: [Port.tcp(8080)], services: [{ name: 'a', ports: [{ port: 8080 }] }] } },
    ],
    [
      'on a port that the Service calls TCP',
      'route-without-service',
      canary,
      { props: { services: [{ name: 'a', ports: [{ port: 8080, name: 'tcp-web' }] }] } },
    ],
    [
      'where two ports may be meant',
      'route-ambiguous',
      canary,
      {
        props: {
          services: [{ name: 'a', ports: [{ port: 8080 }, { port: 80, targetPort: 8080 }] }],
        },
      },
    ],
    ['out of the mesh', 'requests-out-of-mesh', canary, { membership: MeshMembership.OUT }],
    ['without a mesh', 'requests-without-mesh', canary, { mesh: Mesh.none() }],
    ['in ambient without a waypoint', 'requests-at-waypoint', canary, { mesh: Mesh.ambient() }],
  ])('%s', (_, code, props, options) => {
    const found = problems(routed(props, options));
    expect(found.map((one) => one.code)).toContain(code);
    expect(found.every((one) => one.where === 'chart/route: llm-serving/model-api')).toBe(true);
  });

  it('once per variant that nobody labels', () => {
    const told = routed({
      split: TrafficSplit.weights({ stable: 50, beta: 30, gamma: 20 }),
      mirror: { variant: 'beta' },
    });
    expect(problems(told).map(({ code, got }) => [code, got])).toEqual([
      ['subset-unlabelled', 'beta'],
      ['subset-unlabelled', 'gamma'],
    ]);
  });

  it('where another one routes the Service', () => {
    const told = serving(({ chart, api: workload }) => {
      new TrafficRoute(chart, 'one', { workload, ...canary });
      new TrafficRoute(chart, 'other', { workload, timeout: Duration.seconds(1) });
    });
    expect(problems(told)).toMatchObject([{ code: 'route-twice', got: HOST }]);
  });

  it('in full sentences', () => {
    const [problem] = problems(routed({ split: TrafficSplit.all('beta') }));
    expect(problem && formatProblem({ ...problem, source: undefined })).toBe(
      'chart/route: llm-serving/model-api: got "beta", expected a variant that the workload declares: canary, stable; fix: variants: { beta: { version: \'beta\' } } where the workload is declared',
    );
  });

  it('at the line that declared it', () => {
    const [problem] = problems(routed({ split: TrafficSplit.all('beta') }));
    expect(problem?.source).toMatch(/^test\/render\/istio\/routes\.test\.ts:\d+$/);
  });
});

describe('without a proxy', () => {
  it.each([
    ['no mesh', { mesh: Mesh.none() }],
    ['out of the mesh', { membership: MeshMembership.OUT }],
  ])('a route is given up under a waiver: %s', (_, options) => {
    const reason = 'no canary in the edge clusters';
    const told = routed({ ...canary, withoutMesh: 'l4', reason }, options);
    expect(written(told, 'VirtualService')).toEqual([]);
    expect(written(told, 'DestinationRule')).toEqual([]);
    expect(TrafficModel.of(told.app).waivers).toEqual([
      'requests to llm-serving/model-api: no proxy sees them: nothing holds a route to canary 10, stable 90',
    ]);
  });

  it('nothing is waived that was not given up', () => {
    const told = routed(canary, { mesh: Mesh.none() });
    expect(problems(told)).toHaveLength(1);
    expect(TrafficModel.of(told.app).waivers).toEqual([]);
  });

  it('of a waiver that is not needed nothing is said', () => {
    const told = routed({ ...canary, withoutMesh: 'l4', reason: 'edge clusters' });
    expect(TrafficModel.of(told.app).waivers).toEqual([]);
    expect(written(told, 'VirtualService')).toHaveLength(1);
  });
});

it('stands in the traffic model file', () => {
  const records = TrafficModel.of(routed(canary).app)
    .lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ record }) => record === 'mesh' || record === 'workload');
  expect(records).toMatchObject([
    { record: 'workload', name: 'ratelimit' },
    { record: 'workload', name: 'model-api', variants: { canary: CANARY, stable: STABLE } },
    {
      record: 'mesh',
      kind: 'route',
      workload: 'model-api',
      shares: [
        ['canary', 10],
        ['stable', 90],
      ],
    },
  ]);
});

it('goes through a waypoint where the namespace has one', () => {
  const told = serving(
    (one) => {
      new DefaultDeny(one.chart, 'deny', { namespace: one.namespace });
      rule(one);
      route(one);
    },
    { mesh: Mesh.ambient() },
  );
  expect(where(told, '/')).toHaveLength(2);
});
