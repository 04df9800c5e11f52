/**
 * Who may send what to the model API, as the objects say it in full: identities, narrowing, tokens,
 * plaintext exceptions. Whether they allow exactly what was declared is judged by random models
 * (test/property/mesh.test.ts); here stands what is written.
 */
import {
  DefaultDeny,
  Http,
  Identity,
  IstioMtls,
  JwtAuthentication,
  L7AccessRule,
  Mesh,
  MeshMembership,
  MlNamespace,
  ModuleIngress,
  Port,
  PortPurpose,
  Workload,
} from '../../../src';
import type { Manifest, Serving, ServingOptions } from '../../support/serving';
import { saidByIstio, serving, written } from '../../support/serving';

const ISSUER = 'https://idp.example.com/';
const jobs = Identity.serviceAccount('ml-jobs', 'job-runner');
const AMBIENT: ServingOptions = { mesh: Mesh.ambient() };

function isolated(declare: (told: Serving) => void, options?: ServingOptions): Serving {
  return serving((told) => {
    new DefaultDeny(told.chart, 'deny', { namespace: told.namespace });
    declare(told);
  }, options);
}

function object(told: Serving, kind: string, name: string): Manifest {
  const found = written(told, kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  expect(saidByIstio(found)).toEqual([]);
  return found;
}

function names(told: Serving, kind: string): string[] {
  return written(told, kind).map(({ metadata }) => metadata.name);
}

describe('an L7AccessRule', () => {
  it('is one rule of one ALLOW policy, by the caller’s account', () => {
    const told = isolated(({ chart, api }) => {
      new L7AccessRule(chart, 'predict', {
        to: api,
        from: [jobs],
        http: [Http.post('/v1/predict')],
      });
    });
    expect(object(told, 'AuthorizationPolicy', 'model-api-ingress').spec).toEqual({
      selector: { matchLabels: { app: 'model-api' } },
      action: 'ALLOW',
      rules: [
        {
          from: [{ source: { serviceAccounts: ['ml-jobs/job-runner'] } }],
          to: [{ operation: { methods: ['POST'], paths: ['/v1/predict'], ports: ['8080'] } }],
        },
      ],
    });
  });

  it('takes its port from the grant that contains its caller, at both layers', () => {
    const told = isolated(({ chart, api }) => {
      const mesh = MeshMembership.IN;
      const from = [MlNamespace.fromName(chart, 'ml-jobs', 'ml-jobs', { mesh })];
      new ModuleIngress(chart, 'jobs', { to: api, from, ports: [Port.tcp(8080), Port.tcp(9000)] });
      new L7AccessRule(chart, 'runner', { to: api, from: [jobs], ports: [Port.tcp(8080)] });
    });
    expect(object(told, 'AuthorizationPolicy', 'model-api-ingress').spec).toMatchObject({
      rules: [
        {
          from: [{ source: { namespaces: ['ml-jobs'] } }],
          to: [{ operation: { ports: ['9000'] } }],
        },
        {
          from: [{ source: { serviceAccounts: ['ml-jobs/job-runner'] } }],
          to: [{ operation: { ports: ['8080'] } }],
        },
      ],
    });
  });

  it('lists every port but its own where the grant had all of them', () => {
    const told = isolated(({ chart, api }) => {
      const mesh = MeshMembership.IN;
      const from = [MlNamespace.fromName(chart, 'ml-jobs', 'ml-jobs', { mesh })];
      new ModuleIngress(chart, 'jobs', { to: api, from, ports: [Port.allTcp()] });
      new L7AccessRule(chart, 'runner', { to: api, from: [jobs], http: [Http.get('/v1/models')] });
    });
    expect(object(told, 'AuthorizationPolicy', 'model-api-ingress').spec).toMatchObject({
      rules: expect.arrayContaining([
        {
          from: [{ source: { namespaces: ['ml-jobs'] } }],
          to: [{ operation: { notPorts: ['8080'] } }],
        },
      ]),
    });
  });

  it('says wildcard hosts with every port that callers may write behind them', () => {
    const told = isolated(({ chart, api }) => {
      const http = [Http.of({ hosts: ['*.models.test', 'api.test'] })];
      new L7AccessRule(chart, 'rule', { to: api, from: [jobs], http });
    });
    expect(object(told, 'AuthorizationPolicy', 'model-api-ingress').spec).toMatchObject({
      rules: [
        {
          to: [
            {
              operation: {
                hosts: [
                  '*.models.test',
                  '*.models.test:80',
                  '*.models.test:8080',
                  'api.test',
                  'api.test:*',
                ],
              },
            },
          ],
        },
      ],
    });
  });

  it('asks for the claim of a subject that would not survive in a principal', () => {
    const told = isolated(({ chart, api: workload }) => {
      new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER });
      const http = [Http.any().withJwt({ issuer: ISSUER, subjects: ['team/alice'] })];
      new L7AccessRule(chart, 'rule', { to: workload, from: [jobs], http });
    });
    expect(object(told, 'AuthorizationPolicy', 'model-api-ingress').spec).toMatchObject({
      rules: [
        {
          from: [
            {
              source: {
                serviceAccounts: ['ml-jobs/job-runner'],
                requestPrincipals: [`${ISSUER}/*`],
              },
            },
          ],
          when: [{ key: 'request.auth.claims[sub]', values: ['team/alice'] }],
        },
      ],
    });
  });
});

