import { Duration } from 'cdk8s';
import type { RateLimitProps, UserRateLimitProps } from '../../../src';
import {
  DefaultDeny,
  JwtAuthentication,
  Mesh,
  MeshMembership,
  Port,
  RateLimit,
  RateLimitUnit,
  TrafficModel,
  UserKey,
  UserRateLimit,
  WhenUnavailable,
} from '../../../src';
import { formatProblem } from '../../../src/values/problem';
import { chainOf, namesOf } from '../../support/naive-filters';
import type { Serving, ServingOptions } from '../../support/serving';
import { METRICS, problems, saidByIstio, serving, theOnly, written } from '../../support/serving';

const API = { app: 'model-api', version: 'v1-stable' };
const UNLIMITED = ['rbac', 'jwt_authn', 'rbac', 'router'];

type Local = Omit<RateLimitProps, 'workload'>;
type User = Omit<UserRateLimitProps, 'workload' | 'service'>;

const fifty: Local = { requests: 50, unit: RateLimitUnit.MINUTE };
const bySubject: User = { user: UserKey.claim('sub'), whenUnavailable: WhenUnavailable.ALLOW };
const byHeader: User = { ...bySubject, user: UserKey.header('X-User') };

function local({ chart, api: workload }: Serving, props: Local = fifty, id = 'limit'): void {
  new RateLimit(chart, id, { workload, ...props });
}

function perUser({ chart, api, ratelimit }: Serving, props: User = byHeader, id = 'users'): void {
  new UserRateLimit(chart, id, { workload: api, service: ratelimit, ...props });
}

function tokens({ chart, api: workload }: Serving): void {
  new JwtAuthentication(chart, 'jwt', { workload, issuer: 'https://idp.example.com/' });
}

const TWO_PORTS: ServingOptions = {
  props: {
    ports: [Port.http(8080, { name: 'web' }), METRICS, Port.tcp(5432)],
    services: [
      {
        name: 'model-api',
        ports: [{ port: 80, targetPortName: 'web' }, { port: 9090 }, { port: 5432 }],
      },
    ],
  },
};

