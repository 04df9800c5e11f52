/**
 * Bad input of IstioMtls, L7AccessRule and JwtAuthentication, as its user meets it: one line with
 * construct path, what was got, what is expected and how to mend it.
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
  Peer,
  Port,
  Workload,
} from '../../src';
import { formatProblem } from '../../src/values/problem';
import type { Serving, ServingOptions } from '../support/serving';
import { problems, serving } from '../support/serving';
import { refusal } from '../support/synth';

const ISSUER = 'https://idp.example.com';
const jobs = Identity.serviceAccount('ml-jobs', 'job-runner');
const SOURCE = /^test\/constructs\/bad-mesh\.test\.ts:\d+ /;
const OUT: ServingOptions = { membership: MeshMembership.OUT };
const DATABASE: ServingOptions = { props: { ports: [Port.tcp(5432)], services: [] } };
const UDP: ServingOptions = { props: { ports: [Port.udp(8125)], services: [] } };

type Row = readonly [
  what: string,
  declare: (told: Serving) => unknown,
  line: string,
  options?: ServingOptions,
];

/** Refused where it is written. */
const WRITTEN: Row[] = [
  [
    'a JwtAuthentication without issuer',
    ({ chart, api: workload }) => new JwtAuthentication(chart, 'jwt', { workload, issuer: '' }),
    'Http: jwt.issuer: got "", expected',
  ],
  [
    'keys that stand in two places',
    ({ chart, api: workload }) =>
      new JwtAuthentication(chart, 'jwt', {
        ...{ workload, issuer: ISSUER },
        ...{ jwks: '{"keys":[]}', jwksUri: `${ISSUER}/keys` },
      }),
    'chart/jwt: got {"jwks":"…","jwksUri":"https://idp.example.com/keys"}, expected jwks or jwksUri, not both; fix: leave out one of them',
  ],
  [
    'an exemption of everything',
    ({ chart, api: workload }) =>
      new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER, withoutToken: [Http.any()] }),
    `chart/jwt: withoutToken[0]: got "any method any path", expected methods, paths or hosts of requests that need no token, and no token; fix: Http.get('/health')`,
  ],
  [
    'an exemption that asks for a token',
    ({ chart, api: workload }) =>
      new JwtAuthentication(chart, 'jwt', {
        ...{ workload, issuer: ISSUER },
        withoutToken: [Http.get('/health').withJwt({ issuer: ISSUER })],
      }),
    'chart/jwt: withoutToken[0]: got "GET /health',
  ],
  [
    'an issuer that is no URL, without keys',
    ({ chart, api: workload }) => new JwtAuthentication(chart, 'jwt', { workload, issuer: 'idp' }),
    `chart/jwt: got "idp", expected jwks or jwksUri beside an issuer that is no URL: nobody could look its keys up; fix: jwksUri: 'https://idp.example.com/keys'`,
  ],
  [
    'mutual TLS of a workload elsewhere',
    ({ chart, namespace, ratelimit: workload }) =>
      new IstioMtls(chart, 'mtls', { namespace, workload }),
    'chart/mtls: got "istio-system/ratelimit", expected a workload of namespace llm-serving; fix: name the workload’s own namespace',
  ],
  [
    'an L7AccessRule for a namespace',
    ({ chart, namespace }) => new L7AccessRule(chart, 'rule', { to: namespace, from: [jobs] }),
    'chart/rule: to: got "llm-serving", expected a workload or one of its endpoints: requests are limited for single workloads; fix: declare a Workload for the pods that are meant',
  ],
  [
    'a waiver without a reason',
    ({ chart, api: workload }) =>
      new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER, withoutMesh: 'l4' }),
    'withoutMesh: got',
  ],
];

const outsider = (told: Serving): Workload =>
  new Workload(told.chart, 'legacy', {
    namespace: MlNamespace.fromName(told.chart, 'legacy-ns', 'legacy'),
    labels: { app: 'legacy' },
    mesh: MeshMembership.OUT,
  });