describe('JwtAuthentication', () => {
  const health = [
    Http.get('/health'),
    Http.get('/ready'),
    Http.of({ methods: ['GET', 'HEAD'], paths: ['/live'] }),
  ];

  function guarded(options?: ServingOptions, withoutToken?: Http[]): Serving {
    return isolated(({ chart, api: workload }) => {
      const claims = { groups: ['ml'] };
      const audiences = ['ml-inference-api'];
      new JwtAuthentication(chart, 'jwt', {
        ...{ workload, issuer: ISSUER, audiences, claims, withoutToken },
        jwksUri: 'https://idp.example.com/keys',
      });
    }, options);
  }

  it('validates tokens where the workload’s pods are', () => {
    expect(object(guarded(), 'RequestAuthentication', 'model-api-jwt').spec).toEqual({
      selector: { matchLabels: { app: 'model-api' } },
      jwtRules: [
        {
          issuer: ISSUER,
          audiences: ['ml-inference-api'],
          jwksUri: 'https://idp.example.com/keys',
        },
      ],
    });
  });

  it('denies requests without a token, and those whose token lacks a claim', () => {
    expect(object(guarded(), 'AuthorizationPolicy', 'model-api-require-token').spec).toEqual({
      selector: { matchLabels: { app: 'model-api' } },
      action: 'DENY',
      rules: [
        {
          from: [{ source: { notRequestPrincipals: [`${ISSUER}/*`] } }],
          to: [{ operation: { ports: ['8080'] } }],
        },
        {
          to: [{ operation: { ports: ['8080'] } }],
          when: [{ key: 'request.auth.claims[groups]', notValues: ['ml'] }],
        },
      ],
    });
  });

  it('exempts requests by denying all others, whichever part of them differs', () => {
    const { spec } = object(guarded({}, health), 'AuthorizationPolicy', 'model-api-require-token');
    const [first] = (spec as { rules: { to: unknown[] }[] }).rules;
    expect(first?.to).toEqual([
      { operation: { notMethods: ['GET', 'HEAD'], ports: ['8080'] } },
      { operation: { notMethods: ['GET'], notPaths: ['/live'], ports: ['8080'] } },
      {
        operation: {
          notMethods: ['GET', 'HEAD'],
          notPaths: ['/health', '/ready'],
          ports: ['8080'],
        },
      },
      { operation: { notPaths: ['/health', '/live', '/ready'], ports: ['8080'] } },
    ]);
  });

  it('asks for no token on a metrics port', () => {
    const ports = [Port.http(8080), Port.http(8082, { purpose: PortPurpose.METRICS })];
    const told = guarded({ props: { ports } });
    const { spec } = object(told, 'AuthorizationPolicy', 'model-api-require-token');
    expect(JSON.stringify(spec)).not.toContain('8082');
  });

  it('in ambient is about the Service, and nobody goes around the waypoint', () => {
    const told = guarded(AMBIENT);
    const targetRefs = [{ group: '', kind: 'Service', name: 'model-api' }];
    expect(object(told, 'RequestAuthentication', 'model-api-jwt').spec).toMatchObject({
      targetRefs,
    });
    expect(object(told, 'AuthorizationPolicy', 'model-api-require-token').spec).toMatchObject({
      targetRefs,
      rules: [{ to: [{ operation: { ports: ['80'] } }] }, {}],
    });
    expect(object(told, 'AuthorizationPolicy', 'model-api-through-waypoint').spec).toEqual({
      selector: { matchLabels: { app: 'model-api' } },
      action: 'DENY',
      rules: [
        {
          from: [{ source: { notPrincipals: ['*/ns/llm-serving/sa/waypoint'] } }],
          to: [{ operation: { ports: ['8080'] } }],
        },
      ],
    });
  });

  it('holds where nothing isolates: no ALLOW policy is written for it', () => {
    const told = serving(({ chart, api: workload }) => {
      new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER });
    });
    expect(names(told, 'AuthorizationPolicy')).toEqual(['model-api-require-token']);
    expect(names(told, 'NetworkPolicy')).toEqual([]);
  });

  it('under no mesh is a waiver, and writes nothing', () => {
    const told = isolated(
      ({ chart, api: workload }) => {
        const waiver = { withoutMesh: 'l4', reason: 'no mesh in this cluster yet' };
        new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER, ...waiver });
      },
      { mesh: Mesh.none() },
    );
    expect(names(told, 'RequestAuthentication')).toEqual([]);
    expect(names(told, 'AuthorizationPolicy')).toEqual([]);
  });
});

