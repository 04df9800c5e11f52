import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  ClusterProfile,
  DefaultDeny,
  DnsEgress,
  ExternalEgress,
  Http,
  IstioMtls,
  JwtAuthentication,
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
import { WITHOUT_MESH, WITHOUT_NAMES } from './waivers';

const METRICS = Port.http(8082, { name: 'metrics', purpose: PortPurpose.METRICS });

const HEALTH = [Http.get('/health'), Http.get('/ready'), Http.get('/v2/health/*')];
const INFERENCE = [Http.post('/v1/models/*'), Http.post('/v2/models/*')];

const ISSUER = 'https://idp.example.com/';
/** Modulus of the issuer's public key. */
const MODULUS = [
  'o2Jl31A0vEFzFaDdwOO-GHA_ySRV1SXll1XJJPdknTkO4DOuEkzzHgG1HcBtzLQukfG_L51fgV7U',
  'qRTWzBocuwilDmWR6sJ3r3G5OFx0pK97qaJprTNUMad0dt5KwwvhAlvrE4V1-WPNr1NdX3Oc9K4n',
  'iXZqjmVGC9PW8SvU-2xmI3csnJun96IE_ebMNZfhm8sUGoxYixNSQYgXDmWJactNmeFIr7F7faEm',
  'FkbnVyD8SvuhLIp34AZ5Fk03I2wTDcLa6RdrFhsx5pI-PfrGXLLp0dEh3xuzN8VOm8NZ42GaNB-n',
  'DdbnX099z5E0VDw4pbhuIe_WNjccewabzVJXYQ',
].join('');

const KEYS = {
  keys: [{ kty: 'RSA', kid: 'ml-mesh', alg: 'RS256', use: 'sig', e: 'AQAB', n: MODULUS }],
};

const MODEL_STORAGE = Peer.fqdn('storage.googleapis.com', '*.s3.amazonaws.com');
const REGISTRIES = Peer.fqdn(
  ...['huggingface.co', '*.huggingface.co', 'storage.googleapis.com', '*.s3.amazonaws.com'],
);

/** Models answer whoever has a token; nobody else reaches them, and they reach little. */
export class Serving extends Chart {
  private readonly home: MlNamespace;
  private readonly inference: Workload;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.home = new MlNamespace(this, 'namespace', { name: id, module: 'serving' });
    const namespace = this.home;
    new DefaultDeny(this, 'default-deny', { namespace });
    new DnsEgress(this, 'dns', { namespace });
    new IstioMtls(this, 'mtls', { namespace });

    this.inference = new Workload(this, 'inference-service', {
      namespace,
      labels: { app: 'inference-service' },
      serviceAccount: 'inference-service',
      ports: [Port.http(8080, { name: 'http' }), METRICS],
      services: [
        { name: 'inference-service', ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
      ],
    });
    this.openInference();
    this.limitInference();
    this.reachFeatures();
    this.reachModels();
  }

  /** Who may send what, and who reads metrics. */
  private openInference(): void {
    const cluster = ClusterProfile.of(this);
    const frontends = Peer.pods({
      labels: { role: 'frontend' },
      namespaceLabels: { 'app.kubernetes.io/part-of': 'ml-platform' },
      mesh: MeshMembership.IN,
    });
    const requests = { http: [...HEALTH, ...INFERENCE], ...WITHOUT_MESH };
    this.inference.allowFrom(cluster.gateway, { ...requests, reason: 'inference for users' });
    this.inference.allowFrom(frontends, { ...requests, reason: 'inference for frontends' });
    this.inference.allowFrom(cluster.monitoring, { ports: [METRICS], reason: 'metrics' });
  }

  /** A token for every inference, and so many a minute for every user. */
  private limitInference(): void {
    const { inference: workload } = this;
    new JwtAuthentication(this, 'jwt', {
      ...{ workload, ...WITHOUT_MESH, reason: 'users are known by their tokens' },
      issuer: ISSUER,
      audiences: ['ml-inference-api'],
      jwks: JSON.stringify(KEYS),
      withoutToken: HEALTH,
    });
    const service = new Workload(this, 'ratelimit', {
      namespace: MlNamespace.fromName(this, 'istio-system', 'istio-system'),
      labels: { app: 'ratelimit' },
      serviceAccount: 'ratelimit',
      ports: [Port.grpc(8081)],
      services: [{ name: 'ratelimit', ports: [{ name: 'grpc', port: 8081 }] }],
      mesh: MeshMembership.IN,
    });
    new UserRateLimit(this, 'per-user', {
      ...{ workload, service, user: UserKey.claim('sub') },
      ...{ ...WITHOUT_MESH, reason: 'no user starves the others' },
      whenUnavailable: WhenUnavailable.ALLOW,
    });
  }

  private reachFeatures(): void {
    const featureStore = new Workload(this, 'feature-store', {
      namespace: this.home,
      labels: { app: 'feature-store' },
      serviceAccount: 'feature-store',
      ports: [Port.grpc(6566)],
    });
    featureStore.allowFrom(this.inference, { reason: 'features of a request' });
  }

  /** Models come from storage; only loaders, which opt in by label, also reach registries. */
  private reachModels(): void {
    new ExternalEgress(this, 'storage', {
      ...{ from: this.inference, to: [MODEL_STORAGE] },
      ...{ ...WITHOUT_NAMES, reason: 'models are read from storage' },
    });
    const loaders = new Workload(this, 'model-loader', {
      namespace: this.home,
      labels: { 'needs-model-access': 'true' },
      serviceAccount: 'model-loader',
    });
    new ExternalEgress(this, 'registries', {
      ...{ from: loaders, to: [REGISTRIES] },
      ...{ ...WITHOUT_NAMES, reason: 'models are downloaded from these registries only' },
    });
  }
}