/** Known to be wrong when the whole tree is known. */
const TREE: Row[] = [
  [
    'HTTP rules on a TCP port',
    ({ chart, api }) =>
      new L7AccessRule(chart, 'rule', { to: api, from: [jobs], http: [Http.get('/')] }),
    'chart/rule: service account ml-jobs/job-runner -> llm-serving/model-api: got ["TCP 5432"], expected ports that the workload declares as HTTP or gRPC: elsewhere Istio drops the rule; fix: Port.http(8080) or Port.grpc(9000) where the workload declares its ports',
    DATABASE,
  ],
  [
    'HTTP rules on a UDP port',
    ({ chart, api }) =>
      new L7AccessRule(chart, 'rule', { to: api, from: [jobs], http: [Http.get('/')] }),
    'chart/rule: service account ml-jobs/job-runner -> llm-serving/model-api: got "identity, HTTP requests on UDP 8125", expected TCP ports: no proxy sees anything else, so nothing would hold the limit there; fix: ports: [Port.tcp(8080)], or Port.allTcp()',
    UDP,
  ],
  [
    'HTTP rules on a workload out of the mesh',
    ({ chart, api }) =>
      new L7AccessRule(chart, 'rule', { to: api, from: [jobs], http: [Http.get('/')] }),
    `chart/rule: service account ml-jobs/job-runner -> llm-serving/model-api: got "identity, HTTP requests", expected a target in the mesh: llm-serving/model-api has no proxy that could hold it; fix: mesh: MeshMembership.IN, or withoutMesh: 'l4' with a reason`,
    OUT,
  ],
  [
    'a rule about tokens that nobody validates',
    ({ chart, api }) =>
      new L7AccessRule(chart, 'rule', {
        ...{ to: api, from: [jobs] },
        http: [Http.get('/').withJwt({ issuer: ISSUER })],
      }),
    `chart/rule: service account ml-jobs/job-runner -> llm-serving/model-api: got "${ISSUER}", expected tokens that llm-serving/model-api validates: without that the rule never matches; fix: new JwtAuthentication(this, 'jwt', { workload, issuer: '${ISSUER}', jwksUri: '…' })`,
  ],
  [
    'a subject whose rule asks for another one',
    ({ chart, api: workload }) => {
      new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER });
      new L7AccessRule(chart, 'rule', {
        ...{ to: workload, from: [Identity.jwtSubject(ISSUER, 'alice')] },
        http: [Http.get('/').withJwt({ issuer: ISSUER, subjects: ['bob'] })],
      });
    },
    'expected rules about tokens that this subject may carry: these ask for another one; fix: leave out the subjects and the issuer where the caller is Identity.jwtSubject(…)',
  ],
  [
    'tokens for a workload without HTTP ports',
    ({ chart, api: workload }) => new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER }),
    'chart/jwt: llm-serving/model-api: got "no port", expected ports that the workload and its Services declare as HTTP or gRPC; fix: Port.http(8080) or Port.grpc(9000) where the workload declares its ports',
    DATABASE,
  ],
  [
    'tokens without a mesh',
    ({ chart, api: workload }) => new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER }),
    `chart/jwt: llm-serving/model-api: got "tokens of ${ISSUER}", expected a mesh: profile kubeadm has none, so no proxy sees the requests; fix: ClusterProfile.kubeadm({ mesh: Mesh.sidecar() }), or withoutMesh: 'l4' with a reason`,
    { mesh: Mesh.none() },
  ],
  [
    'one issuer twice',
    ({ chart, api: workload }) => {
      new JwtAuthentication(chart, 'jwt', { workload, issuer: ISSUER });
      new JwtAuthentication(chart, 'more', { workload, issuer: ISSUER, audiences: ['ml'] });
    },
    'expected one declaration of an issuer for a workload: chart/',
  ],
  [
    'a caller of unknown participation into STRICT',
    ({ chart, namespace, api }) => {
      new IstioMtls(chart, 'mtls', { namespace });
      api.allowFrom(Peer.namespace('elsewhere'), { reason: 'somebody' });
    },
    'chart/model-api: namespace elsewhere -> llm-serving/model-api: got "namespace elsewhere", expected a caller that is known to be in the mesh or out of it: llm-serving/model-api accepts mutual TLS only; fix: mesh: MeshMembership.IN or MeshMembership.OUT where namespace elsewhere is declared',
  ],
  [
    'plain text to pods that are no workload of a STRICT namespace',
    (told) => {
      const { chart, namespace } = told;
      new IstioMtls(chart, 'mtls', { namespace });
      const ports = [Port.tcp(8080)];
      new ModuleIngress(chart, 'in', { to: namespace, from: [outsider(told)], ports });
    },
    'expected a declared workload as the callee: its namespace accepts mutual TLS only, and an exception needs the labels of one workload; fix: grant to each Workload, or mesh: MeshMembership.IN for the caller',
  ],
  [
    'mutual TLS out of the mesh',
    ({ chart, namespace, api: workload }) => new IstioMtls(chart, 'mtls', { namespace, workload }),
    'chart/mtls: got "llm-serving/model-api", expected pods in the mesh: those outside have no proxy that could ask for mutual TLS; fix: mesh: MeshMembership.IN where they are declared, or no IstioMtls',
    OUT,
  ],
  [
    'mutual TLS in the root namespace, which would hold for the whole mesh',
    ({ chart }) => {
      const root = new MlNamespace(chart, 'mesh-root');
      new IstioMtls(chart, 'mtls', { namespace: root });
    },
    'chart/mtls: got "mesh-root", expected a namespace other than the root namespace, whose policies hold for the whole mesh; fix: move the pods to a namespace of their own, such as istio-ingress',
    { mesh: Mesh.sidecar({ rootNamespace: 'mesh-root' }) },
  ],
  [
    'plain text on more ports than anybody lists',
    (told) => {
      new IstioMtls(told.chart, 'mtls', { namespace: told.namespace });
      told.api.allowFrom(outsider(told), { ports: [Port.tcpRange(30000, 31000)] });
    },
    'expected few ports, or all of them: llm-serving/model-api accepts mutual TLS only, and exceptions are listed port by port; fix: name the ports that are needed, or Port.allTcp()',
  ],
  [
    'callers that the mesh takes for each other',
    ({ chart, api }) => {
      const home = MlNamespace.fromName(chart, 'ml-jobs', 'ml-jobs', { mesh: MeshMembership.IN });
      const make = (name: string): Workload =>
        new Workload(chart, name, {
          ...{ namespace: home, labels: { app: name } },
          serviceAccount: 'shared',
        });
      api.allowFrom(make('job'), { http: [Http.post('/v1/predict')] });
      api.allowFrom(make('notebook'), { http: [Http.get('/v1/models')] });
    },
    'expected a service account of its own: it would be allowed POST /v1/predict; fix: serviceAccount of its own for each of the two, both in the mesh',
  ],
  [
    'a grant to a namespace of which one workload is limited for the same callers',
    ({ chart, namespace, api }) => {
      const home = MlNamespace.fromName(chart, 'ml-jobs', 'ml-jobs', { mesh: MeshMembership.IN });
      const ports = [Port.http(8080)];
      new ModuleIngress(chart, 'in', { to: namespace, from: [home], ports });
      new L7AccessRule(chart, 'rule', { to: api, from: [jobs], http: [Http.get('/')] });
    },
    'chart/in: ml-jobs -> llm-serving: got "a grant to llm-serving", expected grants to single workloads where an L7AccessRule limits one of them, llm-serving/model-api; fix: grant to each workload, or leave the limited port out of the grant',
  ],
  [
    'a principal of another trust domain',
    ({ api }) => api.allowFrom(Identity.principal('remote.test/ns/ml-jobs/sa/job-runner')),
    'got "trust domain remote.test", expected a caller of trust domain cluster.local: pods of another one are not in this cluster, so no policy can name them',
  ],
  [
    'requests to many pods',
    ({ namespace, chart }) => {
      const options = { http: [Http.get('/')], ports: [Port.http(8080)] };
      new ModuleIngress(chart, 'in', { to: namespace, from: [jobs], ...options });
    },
    'expected a workload or one of its endpoints: requests are limited for single workloads; fix: declare a Workload for the pods that are meant',
  ],
  [
    'in ambient, limits on a workload without a Service',
    ({ chart, api }) =>
      new L7AccessRule(chart, 'rule', { to: api, from: [jobs], http: [Http.get('/')] }),
    'got ["TCP 8080"], expected ports behind a declared Service: in ambient only the waypoint of a Service sees requests',
    { mesh: Mesh.ambient(), props: { services: [] } },
  ],
  [
    'in ambient, a caller from outside on a port with limits',
    (told) => {
      const to = told.api;
      new L7AccessRule(told.chart, 'rule', { to, from: [jobs], http: [Http.get('/')] });
      to.allowFrom(outsider(told), { reason: 'a legacy agent' });
    },
    'expected a caller that is known to be in the mesh: in ambient others go around the waypoint; fix: mesh: MeshMembership.IN for the caller, or a port of its own without limits',
    { mesh: Mesh.ambient() },
  ],
  [
    'in ambient, more ports than a policy lists',
    ({ api }) => api.allowFrom(jobs, { ports: [Port.tcpRange(8000, 8500)] }),
    'expected few ports, or all of them: in ambient HBONE hides ports from NetworkPolicy, and AuthorizationPolicies list them one by one; fix: name the ports that are needed, or Port.allTcp()',
    { mesh: Mesh.ambient() },
  ],
];

/** Rows as one argument: jest takes an argument that a row leaves out for a callback. */
const titled = (rows: readonly Row[]): [string, Row][] => rows.map((row) => [row[0], row]);

describe('is refused where it is written:', () => {
  it.each(titled(WRITTEN))('%s', (_, [, declare, line, options]) => {
    const told = formatProblem(refusal(() => serving((all) => void declare(all), options)));
    expect(told).toMatch(SOURCE);
    expect(told).toContain(line);
    expect(told).not.toContain('\n');
  });
});

describe('is told with the construct that said it:', () => {
  it.each(titled(TREE))('%s', (_, [, declare, line, options]) => {
    const told = serving((all) => {
      new DefaultDeny(all.chart, 'deny', { namespace: all.namespace });
      declare(all);
    }, options);
    const texts = problems(told).map(formatProblem);
    const [text] = texts.filter((one) => one.includes(line));
    expect({ texts, text }).toEqual({ texts, text: expect.stringContaining(line) });
    if (text?.includes(' -> ') === true) expect(text).toMatch(SOURCE);
  });
});
