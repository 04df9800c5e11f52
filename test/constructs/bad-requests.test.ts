/**
 * Bad input of the constructs about requests and of ExternalEgress in a mesh, as its user meets it:
 * one line with construct path, what was got, what is expected and how to mend it. Everything here
 * Istio would refuse at admission, or accept and then ignore or read otherwise.
 */
import { Duration } from 'cdk8s';
import {
  CustomAuthorization,
  ExternalEgress,
  Http,
  Mesh,
  MeshMembership,
  Peer,
  Port,
  Protocol,
  RateLimit,
  RateLimitUnit,
  RetryCondition,
  TrafficRoute,
  TrafficSplit,
  UserKey,
  UserRateLimit,
  WhenUnavailable,
  Workload,
} from '../../src';
import { validateTree } from '../../src/constructs/validate';
import { formatProblem } from '../../src/values/problem';
import type { Serving, ServingOptions } from '../support/serving';
import { serving } from '../support/serving';
import { refusal } from '../support/synth';

type Row = readonly [
  what: string,
  declare: (serving: Serving) => unknown,
  line: string,
  options?: ServingOptions,
];

const SOURCE = /^test\/constructs\/bad-requests\.test\.ts:\d+ /;
const perMinute = { requests: 50, unit: RateLimitUnit.MINUTE };
const counted = { user: UserKey.header('x-user'), whenUnavailable: WhenUnavailable.ALLOW };
const OUT: ServingOptions = { membership: MeshMembership.OUT };
const DATABASE: ServingOptions = {
  props: { ports: [Port.tcp(5432)], services: [{ name: 'db', ports: [{ port: 5432 }] }] },
};
const UDP: ServingOptions = {
  props: {
    ports: [Port.udp(8125)],
    services: [{ name: 'statsd', ports: [{ port: 8125, protocol: Protocol.UDP }] }],
  },
};

