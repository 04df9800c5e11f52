/**
 * docs/traffic-model.schema.json describes every line that is written, and nothing but that: a field
 * that changes its name or type needs a change of the schema.
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { App, Chart, Duration } from 'cdk8s';
import type { TrafficRouteProps } from '../../src';
import {
  ClusterDns,
  ClusterProfile,
  Cni,
  CustomAuthorization,
  DefaultDeny,
  DnsEgress,
  Environment,
  ExternalEgress,
  Http,
  Identity,
  IstioMtls,
  JwtAuthentication,
  LabelSelector,
  Mesh,
  MeshMembership,
  MlNamespace,
  ModuleEgress,
  Peer,
  PodGroup,
  Port,
  PortPurpose,
  RateLimit,
  RateLimitUnit,
  TrafficModel,
  TrafficRoute,
  TrafficSplit,
  UserKey,
  UserRateLimit,
  WhenUnavailable,
  Workload,
} from '../../src';
import { MODEL_SCHEMA } from '../../src/traffic/data';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const ROOT = join(__dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');
const SCHEMA = JSON.parse(
  readFileSync(join(ROOT, 'docs', 'traffic-model.schema.json'), 'utf8'),
) as { $defs: { model: { properties: { schema: { const: number } } } } };

const validate = new Ajv2020({ allErrors: true }).compile(SCHEMA);

const temporary: string[] = [];
afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

describe('the schema of the traffic model file', () => {
  const lines = [...everyKindOfRecord(), ...reportingMesh()];

  it('is of the version that is written', () => {
    expect(SCHEMA.$defs.model.properties.schema.const).toBe(MODEL_SCHEMA);
  });

  it('has a definition for each kind of record, and the model below writes them all', () => {
    const written = new Set(lines.map((line) => (JSON.parse(line) as { record: string }).record));
    expect(Object.keys(SCHEMA.$defs)).toEqual(expect.arrayContaining([...written]));
    expect([...written]).toEqual([
      'model',
      'profile',
      'namespace',
      'workload',
      'isolation',
      'flow',
      'mesh',
      'waiver',
    ]);
  });

  it('is met by every kind of peer, port, namespace and profile', () => {
    expect(lines.flatMap(problemsOf)).toEqual([]);
  });

  it('knows no field that nobody writes', () => {
    const written = new Set(lines.flatMap((line) => keysOf(JSON.parse(line) as Json)));
    expect(propertiesOf(SCHEMA).filter((property) => !written.has(property))).toEqual([]);
  });

  it('is met by a model of which little is known', () => {
    const app = new App();
    const chart = new Chart(app, 'jobs');
    const namespace = new MlNamespace(chart, 'ml-jobs');
    new Workload(chart, 'scorer', { namespace, labels: { app: 'scorer' } }).allowTo(namespace);
    expect(TrafficModel.of(app).lines.flatMap(problemsOf)).toEqual([]);
  });

  it('fails where any field of any record has another type', () => {
    expect(accepted(lines, (value) => (Array.isArray(value) ? { changed: 7 } : [null]))).toEqual(
      [],
    );
  });

  it('fails where any object has a field that it does not know', () => {
    const added = (value: Json): Json | undefined =>
      isObject(value) ? { ...value, changed: 7 } : undefined;
    expect(accepted(lines, added)).toEqual([]);
  });

  it.each(exampleNames())('is met by every line that the example %s writes', (name) => {
    const files = trafficModelsOf(name);
    const problems = files.flatMap((file) =>
      readFileSync(file, 'utf8').trimEnd().split('\n').flatMap(problemsOf),
    );
    expect(problems).toEqual([]);
  });
});

/** What the schema says against a line; the line itself first. */
function problemsOf(line: string): string[] {
  if (validate(JSON.parse(line))) return [];
  const errors = (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath} ${message ?? ''}`,
  );
  return [line, ...errors];
}

/** Places at which a change passes: `flow.to.kind`. */
function accepted(
  lines: readonly string[],
  change: (value: Json) => Json | undefined,
): readonly string[] {
  const passing = lines.flatMap((line) => {
    const record = JSON.parse(line) as { [key: string]: Json };
    return [...changes(record, change)]
      .filter(([, changed]) => validate(changed))
      .map(([place]) => `${String(record['record'])}${place}`);
  });
  return [...new Set(passing)];
}

/** Copies of a value, each with one value inside it, or itself, changed. */
function* changes(
  value: Json,
  change: (value: Json) => Json | undefined,
): Generator<readonly [place: string, changed: Json]> {
  const changed = change(value);
  if (changed !== undefined) yield ['', changed];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const [place, other] of changes(item, change)) {
        yield [`[]${place}`, value.map((one, at) => (at === index ? other : one))];
      }
    }
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      for (const [place, other] of changes(item, change)) {
        yield [`.${key}${place}`, { ...value, [key]: other }];
      }
    }
  }
}

function keysOf(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

/** Names of all properties that a schema defines. */
function propertiesOf(schema: Json): string[] {
  if (Array.isArray(schema)) return schema.flatMap(propertiesOf);
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, inner]) => [
    ...(keyword === 'properties' && isObject(inner) ? Object.keys(inner) : []),
    ...propertiesOf(inner),
  ]);
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function exampleNames(): string[] {
  return readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'main.ts')));
}

/** Runs an example as `cdk8s synth` does; the traffic model files that it wrote. */
function trafficModelsOf(name: string): string[] {
  const outdir = mkdtempSync(join(tmpdir(), `ml-netpol-${name}-`));
  temporary.push(outdir);
  const folder = process.cwd();
  process.env['CDK8S_OUTDIR'] = outdir;
  process.chdir(join(EXAMPLES, name));
  try {
    jest.isolateModules(() => {
      // a program, run by being loaded: an import would run it before the folder is set
      jest.requireActual(join(EXAMPLES, name, 'main.ts'));
    });
  } finally {
    process.chdir(folder);
    delete process.env['CDK8S_OUTDIR'];
  }
  return readdirSync(outdir, { recursive: true })
    .map((file) => join(outdir, String(file)))
    .filter((file) => basename(file) === 'traffic-model.jsonl');
}

/** Every kind of record, with every field that there is. */
function everyKindOfRecord(): string[] {
  const app = new App();
  ClusterProfile.provide(app, wellKnownCluster());
  const chart = new Chart(app, 'serving');
  const namespace = new MlNamespace(chart, 'llm-serving', {
    module: 'serving',
    team: 'assistants',
    owner: 'platform',
    baselineVersion: '3',
    environment: Environment.DEV,
    policySuffix: '-dev',
    mesh: MeshMembership.IN,
  });
  new DefaultDeny(chart, 'default-deny', { namespace });
  new DnsEgress(chart, 'dns', { namespace });
  const metrics = Port.http(9090, { name: 'metrics', purpose: PortPurpose.METRICS });
  const api = new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    podLabels: { tier: 'gpu' },
    serviceAccount: 'model-api',
    ports: [Port.http(8080, { name: 'http' }), metrics],
    services: [
      {
        name: 'model-api',
        ports: [
          { port: 80, targetPortName: 'http', name: 'http', appProtocol: 'http' },
          { port: 9090, targetPort: 9090 },
        ],
      },
    ],
    variants: { stable: { version: 'v1' }, canary: { version: 'v2' } },
    mesh: MeshMembership.OUT,
  });
  new ModuleEgress(chart, 'alone', {
    from: api,
    to: [MlNamespace.fromName(chart, 'database', 'database')],
    ports: [Port.named('postgres'), Port.tcpRange(6000, 6010), Port.allUdp(), Port.sctp(7)],
  });
  declareEveryPeer(api, metrics);
  declareForTheMesh(chart, namespace, api);
  return TrafficModel.of(app).lines;
}

function declareEveryPeer(api: Workload, metrics: Port): void {
  const why = { ports: [Port.tcp(443)], reason: 'every kind of peer' };
  const told = { ...why, owner: 'assistants', ticket: 'SEC-1', expires: '2999-12-31' };
  const request = Http.post('/v1/predict')
    .withHosts('models.example.com')
    .withJwt({
      issuer: 'https://idp.example.com',
      subjects: ['alice'],
      audiences: ['scoring'],
      claims: { groups: ['ml-users'] },
    });
  const gpu = LabelSelector.of({ oneOf: { tier: ['gpu', 'tpu'] }, present: ['team'] });
  const callees = [
    api.endpoint('metrics', metrics),
    Peer.namespace('feast'),
    Peer.namespaces({ team: 'features' }),
    Peer.pods({ selector: gpu, namespace: 'jobs' }),
    Peer.allPods(),
    Peer.cidr('203.0.113.0/24', { except: ['203.0.113.128/25'] }),
    Peer.internet(),
    Peer.kubeApiserver(),
    Peer.dns(),
    Peer.nodes(),
    Peer.any(),
  ];
  for (const callee of callees) api.allowTo(callee, told);
  api.allowTo(Peer.fqdn('huggingface.co'), { reason: 'models', withoutFqdn: 'internet' });
  const callers = [
    Identity.serviceAccount('ml-jobs', 'scorer'),
    Identity.namespace('ml-jobs'),
    Identity.principal('cluster.local/ns/ml-jobs/sa/scorer'),
    Identity.jwtSubject('https://idp.example.com', 'alice'),
  ];
  for (const caller of callers) {
    api.allowFrom(caller, { ...why, http: [request], withoutMesh: 'l4' });
  }
  const profile = wellKnownCluster();
  for (const caller of [profile.gateway, profile.monitoring, profile.ingressController('edge')]) {
    api.allowFrom(caller, { ports: [Port.all()] });
  }
}

/** Every declaration besides flows; the keys of a token are inline or somewhere, never both. */
function declareForTheMesh(chart: Chart, namespace: MlNamespace, api: Workload): void {
  const waived = { withoutMesh: 'l4', reason: 'edge clusters have no mesh' };
  const gateway = new Workload(chart, 'gateway', {
    namespace,
    labels: { istio: 'egressgateway' },
    ports: [Port.https(8443), Port.grpc(8081)],
    services: [
      { name: 'gateway', ports: [{ port: 443, targetPort: 8443 }] },
      { name: 'counts', ports: [{ port: 8081 }] },
    ],
  });
  new IstioMtls(chart, 'mtls', { namespace });
  new IstioMtls(chart, 'api-mtls', { namespace, workload: api });
  const http = [Http.post('/v1/*').withHosts('models.example.com')];
  const issuer = 'https://idp.example.com';
  const jwks = '{"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}]}';
  const token = { issuer, audiences: ['ml'], claims: { groups: ['ml'] }, withoutToken: http };
  new JwtAuthentication(chart, 'jwt', { workload: api, ...token, jwksUri: `${issuer}/keys` });
  new JwtAuthentication(chart, 'keys', { workload: gateway, issuer, jwks });
  new ExternalEgress(chart, 'hub', {
    from: api,
    to: [Peer.fqdn('hf.co')],
    via: gateway,
    reason: 'models',
    withoutFqdn: 'internet',
  });
  new TrafficRoute(chart, 'route', { workload: api, ...waived, ...everyRouteProp() });
  const ports = [Port.http(8080)];
  const requests = { requests: 50, unit: RateLimitUnit.MINUTE };
  new RateLimit(chart, 'limit', { workload: api, ...waived, ports, ...requests });
  new UserRateLimit(chart, 'users', {
    ...waived,
    workload: api,
    service: gateway,
    ports,
    user: UserKey.claim('sub'),
    whenUnavailable: WhenUnavailable.DENY,
  });
  new CustomAuthorization(chart, 'opa', { workload: api, ...waived, provider: 'opa', ports, http });
}

function everyRouteProp(): Omit<TrafficRouteProps, 'workload'> {
  const second = Duration.seconds(1);
  return {
    service: 'model-api',
    port: 80,
    split: TrafficSplit.canary('stable', 'canary', 10),
    paths: ['/v1/*'],
    otherwise: 'stable',
    timeout: Duration.seconds(5),
    retries: { attempts: 2, perTryTimeout: second },
    connectionPool: {
      maxConnections: 1,
      connectTimeout: second,
      maxPendingRequests: 1,
      maxRequests: 1,
      maxRequestsPerConnection: 1,
      idleTimeout: second,
    },
    outlierDetection: {},
    mirror: { variant: 'canary', percentage: 2.5 },
    gateways: ['public'],
    hosts: ['models.example.com'],
  };
}

/** A mesh whose proxies report to somebody. */
function reportingMesh(): string[] {
  const app = new App();
  const telemetry = [PodGroup.kubePrometheus({ name: 'metrics', ports: [Port.grpc(4317)] })];
  ClusterProfile.provide(app, ClusterProfile.kubeadm({ mesh: Mesh.sidecar({ telemetry }) }));
  new Chart(app, 'chart');
  return TrafficModel.of(app).lines;
}

function wellKnownCluster(): ClusterProfile {
  return ClusterProfile.gke({
    cni: Cni.of({ like: Cni.CILIUM, nodeTrafficImplicit: false }),
    dns: ClusterDns.kubeDns().withNodeLocal({ clusterIp: '10.96.0.10' }),
    clusterDomain: 'k8s.example.com',
    apiServer: { addresses: ['10.0.0.10/32'], clusterIp: '10.96.0.1' },
    podRanges: ['10.244.0.0/16', 'fd00:10:244::/56'],
    serviceRanges: ['10.96.0.0/12'],
    nodeRanges: ['10.0.0.0/24'],
    mesh: Mesh.none(),
    gateway: PodGroup.istioIngressGateway(),
    ingressControllers: [PodGroup.ingressNginx({ name: 'edge' })],
    monitoring: PodGroup.kubePrometheus({ inMesh: false }),
  });
}
