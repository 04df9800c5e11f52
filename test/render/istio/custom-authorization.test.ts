import type { CustomAuthorizationProps } from '../../../src';
import {
  CustomAuthorization,
  DefaultDeny,
  Http,
  Mesh,
  MeshMembership,
  Port,
  TrafficModel,
} from '../../../src';
import { formatProblem } from '../../../src/values/problem';
import type { Manifest, Serving, ServingOptions } from '../../support/serving';
import { METRICS, problems, saidByIstio, serving, written } from '../../support/serving';

type Custom = Omit<CustomAuthorizationProps, 'workload'>;

function asked({ chart, api: workload }: Serving, props: Custom, id = 'opa'): void {
  new CustomAuthorization(chart, id, { workload, ...props });
}

function policies(told: Serving): Manifest[] {
  return written(told, 'AuthorizationPolicy').filter(
    ({ spec }) => (spec as { action?: string }).action === 'CUSTOM',
  );
}

function spec(props: Custom, options?: ServingOptions): unknown {
  const [only, ...others] = policies(serving((told) => asked(told, props), options));
  expect(others).toEqual([]);
  return only?.spec;
}

describe('an external authorizer', () => {
  it('is asked about every request of the HTTP ports of purpose service', () => {
    const ports = [Port.http(8080), Port.grpc(9000), METRICS, Port.tcp(5432)];
    expect(spec({ provider: 'opa' }, { props: { ports, services: [] } })).toEqual({
      selector: { matchLabels: { app: 'model-api' } },
      action: 'CUSTOM',
      provider: { name: 'opa' },
      rules: [{ to: [{ operation: { ports: ['8080', '9000'] } }] }],
    });
  });

  it('is asked about some requests, each on the ports that are meant', () => {
    const http = [Http.post('/v1/*'), Http.get('/v1/models').withHosts('models.example.com')];
    const ports = [METRICS];
    const own = { ports: [Port.http(8080), METRICS], services: [] };
    expect(spec({ provider: 'opa', http, ports }, { props: own })).toMatchObject({
      rules: [
        {
          to: [
            { operation: { methods: ['POST'], paths: ['/v1/*'], ports: ['9090'] } },
            {
              operation: {
                methods: ['GET'],
                paths: ['/v1/models'],
                hosts: ['models.example.com', 'models.example.com:*'],
                ports: ['9090'],
              },
            },
          ],
        },
      ],
    });
  });

  it('is named as the condition of the requests', () => {
    const props = { provider: 'opa', http: [Http.post('/v1/*')], reason: 'quota by team' };
    const [policy] = policies(serving((told) => asked(told, props)));
    expect(policy).toMatchObject({
      apiVersion: 'security.istio.io/v1',
      metadata: {
        name: 'model-api-asks-opa',
        namespace: 'llm-serving',
        annotations: {
          'cdk8s-ml-netpol/flows':
            'if external authorizer opa agrees: TCP 8080 POST /v1/*: quota by team',
        },
      },
    });
  });

  it('is recorded in the traffic model file', () => {
    const told = serving((one) => asked(one, { provider: 'opa', http: [Http.post('/v1/*')] }));
    const records = TrafficModel.of(told.app).lines.map((line): unknown => JSON.parse(line));
    expect(records).toContainEqual(
      expect.objectContaining({
        record: 'mesh',
        kind: 'custom-authorization',
        provider: 'opa',
        workload: 'model-api',
      }),
    );
  });

  it('is asked in one policy, whatever is declared in whatever order and place', () => {
    const some = { provider: 'opa', http: [Http.post('/v1/*')] };
    const every = { provider: 'opa' };
    const told = (a: Custom, b: Custom, profileLast = false): Manifest[] =>
      policies(
        serving(
          (one) => {
            asked(one, a, 'a');
            asked(one, b, 'b');
          },
          { profileLast },
        ),
      );
    const first = told(some, every);
    expect(first.map((one) => one.spec)).toMatchObject([{ rules: [{}, {}] }]);
    expect(told(every, some, true)).toEqual(first);
    expect(told(every, every).map((one) => one.spec)).toMatchObject([{ rules: [{}] }]);
  });

  it('lets nobody in, and shuts nobody out by itself', () => {
    const others = (told: Serving): Manifest[] =>
      written(told).filter(
        ({ spec: one }) => (one as { action?: string } | undefined)?.action !== 'CUSTOM',
      );
    const declare = ({ chart, namespace }: Serving): void => {
      new DefaultDeny(chart, 'deny', { namespace });
    };
    const with_ = serving((told) => {
      declare(told);
      asked(told, { provider: 'opa' });
    });
    expect(others(with_)).toEqual(others(serving(declare)));
  });

  it('is written as an object that Istio has nothing to say about', () => {
    const http = [Http.post('/v1/*'), Http.any('/v2/models/{*}/infer')];
    for (const props of [{ provider: 'opa' }, { provider: 'ext-authz-grpc', http }]) {
      const [policy] = policies(serving((told) => asked(told, props)));
      expect(policy && saidByIstio(policy)).toEqual([]);
    }
  });
});

describe('an external authorizer fails', () => {
  const some = { provider: 'opa', http: [Http.post('/v1/*')] };
  const database = { props: { ports: [Port.tcp(5432)], services: [] } };

  it.each<[string, string, Custom, ServingOptions]>([
    [
      'for HTTP rules on a TCP port',
      'http-on-tcp-port',
      { ...some, ports: [Port.tcp(5432)] },
      database,
    ],
    ['for a TCP port', 'http-on-tcp-port', { provider: 'opa', ports: [Port.tcp(5432)] }, database],
    ['for a UDP port', 'http-on-tcp-port', { provider: 'opa', ports: [Port.udp(8080)] }, {}],
    ['for a workload without HTTP ports', 'http-on-tcp-port', some, database],
    ['out of the mesh', 'requests-out-of-mesh', some, { membership: MeshMembership.OUT }],
    ['without a mesh', 'requests-without-mesh', some, { mesh: Mesh.none() }],
    ['in ambient', 'requests-at-waypoint', some, { mesh: Mesh.ambient() }],
  ])('%s', (_, code, props, options) => {
    const found = problems(serving((told) => asked(told, props), options));
    expect(found.map((one) => one.code)).toEqual([code]);
    expect(found[0]?.where).toBe('chart/opa: llm-serving/model-api');
  });

  it('beside a second one', () => {
    const told = serving((one) => {
      asked(one, { provider: 'opa' }, 'a');
      asked(one, { provider: 'quota', http: [Http.get('/v1/models')] }, 'b');
    });
    const [problem, ...others] = problems(told);
    expect(others).toEqual([]);
    expect(problem && formatProblem({ ...problem, source: undefined })).toBe(
      'chart/b: llm-serving/model-api: got "quota", expected one provider for the pods of a workload: chart/a asks opa, and with a second one Istio refuses every request; fix: provider: \'opa\'',
    );
    expect(problem?.source).toMatch(/^test\/render\/istio\/custom-authorization\.test\.ts:\d+$/);
  });

  it.each([
    ['no mesh', { mesh: Mesh.none() }],
    ['ambient', { mesh: Mesh.ambient() }],
  ])('not under a waiver: %s', (_, options) => {
    const told = serving(
      (one) => asked(one, { ...some, withoutMesh: 'l4', reason: 'edge' }),
      options,
    );
    expect(policies(told)).toEqual([]);
    expect(TrafficModel.of(told.app).waivers).toEqual([
      'requests to llm-serving/model-api: no proxy sees them: nothing holds external authorizer opa',
    ]);
  });
});