describe('IstioMtls', () => {
  const prometheus = (told: Serving): Workload =>
    new Workload(told.chart, 'prometheus', {
      namespace: MlNamespace.fromName(told.chart, 'monitoring', 'monitoring'),
      labels: { app: 'prometheus' },
      mesh: MeshMembership.OUT,
    });

  it('is STRICT for the namespace, without anything that Istio would ignore', () => {
    const told = isolated(({ chart, namespace }) => {
      new IstioMtls(chart, 'mtls', { namespace });
    });
    expect(object(told, 'PeerAuthentication', 'default').spec).toEqual({
      mtls: { mode: 'STRICT' },
    });
    expect(names(told, 'PeerAuthentication')).toEqual(['default']);
  });

  it.each([
    ['isolated', isolated],
    ['not isolated', serving],
  ])('excepts the port that a caller from outside needs, of its workload alone: %s', (_, tell) => {
    const told = tell((all) => {
      new IstioMtls(all.chart, 'mtls', { namespace: all.namespace });
      all.api.allowFrom(prometheus(all), { ports: [Port.tcp(9090)], reason: 'metrics' });
    });
    expect(object(told, 'PeerAuthentication', 'model-api-mtls').spec).toEqual({
      selector: { matchLabels: { app: 'model-api' } },
      mtls: { mode: 'STRICT' },
      portLevelMtls: { '9090': { mode: 'PERMISSIVE' } },
    });
    expect(names(told, 'PeerAuthentication')).toEqual(['default', 'model-api-mtls']);
  });

  it('is PERMISSIVE where a caller from outside uses every port', () => {
    const told = isolated((all) => {
      new IstioMtls(all.chart, 'mtls', { namespace: all.namespace });
      all.api.allowFrom(prometheus(all), { ports: [Port.allTcp()], reason: 'a legacy agent' });
    });
    expect(object(told, 'PeerAuthentication', 'model-api-mtls').spec).toEqual({
      selector: { matchLabels: { app: 'model-api' } },
      mtls: { mode: 'PERMISSIVE' },
    });
  });
});

describe('a namespace', () => {
  it('denies in the mesh under the same name as in NetworkPolicy', () => {
    const told = serving(({ chart, namespace, api: workload }) => {
      new DefaultDeny(chart, 'deny', { namespace, workload });
    });
    expect(names(told, 'AuthorizationPolicy')).toEqual(['default-deny-model-api']);
    expect(names(told, 'NetworkPolicy')).toContain('default-deny-model-api');
  });

  it('that is the mesh’s root gets no policy that would hold for the whole mesh', () => {
    const told = serving(
      ({ chart }) => {
        const namespace = new MlNamespace(chart, 'mesh-root');
        new DefaultDeny(chart, 'deny', { namespace });
      },
      { mesh: Mesh.sidecar({ rootNamespace: 'mesh-root' }) },
    );
    expect(names(told, 'AuthorizationPolicy')).toEqual([]);
    expect(names(told, 'NetworkPolicy')).toContain('default-deny');
  });

  it('keeps the name of its waypoint whatever suffix its policies have', () => {
    const told = serving(
      ({ chart }) => {
        const namespace = new MlNamespace(chart, 'canary', { policySuffix: '-dev' });
        const api = new Workload(chart, 'api', {
          namespace,
          labels: { app: 'api' },
          ports: [Port.http(8080)],
          services: [{ name: 'api', ports: [{ port: 80, targetPort: 8080 }] }],
        });
        new L7AccessRule(chart, 'rule', { to: api, from: [jobs], http: [Http.get('/')] });
      },
      { mesh: Mesh.ambient() },
    );
    expect(names(told, 'Gateway')).toEqual(['waypoint']);
    expect(names(told, 'AuthorizationPolicy')).toContain('api-ingress-dev');
  });
});
