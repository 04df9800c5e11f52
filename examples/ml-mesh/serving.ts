/**
 * Inference: who may ask for it, with which requests and tokens, and where its models come from.
 */
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  DefaultDeny,
  DnsEgress,
  ExternalEgress,
  Http,
  IstioMtls,
  JwtAuthentication,
  L7AccessRule,
  MeshMembership,
  MlNamespace,
  Peer,
  Port,
  PortPurpose,
  UserKey,
  UserRateLimit,
  WhenUnavailable,
  Workload,
} from 'cdk8s-ml-netpol';
import jwks from './jwks.json';

const METRICS = Port.http(8082, { name: 'http-metrics', purpose: PortPurpose.METRICS });
const HEALTH = Http.get('/health', '/ready', '/v2/health/*');
const INFERENCE = Http.post('/v1/models/*', '/v2/models/*');

const GATEWAY = Peer.pods({
  namespace: 'istio-system',
  labels: { istio: 'ingressgateway' },
  serviceAccount: 'istio-ingressgateway-service-account',
  mesh: MeshMembership.IN,
});
const FRONTENDS = Peer.pods({
  namespaceLabels: { 'app.kubernetes.io/part-of': 'ml-platform' },
  labels: { role: 'frontend' },
  mesh: MeshMembership.IN,
});
const PROMETHEUS = Peer.pods({
  namespace: 'monitoring',
  labels: { app: 'prometheus' },
  mesh: MeshMembership.OUT,
});

const MODEL_STORES = ['storage.googleapis.com', '*.s3.amazonaws.com'];

export class Serving extends Chart {
  private readonly home = new MlNamespace(this, 'namespace', { name: 'ml-serving' });

  private readonly inference = new Workload(this, 'inference-service', {
    namespace: this.home,
    labels: { app: 'inference-service' },
    serviceAccount: 'inference-service',
    ports: [Port.http(8080, { name: 'http' }), METRICS],
    services: [{ name: 'inference-service', ports: [{ port: 8080, name: 'http' }] }],
  });

  /** Behind a headless Service, so that an ambient mesh calls its pods past the waypoint. */
  private readonly features = new Workload(this, 'feature-store', {
    namespace: this.home,
    labels: { app: 'feature-store' },
    serviceAccount: 'feature-store',
    ports: [Port.grpc(6566, { name: 'grpc' })],
  });

  private readonly loaders = new Workload(this, 'model-loader', {
    namespace: this.home,
    labels: { 'needs-model-access': 'true' },
    serviceAccount: 'model-loader',
  });

  constructor(scope: Construct, id: string) {
    super(scope, id);
    new DefaultDeny(this, 'deny', { namespace: this.home });
    new DnsEgress(this, 'dns', { namespace: this.home });
    new IstioMtls(this, 'mtls', { namespace: this.home });
    this.takeRequests();
    this.limitUsers();
    this.fetchModels();
  }

  private takeRequests(): void {
    new L7AccessRule(this, 'requests', {
      to: this.inference,
      from: [GATEWAY, FRONTENDS],
      http: [HEALTH, INFERENCE],
      reason: 'predictions for users, and whether the service is up',
      withoutMesh: 'l4',
    });
    new JwtAuthentication(this, 'tokens', {
      workload: this.inference,
      issuer: 'https://idp.example.com/',
      audiences: ['ml-inference-api'],
      jwks: JSON.stringify(jwks),
      withoutToken: [HEALTH],
      reason: 'only users of the inference API get predictions',
      withoutMesh: 'l4',
    });
    this.inference.allowFrom(PROMETHEUS, { ports: [METRICS], reason: 'metrics' });
    this.inference.allowTo(this.features, { reason: 'features of the entities asked about' });
  }

  private limitUsers(): void {
    const ratelimit = new Workload(this, 'ratelimit', {
      namespace: MlNamespace.fromName(this, 'istio-system', 'istio-system', {
        mesh: MeshMembership.IN,
      }),
      labels: { app: 'ratelimit' },
      ports: [Port.grpc(8081)],
      services: [{ name: 'ratelimit', ports: [{ port: 8081, name: 'grpc' }] }],
    });
    new UserRateLimit(this, 'user-limit', {
      workload: this.inference,
      service: ratelimit,
      user: UserKey.claim('sub'),
      whenUnavailable: WhenUnavailable.ALLOW,
      reason: 'fair shares of the accelerators',
      withoutMesh: 'l4',
    });
  }

  private fetchModels(): void {
    new ExternalEgress(this, 'model-stores', {
      from: this.inference,
      to: [Peer.fqdn(...MODEL_STORES)],
      reason: 'models are loaded from object storage',
      withoutFqdn: 'internet',
    });
    new ExternalEgress(this, 'model-registries', {
      from: this.loaders,
      to: [Peer.fqdn('huggingface.co', '*.huggingface.co', ...MODEL_STORES)],
      reason: 'new models are downloaded from the registries on the list',
      withoutFqdn: 'internet',
    });
  }
}