describe('a limit of each pod', () => {
  it('is asked last, after tokens and callers are checked', () => {
    const objects = written(serving((told) => local(told)));
    expect(namesOf(chainOf(objects, API, 8080))).toEqual([
      ...['rbac', 'jwt_authn', 'rbac'],
      'local_ratelimit',
      'router',
    ]);
  });

  it('holds on the HTTP ports of purpose service, and nowhere else', () => {
    const objects = written(serving((told) => local(told), TWO_PORTS));
    expect(namesOf(chainOf(objects, API, 8080))).toContain('local_ratelimit');
    expect(namesOf(chainOf(objects, API, 9090))).toEqual(UNLIMITED);
    expect(namesOf(chainOf(objects, API, 5432))).toEqual(UNLIMITED);
    expect(namesOf(chainOf(objects, { app: 'ratelimit' }, 8080))).toEqual(UNLIMITED);
  });

  it('holds on the ports that it names, by number or name', () => {
    const limited = (ports: Port[]): boolean[] => {
      const objects = written(serving((told) => local(told, { ...fifty, ports }), TWO_PORTS));
      return [8080, 9090].map((port) => namesOf(chainOf(objects, API, port)).length > 4);
    };
    expect(limited([METRICS])).toEqual([false, true]);
    expect(limited([Port.named('web')])).toEqual([true, false]);
    expect(limited([Port.tcp(8080), METRICS])).toEqual([true, true]);
  });

  it.each([
    [RateLimitUnit.SECOND, '1s'],
    [RateLimitUnit.MINUTE, '60s'],
    [RateLimitUnit.HOUR, '3600s'],
    [RateLimitUnit.DAY, '86400s'],
  ])('fills its bucket once in a %s', (unit, fill_interval) => {
    const objects = written(serving((told) => local(told, { requests: 7, unit })));
    expect(chainOf(objects, API, 8080).filters[3]?.typed_config).toMatchObject({
      token_bucket: { max_tokens: 7, tokens_per_fill: 7, fill_interval },
    });
  });

  it('may differ by port', () => {
    const objects = written(
      serving((told) => {
        local(told, { ...fifty, ports: [METRICS] }, 'metrics');
        local(told, { ...fifty, requests: 5 });
      }, TWO_PORTS),
    );
    const bucket = (port: number): unknown => chainOf(objects, API, port).filters[3]?.typed_config;
    expect(bucket(8080)).toMatchObject({ token_bucket: { max_tokens: 5 } });
    expect(bucket(9090)).toMatchObject({ token_bucket: { max_tokens: 50 } });
  });

  it('is written as an EnvoyFilter, in full', () => {
    const filter = theOnly(
      serving((told) => local(told, { ...fifty, reason: 'GPU quota' })),
      'EnvoyFilter',
    );
    expect(filter).toMatchObject({
      apiVersion: 'networking.istio.io/v1alpha3',
      metadata: {
        name: 'model-api-rate-limit',
        namespace: 'llm-serving',
        annotations: {
          'cdk8s-ml-netpol/flows': 'a limit of 50 requests per minute: GPU quota',
        },
      },
    });
    const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } };
    expect(filter.spec).toEqual({
      workloadSelector: { labels: { app: 'model-api' } },
      priority: 10,
      configPatches: [
        {
          applyTo: 'HTTP_FILTER',
          match: {
            context: 'SIDECAR_INBOUND',
            listener: {
              filterChain: {
                destinationPort: 8080,
                filter: {
                  name: 'envoy.filters.network.http_connection_manager',
                  subFilter: { name: 'envoy.filters.http.router' },
                },
              },
            },
          },
          patch: {
            operation: 'INSERT_BEFORE',
            value: {
              name: 'envoy.filters.http.local_ratelimit',
              typed_config: {
                '@type':
                  'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
                stat_prefix: 'rate_limit_8080',
                token_bucket: { max_tokens: 50, tokens_per_fill: 50, fill_interval: '60s' },
                filter_enabled: always,
                filter_enforced: always,
                rate_limited_as_resource_exhausted: true,
              },
            },
          },
        },
      ],
    });
    expect(saidByIstio(filter)).toEqual([]);
  });
});

