/**
 * Is everything that the constructs about requests write an object that Istio takes as it is meant?
 * Random routes, limits, authorizers and ways out of the cluster, in many combinations: what synth
 * does not refuse, Istio's own rules have nothing to say about, not even a warning.
 *
 * FUZZ_RUNS scales the number of models, FUZZ_SEED repeats a run.
 */

import type { Chart } from 'cdk8s';
import { Duration } from 'cdk8s';
import * as fc from 'fast-check';
import type { RetryOptions, TrafficRouteProps, WorkloadService } from '../../src';
import {
  CustomAuthorization,
  ExternalEgress,
  Http,
  JwtAuthentication,
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
} from '../../src';
import { validateTree } from '../../src/constructs/validate';
import { isNetpolError } from '../../src/values/problem';
import { checkIstioObject, isIstioObject } from '../../src/values/istio';
import type { Written } from '../render/istio/egress-world';
import { isolated, why, workload, written as writtenEgress } from '../render/istio/egress-world';
import { egressGateway, ours } from '../render/istio/egress-gateway-world';
import type { Manifest, Serving } from '../support/serving';
import { METRICS, serving, written } from '../support/serving';

const numRuns = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 2000) / 5);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const variant = fc.constantFrom('stable', 'canary', 'shadow');
const count = fc.constantFrom(1, 2, 100, 2147483647);
const duration = fc
  .constantFrom(1, 15, 250, 999, 1000, 1500, 60_000, 3_600_000, 86_400_000 * 365)
  .map((milliseconds) => Duration.millis(milliseconds));
const path = fc.constantFrom('/', '/v1', '/v1/*', '/v1*', '/v1/predict', '/v1/models/*', '/v2/*');
const host = fc.constantFrom('models.example.com', 'a.b.example.com', '*.example.com', 'ml.test');

const split = fc.oneof(
  variant.map((one) => TrafficSplit.all(one)),
  fc.integer({ min: 0, max: 100 }).map((n) => TrafficSplit.canary('stable', 'canary', n)),
  fc
    .integer({ min: 0, max: 3 })
    .map((step) =>
      TrafficSplit.rollOut({ from: 'stable', to: 'canary', steps: [5, 50, 100], step }),
    ),
  fc.constant(TrafficSplit.weights({ stable: 60, canary: 30, shadow: 10 })),
);

const retries: fc.Arbitrary<RetryOptions> = fc.record(
  {
    attempts: fc.integer({ min: 0, max: 4 }),
    perTryTimeout: duration,
    conditions: fc.uniqueArray(fc.constantFrom(...Object.values(RetryCondition)), { maxLength: 4 }),
    idempotent: fc.boolean(),
  },
  { requiredKeys: ['attempts'] },
);

const route: fc.Arbitrary<Omit<TrafficRouteProps, 'workload'>> = fc
  .record(
    {
      service: fc.constantFrom('model-api', 'headless'),
      port: fc.constantFrom(80, 8080, 9090),
      split,
      timeout: duration,
      retries,
      connectionPool: fc.record(
        {
          maxConnections: count,
          connectTimeout: duration,
          maxPendingRequests: count,
          maxRequests: count,
          maxRequestsPerConnection: count,
          idleTimeout: duration,
        },
        { requiredKeys: [] },
      ),
      outlierDetection: fc.record(
        {
          consecutiveErrors: count,
          interval: duration,
          baseEjectionTime: duration,
          maxEjectionPercent: fc.integer({ min: 1, max: 100 }),
        },
        { requiredKeys: [] },
      ),
      mirror: fc.record({ variant, percentage: fc.constantFrom(0.0001, 0.5, 10, 33.3333, 100) }),
      reason: fc.constant('canary of the week'),
    },
    { requiredKeys: [] },
  )
  .chain((props) =>
    fc
      .tuple(
        maybe(fc.uniqueArray(path, { minLength: 1 })),
        maybe(fc.uniqueArray(host, { minLength: 1 })),
      )
      .map(([paths, hosts]) => ({
        ...props,
        ...(paths !== undefined && { paths, otherwise: 'stable' }),
        ...(hosts !== undefined && { hosts, gateways: ['istio-system/public', 'private'] }),
      })),
  );

const web = { port: 80, targetPort: 8080, name: 'http' };
const metrics = { port: 9090, name: 'http-metrics' };
const services: fc.Arbitrary<WorkloadService[]> = fc.constantFrom(
  [{ name: 'model-api', ports: [web] }],
  [{ name: 'model-api', ports: [{ port: 80, targetPort: 8080 }, metrics] }],
  [
    { name: 'model-api', ports: [web] },
    { name: 'headless', ports: [{ port: 8080, appProtocol: 'http' }, metrics] },
  ],
  [
    {
      name: 'model-api',
      ports: [
        web,
        metrics,
        { port: 5432, name: 'tcp-db' },
        { port: 8125, protocol: Protocol.UDP },
        { port: 7000 },
      ],
    },
  ],
);