/** Refused where it is written. */
const WRITTEN: Row[] = [
  [
    'weights that miss 100',
    () => TrafficSplit.weights({ stable: 90, canary: 9 }),
    'TrafficSplit.weights: got {"stable":90,"canary":9}, expected percentages with a sum of 100, not 99; fix: TrafficSplit.weights({ stable: 90, canary: 10 })',
  ],
  [
    'retries that exceed the timeout',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', {
        workload,
        timeout: Duration.seconds(5),
        retries: { attempts: 2, perTryTimeout: Duration.seconds(2) },
      }),
    'chart/route: retries: got {"attempts":2,"perTryTimeout":"2000 ms","timeout":"5000 ms"}, expected 3 tries that fit the timeout: together they take 6000 ms, so the last one would be cut off; fix: perTryTimeout: Duration.millis(1666)',
  ],
  [
    'retries of requests that a pod may have worked on',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', {
        workload,
        retries: { attempts: 2, conditions: [RetryCondition.GATEWAY_ERROR] },
      }),
    'chart/route: retries.conditions: got ["gateway-error"], expected idempotent: true beside conditions under which a pod may have worked on the request, or only connect-failure, refused-stream, reset-before-request; fix: idempotent: true where a request may take effect twice, or leave out conditions',
  ],
  [
    'a split of some paths without a route for the others',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', {
        workload,
        split: TrafficSplit.canary('stable', 'canary', 10),
        paths: ['/v1/*'],
      }),
    `chart/route: otherwise: got nothing, expected the variant of all other paths: without a default route they are answered with 404; fix: otherwise: 'stable'`,
  ],
  [
    'a default that no request is left for',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', { workload, paths: ['/*'], otherwise: 'stable' }),
    `chart/route: paths: got "/*", expected paths that are exact, or end in "*" for a prefix that some requests do not have; fix: paths: ['/v1/predict', '/v1/models/*'], or no paths for every request`,
  ],
  [
    'hosts that contain each other',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', {
        workload,
        gateways: ['istio-system/public'],
        hosts: ['*.example.com', 'models.example.com'],
      }),
    `chart/route: hosts: got ["*.example.com","models.example.com"], expected hosts that do not contain each other: Istio refuses them in one VirtualService; fix: hosts: ['*.example.com']`,
  ],
  [
    'copies of more than every request',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', {
        workload,
        mirror: { variant: 'canary', percentage: 101 },
      }),
    'chart/route: mirror.percentage: got 101, expected a percentage from 0.0001 to 100; fix: percentage: 10',
  ],
  [
    'tokens that an external authorizer is asked about',
    ({ chart, api: workload }) =>
      new CustomAuthorization(chart, 'opa', {
        workload,
        provider: 'opa',
        http: [Http.post('/v1/*').withJwt({ issuer: 'https://idp.example.com/' })],
      }),
    'chart/opa: http: got "POST /v1/* with a token of https://idp.example.com/", expected requests by method, path and host: the authorizer is asked before tokens are checked; fix: http: without withJwt; ask for tokens with JwtAuthentication or L7AccessRule',
  ],
  [
    'a limit of no request',
    ({ chart, api: workload }) =>
      new RateLimit(chart, 'limit', { workload, ...perMinute, requests: 0 }),
    'chart/limit: requests: got 0, expected an integer from 1 to 4294967295; fix: 1',
  ],
  [
    'a wildcard through an egress gateway, which could not resolve it',
    ({ chart, api: from, ratelimit: via }) =>
      new ExternalEgress(chart, 'hub', {
        from,
        to: [Peer.fqdn('*.hf.co')],
        via,
        reason: 'base models',
      }),
    `chart/hub: to: got "*.hf.co", expected exact host names where an egress gateway is gone through; fix: to: [Peer.fqdn('huggingface.co')], and whatever else in an ExternalEgress without via`,
  ],
];

/** Told when the tree is complete. */
const TOLD: Row[] = [
  [
    'a route to a variant that nobody labels',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', { workload, split: TrafficSplit.all('beta') }),
    `chart/route: llm-serving/model-api: got "beta", expected a variant that the workload declares: canary, stable; fix: variants: { beta: { version: 'beta' } } where the workload is declared`,
  ],
  [
    'copies for a variant that nobody labels',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', { workload, mirror: { variant: 'shadow' } }),
    `chart/route: llm-serving/model-api: got "shadow", expected a variant that the workload declares: it declares none; fix: variants: { shadow: { version: 'shadow' } } where the workload is declared`,
    { props: { variants: undefined } },
  ],
  [
    'a route on a TCP port',
    ({ chart, api: workload }) => new TrafficRoute(chart, 'route', { workload }),
    `chart/route: llm-serving/model-api: got nothing, expected one HTTP or gRPC port of one Service of the workload, which declares db:5432 (no protocol); fix: services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080, name: 'http' }] }] where the workload is declared`,
    DATABASE,
  ],
  [
    'a route on a UDP port',
    ({ chart, api: workload }) => new TrafficRoute(chart, 'route', { workload }),
    `chart/route: llm-serving/model-api: got nothing, expected one HTTP or gRPC port of one Service of the workload, which declares statsd:8125 (UDP); fix: services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080, name: 'http' }] }] where the workload is declared`,
    UDP,
  ],
  [
    'a route out of the mesh',
    ({ chart, api: workload }) => new TrafficRoute(chart, 'route', { workload }),
    `chart/route: llm-serving/model-api: got "a route", expected a workload that is known to be in the mesh: no proxy sees its requests; fix: mesh: MeshMembership.IN, or withoutMesh: 'l4' with a reason`,
    OUT,
  ],
  [
    'a second route for the Service',
    ({ chart, api: workload }) => [
      new TrafficRoute(chart, 'route', { workload }),
      new TrafficRoute(chart, 'timeout', { workload, timeout: Duration.seconds(1) }),
    ],
    'chart/timeout: llm-serving/model-api: got "model-api.llm-serving.svc.cluster.local", expected one route for a host: chart/route routes it already; fix: declare both in one TrafficRoute, or give each a host of its own',
  ],
  [
    'a host that two routes serve',
    ({ chart, api: workload, namespace }) => {
      const gateways = ['istio-system/public'];
      const hosts = ['models.example.com'];
      const other = new Workload(chart, 'other', {
        namespace,
        labels: { app: 'other' },
        ports: [Port.http(8080)],
        services: [{ name: 'other', ports: [{ port: 80, targetPort: 8080 }] }],
      });
      new TrafficRoute(chart, 'route', { workload, gateways, hosts });
      new TrafficRoute(chart, 'again', { workload: other, gateways, hosts });
    },
    'chart/again: llm-serving/other: got "models.example.com", expected one route for a host: chart/route routes it already; fix: declare both in one TrafficRoute, or give each a host of its own',
  ],
  [
    'the name of the Service among the hosts of a gateway',
    ({ chart, api: workload }) =>
      new TrafficRoute(chart, 'route', {
        workload,
        gateways: ['istio-system/public'],
        hosts: ['model-api.llm-serving.svc.cluster.local'],
      }),
    'chart/route: llm-serving/model-api: got "model-api.llm-serving.svc.cluster.local", expected hosts of the gateways only: the Service is routed by its own name anyway; fix: leave out model-api.llm-serving.svc.cluster.local among the hosts',
  ],
  [
    'a limit on a UDP port',
    ({ chart, api: workload }) =>
      new RateLimit(chart, 'limit', { workload, ...perMinute, ports: [Port.udp(8125)] }),
    'chart/limit: llm-serving/model-api: got ["UDP 8125"], expected ports that the workload and its Services declare as HTTP or gRPC; fix: Port.http(8080) or Port.grpc(9000) where the workload declares its ports',
    UDP,
  ],
  [
    'a limit on a TCP port',
    ({ chart, api: workload }) =>
      new RateLimit(chart, 'limit', { workload, ...perMinute, ports: [Port.tcp(5432)] }),
    'chart/limit: llm-serving/model-api: got ["TCP 5432"], expected ports that the workload and its Services declare as HTTP or gRPC; fix: Port.http(8080) or Port.grpc(9000) where the workload declares its ports',
    DATABASE,
  ],
  [
    'a limit out of the mesh',
    ({ chart, api: workload }) => new RateLimit(chart, 'limit', { workload, ...perMinute }),
    `chart/limit: llm-serving/model-api: got "a limit of 50 requests per minute", expected a workload that is known to be in the mesh: no proxy sees its requests; fix: mesh: MeshMembership.IN, or withoutMesh: 'l4' with a reason`,
    OUT,
  ],
  [
    'a limit on a port without a Service',
    ({ chart, api: workload }) => new RateLimit(chart, 'limit', { workload, ...perMinute }),
    `chart/limit: llm-serving/model-api: got ["TCP 8080"], expected ports that a Service of the workload leads to: on others Istio ignores the limit; fix: services: [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080 }] }] where the workload is declared`,
    { props: { services: [] } },
  ],
  [
    'a limit in a mesh whose proxies would not hold it',
    ({ chart, api: workload }) => new RateLimit(chart, 'limit', { workload, ...perMinute }),
    `chart/limit: llm-serving/model-api: got "a limit of 50 requests per minute", expected a mesh with sidecars: of an ambient mesh, neither ztunnel nor the waypoint would hold it; fix: Mesh.sidecar(), or withoutMesh: 'l4' with a reason`,
    { mesh: Mesh.ambient() },
  ],
  [
    'a limit of users by a claim that nobody validates',
    ({ chart, api: workload, ratelimit: service }) =>
      new UserRateLimit(chart, 'users', {
        workload,
        service,
        ...counted,
        user: UserKey.claim('sub'),
      }),
    `chart/users: llm-serving/model-api: got "claim sub", expected a workload that validates tokens: no claim of any other is known to the proxy; fix: new JwtAuthentication(this, 'jwt', { workload, issuer: '…', jwksUri: '…' })`,
  ],
  [
    'a limit of users that nobody counts',
    ({ chart, api: workload, ratelimit: service }) =>
      new UserRateLimit(chart, 'users', { workload, service, ...counted }),
    `chart/users: llm-serving/model-api: got "istio-system/ratelimit", expected a workload with exactly one gRPC port behind a Service: proxies ask it there; fix: ports: [Port.grpc(8081)], services: [{ name: 'ratelimit', ports: [{ port: 8081, name: 'grpc' }] }] where it is declared`,
    { ratelimit: { services: [] } },
  ],
  [
    'a limit of users out of the mesh',
    ({ chart, api: workload, ratelimit: service }) =>
      new UserRateLimit(chart, 'users', { workload, service, ...counted }),
    `chart/users: llm-serving/model-api: got "a limit by header x-user", expected a workload that is known to be in the mesh: no proxy sees its requests; fix: mesh: MeshMembership.IN, or withoutMesh: 'l4' with a reason`,
    OUT,
  ],
  [
    'an external authorizer on a UDP port',
    ({ chart, api: workload }) =>
      new CustomAuthorization(chart, 'opa', {
        workload,
        provider: 'opa',
        ports: [Port.udp(8125)],
      }),
    'chart/opa: llm-serving/model-api: got ["UDP 8125"], expected ports that the workload and its Services declare as HTTP or gRPC; fix: Port.http(8080) or Port.grpc(9000) where the workload declares its ports',
    UDP,
  ],
  [
    'an external authorizer out of the mesh',
    ({ chart, api: workload }) =>
      new CustomAuthorization(chart, 'opa', { workload, provider: 'opa' }),
    `chart/opa: llm-serving/model-api: got "external authorizer opa", expected a workload that is known to be in the mesh: no proxy sees its requests; fix: mesh: MeshMembership.IN, or withoutMesh: 'l4' with a reason`,
    OUT,
  ],
  [
    'a second external authorizer for a workload',
    ({ chart, api: workload }) => [
      new CustomAuthorization(chart, 'opa', { workload, provider: 'opa' }),
      new CustomAuthorization(chart, 'quota', { workload, provider: 'quota' }),
    ],
    `chart/quota: llm-serving/model-api: got "quota", expected one provider for the pods of a workload: chart/opa asks opa, and with a second one Istio refuses every request; fix: provider: 'opa'`,
  ],
  [
    'a second external authorizer for pods that another workload’s labels select too',
    ({ chart, api: workload, namespace }) => {
      const labels = { app: 'model-api', tier: 'gpu' };
      const ports = [Port.http(8080)];
      const gpu = new Workload(chart, 'gpu', { namespace, labels, ports });
      new CustomAuthorization(chart, 'opa', { workload, provider: 'opa' });
      new CustomAuthorization(chart, 'quota', { workload: gpu, provider: 'quota' });
    },
    'chart/model-api: got {"app":"model-api"}, expected labels that select its own pods only: they select the pods of llm-serving/gpu too; fix: add a label that the other pods do not carry, or declare one workload for both',
  ],
];

/** Rows as one argument: jest takes an argument that a row leaves out for a callback. */
const titled = (rows: readonly Row[]): [string, Row][] => rows.map((row) => [row[0], row]);

const text = (problem: string): string => problem.replace(SOURCE, '');

describe('is refused where it is written:', () => {
  it.each(titled(WRITTEN))('%s', (_, [, declare, line, options]) => {
    const problem = refusal(() => serving(declare, options));
    expect(problem.source).toMatch(/^test\/constructs\/bad-requests\.test\.ts:\d+$/);
    expect(text(formatProblem(problem))).toBe(line);
  });
});

describe('is told in one line:', () => {
  it.each(titled(TOLD))('%s', (_, [, declare, line, options]) => {
    const [only = '', ...others] = validateTree(serving(declare, options).app);
    expect(others).toEqual([]);
    expect(text(only)).toBe(line);
  });
});