describe('a limit of each user', () => {
  it('is asked after the limit of the pod, whichever was declared first', () => {
    const first = serving((told) => {
      local(told);
      perUser(told);
    });
    const last = serving(
      (told) => {
        perUser(told);
        local(told);
      },
      { profileLast: true },
    );
    const expected = ['rbac', 'jwt_authn', 'rbac', 'local_ratelimit', 'ratelimit', 'router'];
    expect(namesOf(chainOf(written(first), API, 8080))).toEqual(expected);
    expect(written(last)).toEqual(written(first));
    const lines = (told: Serving): string[] => TrafficModel.of(told.app).lines;
    expect(lines(last)).toEqual(lines(first));
  });

  it('counts by a claim, and what has none as one user', () => {
    const told = serving((one) => {
      tokens(one);
      perUser(one, bySubject);
    });
    expect(chainOf(written(told), API, 8080).rateLimits).toEqual([
      {
        actions: [
          {
            metadata: {
              descriptor_key: 'user',
              metadata_key: {
                key: 'envoy.filters.http.jwt_authn',
                path: [{ key: 'payload' }, { key: 'sub' }],
              },
              default_value: 'anonymous',
            },
          },
        ],
      },
    ]);
  });

  it('counts by a header, and what has none as one user', () => {
    const told = serving((one) => perUser(one, { ...byHeader, descriptor: 'who' }));
    expect(chainOf(written(told), API, 8080).rateLimits).toEqual([
      { actions: [{ request_headers: { descriptor_key: 'who', header_name: 'x-user' } }] },
      {
        actions: [
          {
            header_value_match: {
              descriptor_key: 'who',
              descriptor_value: 'anonymous',
              expect_match: false,
              headers: [{ name: 'x-user', present_match: true }],
            },
          },
        ],
      },
    ]);
  });

  it('asks the service through the cluster of its Service', () => {
    const told = serving((one) =>
      perUser(one, {
        ...byHeader,
        whenUnavailable: WhenUnavailable.DENY,
        timeout: Duration.millis(250),
        domain: 'ml-inference',
      }),
    );
    const authority = 'ratelimit.istio-system.svc.cluster.local';
    expect(chainOf(written(told), API, 8080).filters[3]?.typed_config).toEqual({
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit',
      domain: 'ml-inference',
      failure_mode_deny: true,
      timeout: '0.25s',
      rate_limited_as_resource_exhausted: true,
      rate_limit_service: {
        grpc_service: {
          envoy_grpc: { cluster_name: `outbound|8081||${authority}`, authority },
        },
        transport_api_version: 'V3',
      },
    });
    expect(saidByIstio(theOnly(told, 'EnvoyFilter'))).toEqual([]);
  });

  it('counts apart from other workloads, and lets requests pass uncounted where it is asked to', () => {
    const objects = written(serving((told) => perUser(told)));
    expect(chainOf(objects, API, 8080).filters[3]?.typed_config).toMatchObject({
      domain: 'llm-serving/model-api',
      failure_mode_deny: false,
      timeout: '0.1s',
    });
  });

  it('opens the way to the service, and only to the port that is asked', () => {
    const declare = (told: Serving): void => {
      new DefaultDeny(told.chart, 'deny', { namespace: told.namespace });
      perUser(told);
    };
    const policies = written(serving(declare), 'NetworkPolicy');
    const egress = policies.find(({ metadata }) => metadata.name === 'model-api-egress');
    expect(egress).toMatchObject({
      metadata: {
        annotations: {
          'cdk8s-ml-netpol/flows':
            'to istio-system/ratelimit: TCP 8081: requests of each user of llm-serving/model-api are counted',
        },
      },
      spec: {
        podSelector: { matchLabels: { app: 'model-api' } },
        egress: [
          {
            to: [{ podSelector: { matchLabels: { app: 'ratelimit' } } }],
            ports: [{ protocol: 'TCP', port: 8081 }],
          },
        ],
      },
    });
  });

  it.each([
    ['no mesh', { mesh: Mesh.none() }],
    ['a workload out of the mesh', { membership: MeshMembership.OUT }],
    ['ambient', { mesh: Mesh.ambient() }],
  ])('opens nothing where no proxy asks: %s', (_, options) => {
    const waived = { ...byHeader, withoutMesh: 'l4', reason: 'edge' };
    const told = serving((one) => {
      new DefaultDeny(one.chart, 'deny', { namespace: one.namespace });
      perUser(one, waived);
      local(one, { ...fifty, withoutMesh: 'l4', reason: 'edge' });
    }, options);
    expect(JSON.stringify(written(told))).not.toContain('8081');
    expect(written(told, 'EnvoyFilter')).toEqual([]);
    expect(TrafficModel.of(told.app).waivers).toEqual([
      'requests to llm-serving/model-api: no proxy sees them: nothing holds a limit by header x-user',
      'requests to llm-serving/model-api: no proxy sees them: nothing holds a limit of 50 requests per minute',
    ]);
  });
});