const ports = maybe(fc.constantFrom<Port[][]>([Port.http(8080)], [METRICS, Port.http(8080)]));
const http = fc.uniqueArray(
  fc.constantFrom(
    Http.post('/v1/*'),
    Http.get('/health', '*.json'),
    Http.any('/v2/models/{*}/infer'),
    Http.of({ methods: ['GET', 'POST'], hosts: ['models.example.com', '*.ml.test'] }),
  ),
  { minLength: 1 },
);

const requests = fc.record({
  services,
  clusterDomain: fc.constantFrom('cluster.local', 'k8s.example.com'),
  route: maybe(route),
  other: maybe(route),
  limit: maybe(fc.record({ requests: count, unit: fc.constantFrom(...Object.values(RateLimitUnit)), ports })), // prettier-ignore
  users: maybe(
    fc.record({
      user: fc.constantFrom(UserKey.claim('sub'), UserKey.header('X-User')),
      whenUnavailable: fc.constantFrom(...Object.values(WhenUnavailable)),
      domain: maybe(fc.constantFrom('ml', 'a/b', 'ml inference')),
      timeout: maybe(duration),
      ports,
    }),
  ),
  authorizers: fc.array(
    fc.record({ provider: fc.constantFrom('opa', 'quota-grpc'), http: maybe(http), ports }),
    { maxLength: 2 },
  ),
});

/** Declares what values allow; what is refused where it is written is not declared at all. */
function attempt(declare: () => unknown): void {
  try {
    declare();
  } catch (error) {
    if (!isNetpolError(error)) throw error;
  }
}

it('whatever is declared about requests, Istio has nothing to say about what is written', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(requests, (story) => {
      const variants = { stable: { v: '1' }, canary: { v: '2' }, shadow: { v: '3' } };
      const props = { services: story.services, ports: [Port.http(8080), METRICS], variants };
      const told = serving(
        ({ chart, api, ratelimit: service }) => {
          const workload = api;
          new JwtAuthentication(chart, 'jwt', { workload, issuer: 'https://idp.example.com/' });
          attempt(() => story.route && new TrafficRoute(chart, 'route', { workload, ...story.route })); // prettier-ignore
          attempt(() => story.other && new TrafficRoute(chart, 'other', { workload, ...story.other })); // prettier-ignore
          attempt(() => story.limit && new RateLimit(chart, 'limit', { workload, ...story.limit }));
          attempt(() => story.users && new UserRateLimit(chart, 'users', { workload, service, ...story.users })); // prettier-ignore
          for (const [index, one] of story.authorizers.entries()) {
            attempt(
              () => new CustomAuthorization(chart, `ask-${String(index)}`, { workload, ...one }),
            );
          }
        },
        { props, clusterDomain: story.clusterDomain },
      );
      // what Istio would refuse is a problem of the declaration, never of an object
      const problems = validateTree(told.app);
      expect(problems.filter((line) => line.includes('what was declared, or the JSON'))).toEqual(
        [],
      );
      if (problems.length > 0) return;
      holds(told, seen);
    }),
    { numRuns, seed },
  );
  for (const kind of ['VirtualService', 'DestinationRule', 'EnvoyFilter', 'AuthorizationPolicy']) {
    expect([kind, seen.get(kind) ?? 0]).not.toEqual([kind, 0]);
  }
});

function holds(told: Serving, seen: Map<string, number>): void {
  const manifests = written(told);
  for (const one of manifests.filter(isIstioObject)) {
    seen.set(one.kind, (seen.get(one.kind) ?? 0) + 1);
    expect({ one, said: checkIstioObject(one) }).toEqual({ one, said: [] });
  }
  for (const one of manifests.filter(({ kind }) => kind === 'VirtualService')) {
    routesHold(one, manifests);
  }
}

interface Routes {
  readonly hosts: readonly string[];
  readonly http: readonly {
    readonly match?: readonly unknown[];
    readonly route: readonly {
      readonly destination: { readonly host: string; readonly subset?: string };
      readonly weight?: number;
    }[];
    readonly mirror?: { readonly subset?: string };
  }[];
}

/** Subsets are defined for the host, weights have a sum of 100, and the last route takes the rest. */
function routesHold({ metadata, spec }: Manifest, manifests: readonly Manifest[]): void {
  const { hosts, http: routes } = spec as Routes;
  const rule = manifests.find(
    ({ kind, metadata: { name } }) => kind === 'DestinationRule' && name === metadata.name,
  )?.spec as { host: string; subsets?: { name: string; labels: object }[] };
  expect(rule.host).toBe(hosts[0]);
  const defined = (rule.subsets ?? []).map(({ name }) => name);
  for (const { route: places, mirror } of routes) {
    const named = [...places.map(({ destination }) => destination.subset), mirror?.subset];
    expect(defined).toEqual(expect.arrayContaining(named.filter((one) => one !== undefined)));
    expect(places.reduce((sum, { weight = 100 }) => sum + weight, 0)).toBe(100);
    expect(places.map(({ destination }) => destination.host)).toEqual(places.map(() => rule.host));
  }
  expect(routes.at(-1)?.match).toBeUndefined();
}

const peer = fc.oneof(
  fc
    .uniqueArray(
      fc.constantFrom(
        ...['huggingface.co', '*.huggingface.co', '*.hf.co', 'a-b.example.com', 'a.b-example.com'],
        `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example.com`,
      ),
      { minLength: 1 },
    )
    .map((names) => Peer.fqdn(...names)),
  fc.constantFrom(
    Peer.internet(),
    Peer.cidr('10.0.0.0/8', { except: ['10.244.0.0/16', '10.96.0.0/12'] }),
    Peer.cidr('203.0.113.7/32'),
    Peer.cidr('2001:db8::/32'),
  ),
);
interface Way {
  readonly from: 'loader' | 'inference' | 'namespace';
  readonly to: Peer[];
  readonly ports?: Port[];
  readonly through: boolean;
}

const callers = fc.constantFrom<Way['from'][]>('loader', 'inference', 'namespace');
const direct = fc.record({
  from: callers,
  to: fc.array(peer, { minLength: 1, maxLength: 3 }),
  ports: fc.constantFrom<Port[][]>(
    [Port.https(443)],
    [Port.tcp(443), Port.http(80)],
    [Port.https(8443), Port.grpc(50051)],
    [Port.tcp(5432)],
    [Port.tcpRange(8000, 8300)],
    [Port.udp(123)],
  ),
  through: fc.constant(false),
});
const detour = fc.record({
  from: callers,
  to: fc
    .uniqueArray(fc.constantFrom('huggingface.co', 'a-b.example.com', 'a.b-example.com'), {
      minLength: 1,
    })
    .map((names) => [Peer.fqdn(...names)]),
  through: fc.constant(true),
});
const outside: fc.Arbitrary<Way> = fc.oneof(
  { arbitrary: direct, weight: 2 },
  { arbitrary: detour, weight: 1 },
);

it('whatever leaves the cluster, Istio has nothing to say about what is written', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(outside, { minLength: 1, maxLength: 3 }), fc.boolean(), (ways, mine) => {
      const result = writtenEgress((chart) => leave(chart, ways, mine));
      expect(result.texts.filter((line) => line.includes('or the JSON patch'))).toEqual([]);
      expect(result.objections).toEqual([]);
      entriesHold(result);
      for (const { kind } of result.manifests) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    // a model of these costs several times as much
    { numRuns: Math.ceil(numRuns / 3), seed },
  );
  for (const kind of ['ServiceEntry', 'Sidecar', 'Gateway', 'VirtualService']) {
    expect([kind, seen.get(kind) ?? 0]).not.toEqual([kind, 0]);
  }
});

function leave(chart: Chart, ways: readonly Way[], mine: boolean): void {
  const namespace = isolated(chart, 'ml-serving');
  const loader = workload(chart, namespace, 'loader');
  const inference = workload(chart, namespace, 'inference');
  const via = egressGateway(chart, mine ? ours(chart) : namespace);
  const froms = { loader, inference, namespace: Peer.namespace('ml-serving') };
  for (const [index, { from, through, ...way }] of ways.entries()) {
    const props = { ...way, ...why, from: froms[from], ...(through && { via }) };
    attempt(() => new ExternalEgress(chart, `way-${String(index)}`, props));
  }
}

/** Entries say nothing where nobody is limited to them, and no name is resolved that cannot be. */
function entriesHold({ manifests }: Written): void {
  const specs = (kind: string): readonly Record<string, unknown>[] =>
    manifests.filter((one) => one.kind === kind).map((one) => one['spec'] as never);
  const imported = specs('Sidecar')
    .filter((one) => (one['outboundTrafficPolicy'] as { mode: string }).mode === 'REGISTRY_ONLY')
    .flatMap((one) => (one['egress'] as { hosts: string[] }[]).flatMap(({ hosts }) => hosts))
    .map((one) => one.split('/')[1]);
  const detoured = specs('VirtualService').flatMap((one) => one['hosts'] as string[]);
  for (const entry of specs('ServiceEntry')) {
    const [host = ''] = entry['hosts'] as string[];
    expect([...imported, ...detoured]).toContain(host);
    expect(entry['exportTo']).not.toContain('*');
    if (host.startsWith('*')) expect(entry['resolution']).toBe('NONE');
  }
}