describe('a limit fails', () => {
  const cases: [string, string, Local, ServingOptions][] = [
    ['on a TCP port', 'http-on-tcp-port', { ...fifty, ports: [Port.tcp(5432)] }, TWO_PORTS],
    ['on a UDP port', 'http-on-tcp-port', { ...fifty, ports: [Port.udp(8080)] }, TWO_PORTS],
    ['on all ports', 'http-on-tcp-port', { ...fifty, ports: [Port.allTcp()] }, TWO_PORTS],
    ['on a name nobody has', 'http-on-tcp-port', { ...fifty, ports: [Port.named('x')] }, TWO_PORTS],
    ['without HTTP ports', 'http-on-tcp-port', fifty, { props: { ports: [Port.tcp(5432)] } }],
    [
      'on a port that its Service calls TCP',
      'http-on-tcp-port',
      { ...fifty, ports: [Port.http(8080)] },
      { props: { services: [{ name: 'a', ports: [{ port: 8080, appProtocol: 'tcp' }] }] } },
    ],
    ['without a Service', 'rate-limit-without-service', fifty, { props: { services: [] } }],
    ['out of the mesh', 'requests-out-of-mesh', fifty, { membership: MeshMembership.OUT }],
    ['without a mesh', 'requests-without-mesh', fifty, { mesh: Mesh.none() }],
    ['in ambient', 'requests-at-waypoint', fifty, { mesh: Mesh.ambient() }],
  ];

  it.each(cases)('%s', (_, code, props, options) => {
    const found = problems(serving((told) => local(told, props), options));
    expect(found.map((one) => one.code)).toEqual([code]);
    expect(found[0]?.where).toBe('chart/limit: llm-serving/model-api');
  });

  it.each(cases)('%s, for users too', (_, code, { ports }, options) => {
    const found = problems(serving((told) => perUser(told, { ...byHeader, ports }), options));
    expect(found.map((one) => one.code)).toEqual([code]);
  });

  it('twice on a port', () => {
    const found = problems(
      serving((told) => {
        local(told, fifty, 'a');
        local(told, { ...fifty, requests: 5, ports: [Port.http(8080), METRICS] }, 'b');
      }, TWO_PORTS),
    );
    expect(found.map(({ code }) => code)).toEqual(['rate-limit-twice']);
  });

  it('twice for the users of a workload, whatever its ports', () => {
    const found = problems(
      serving((told) => {
        perUser(told, byHeader, 'a');
        perUser(told, { ...byHeader, ports: [METRICS] }, 'b');
      }, TWO_PORTS),
    );
    expect(found.map(({ code }) => code)).toEqual(['rate-limit-twice']);
  });

  it('by a claim that nobody validates', () => {
    const found = problems(serving((told) => perUser(told, bySubject)));
    expect(found).toMatchObject([{ code: 'claim-without-authentication', got: 'claim sub' }]);
  });

  it.each([
    ['without a gRPC port', { ports: [Port.http(8080)] }],
    ['without a Service', { services: [] }],
    [
      'with two gRPC ports',
      {
        services: [
          {
            name: 'r',
            ports: [
              { port: 1, name: 'grpc' },
              { port: 2, name: 'grpc-b' },
            ],
          },
        ],
      },
    ],
    [
      'with a port that its Service calls TCP',
      { services: [{ name: 'r', ports: [{ port: 8081, name: 'tcp' }] }] },
    ],
  ])('where the service is one %s', (_, ratelimit) => {
    const found = problems(serving((told) => perUser(told), { ratelimit }));
    expect(found).toMatchObject([{ code: 'rate-limit-service', got: 'istio-system/ratelimit' }]);
  });

  it('in full sentences', () => {
    const [problem] = problems(serving((told) => local(told), { mesh: Mesh.none() }));
    expect(problem && formatProblem({ ...problem, source: undefined })).toBe(
      'chart/limit: llm-serving/model-api: got "a limit of 50 requests per minute", expected a mesh: profile kubeadm has none, so no proxy sees the requests; fix: ClusterProfile.kubeadm({ mesh: Mesh.sidecar() }), or withoutMesh: \'l4\' with a reason',
    );
    expect(problem?.source).toMatch(/^test\/render\/istio\/rate-limits\.test\.ts:\d+$/);
  });
});
