/**
 * The ML mesh judged by the naive evaluators, NetworkPolicy and mesh together, in each of its three
 * variants: who may send what to the isolated pods, and where these may go. Every pair that no line
 * names is denied. Ids are those of the requirements.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../test/naive/load-yaml';
import { meshAllows, mtlsMode } from '../../test/naive/istio';
import { ambientAllows } from '../../test/naive/istio-ambient';
import type { MeshPod, MeshRequest, MeshWorld, Token } from '../../test/naive/istio-world';
import { meshWorld } from '../../test/naive/istio-world';
import { allowed } from '../../test/naive/network-policy';
import type { Address, NetworkPolicy, Pod, World } from '../../test/naive/world';
import { OUTSIDE, outputFolder } from '../../test/support/reach';
import { documents } from '../../test/support/written';
import { clusterWith } from './cluster';
import { mlMesh } from './ml-mesh';

const KINDS = ['Namespace', 'NetworkPolicy', 'AuthorizationPolicy', 'PeerAuthentication'];
const OTHERS = ['RequestAuthentication', 'ServiceEntry', 'Sidecar', 'EnvoyFilter', 'Gateway'];
const HTTP_PORTS = [8080, 8082];
const PORTS = [...HTTP_PORTS, 6566, 5000, 2222, 2049, 443, 29500, 7777];
const LABELLED = { 'app.kubernetes.io/part-of': 'ml-platform' };
const INFERENCE_SERVICE = {
  ...{ namespace: 'ml-serving', name: 'inference-service', pod: 'inference' },
  ports: [{ port: 80, targetPort: 8080 }],
};

type Variant = 'none' | 'sidecar' | 'ambient';
type Question = Omit<MeshRequest, 'from' | 'to'>;

let lastAddress = 0;

function pod(id: string, labels: Record<string, string>, account: string, inMesh = true): MeshPod {
  lastAddress += 1;
  const [namespace = '', name = ''] = id.split('/');
  const identity = { namespace, name, labels, serviceAccount: account, inMesh };
  return { ...identity, httpPorts: HTTP_PORTS, ip: `10.244.0.${String(lastAddress)}` };
}

/** Everybody who is asked about; training pods are in the mesh or not, as the variant has it. */
function castOf(variant: Variant) {
  const inMesh = variant === 'ambient';
  const frontend = { role: 'frontend' };
  const training = { 'workload-type': 'training' };
  return {
    inference: pod('ml-serving/inference', { app: 'inference-service' }, 'inference-service'),
    features: pod('ml-serving/features', { app: 'feature-store' }, 'feature-store'),
    loader: pod('ml-serving/loader', { 'needs-model-access': 'true' }, 'model-loader'),
    served: pod('ml-serving/served', {}, 'default'),
    gateway: pod(
      'istio-system/gateway',
      { istio: 'ingressgateway' },
      'istio-ingressgateway-service-account',
    ),
    root: pod('istio-system/root', {}, 'default'),
    frontend: pod('shop/frontend', frontend, 'shop'),
    backend: pod('shop/backend', {}, 'shop'),
    unlabelled: pod('elsewhere/unlabelled', frontend, 'shop'),
    stranger: pod('elsewhere/stranger', {}, 'default', false),
    prometheus: pod('monitoring/prometheus', { app: 'prometheus' }, 'prometheus', false),
    grafana: pod('monitoring/grafana', {}, 'grafana', false),
    trainer: pod('ml-training/trainer', training, 'training', inMesh),
    trainee: pod('ml-training/trainee', training, 'training', inMesh),
    mlflow: pod('ml-training/mlflow', { app: 'mlflow' }, 'mlflow'),
    pipelines: pod('ml-training/pipelines', { app: 'kubeflow-pipelines' }, 'pipelines'),
    pupil: pod('ml-training/pupil', {}, 'default'),
    pii: pod('ml-sensitive/pii', { 'data-classification': 'pii' }, 'pii-processor'),
    cleared: pod('ml-sensitive/cleared', { 'pii-access': 'true' }, 'default'),
    uncleared: pod('ml-sensitive/uncleared', {}, 'default'),
    disguised: pod('elsewhere/disguised', { 'pii-access': 'true' }, 'default'),
  } as const;
}

type Cast = ReturnType<typeof castOf>;
type Name = keyof Cast;

/** One variant as it was written. */
class Written {
  readonly folder = outputFolder();
  readonly cast: Cast;
  readonly manifests: readonly Manifest[];
  readonly mesh: MeshWorld;
  private readonly world: World;

  constructor(readonly variant: Variant) {
    mlMesh(clusterWith(variant), this.folder).synth();
    this.cast = castOf(variant);
    this.manifests = [...KINDS, ...OTHERS].flatMap((kind) => documents(this.folder, kind));
    this.mesh = meshWorld(this.manifests, { trustDomain: 'cluster.local' });
    const others = { shop: LABELLED, elsewhere: {}, monitoring: {}, 'istio-system': {} };
    const named = Object.entries(others).map(([name, labels]) => [
      name,
      { labels: { ...labels, 'kubernetes.io/metadata.name': name } },
    ]);
    const ours = this.of('Namespace').map(({ metadata }) => [
      metadata.name,
      { labels: (metadata as { labels?: Record<string, string> }).labels },
    ]);
    this.world = {
      namespaces: Object.fromEntries([...named, ...ours]) as World['namespaces'],
      pods: Object.values(this.cast),
      policies: this.of('NetworkPolicy') as unknown as NetworkPolicy[],
    };
  }

  of(kind: string): Manifest[] {
    return this.manifests.filter((one) => one.kind === kind);
  }

  spec(kind: string, name: string): unknown {
    return this.of(kind).find(({ metadata }) => metadata.name === name)?.['spec'];
  }

  lets(from: MeshPod | Address, to: MeshPod, asked: Question): boolean {
    const { world, mesh, manifests } = this;
    const request = { ...asked, from, to };
    const { protocol = 'TCP', port } = asked;
    switch (this.variant) {
      case 'none':
        return allowed(world, from, to, protocol, port);
      case 'sidecar':
        return allowed(world, from, to, protocol, port) && meshAllows(mesh, request);
      case 'ambient':
        return ambientAllows(
          { network: world, mesh, manifests, services: [INFERENCE_SERVICE] },
          request,
        );
    }
  }

  leaves(from: MeshPod, to: Pod | Address, port: number, protocol: 'TCP' | 'UDP' = 'TCP'): boolean {
    return allowed(this.world, from, to, protocol, port);
  }

  /** `from -> to 8080` with a request that needs no token. */
  reach(targets: readonly Name[]): string[] {
    const callers = Object.entries(this.cast);
    return targets.flatMap((to) =>
      callers.flatMap(([name, from]) =>
        PORTS.filter((port) => {
          const request = HTTP_PORTS.includes(port) ? { method: 'GET', path: '/health' } : {};
          return from !== this.cast[to] && this.lets(from, this.cast[to], { port, ...request });
        }).map((port) => `${name} -> ${to} ${String(port)}`),
      ),
    );
  }
}

const VARIANTS: readonly Variant[] = ['sidecar', 'ambient', 'none'];
const written = Object.fromEntries(VARIANTS.map((one) => [one, new Written(one)])) as Record<
  Variant,
  Written
>;
const { sidecar, ambient, none } = written;

const good: Token = {
  issuer: 'https://idp.example.com/',
  ...{ subject: 'alice', audiences: ['ml-inference-api'], valid: true },
};

describe.each(VARIANTS)('in the variant %s', (variant) => {
  const here = written[variant];
  const { cast } = here;

  it('S2-04 S2-05 S2-06 S2-08: lets through to serving what is declared, and nothing else', () => {
    expect(here.reach(['inference', 'features', 'loader', 'served'])).toEqual([
      'gateway -> inference 8080',
      'frontend -> inference 8080',
      'prometheus -> inference 8082',
      'inference -> features 6566',
    ]);
  });

  it('S2-09 S2-10: lets training pods talk to each other on every port, and be controlled on one', () => {
    expect(here.reach(['trainer'])).toEqual([
      ...PORTS.map((port) => `trainee -> trainer ${String(port)}`),
      'pipelines -> trainer 2222',
    ]);
  });

  it('S2-17: lets personal data be reached with clearance only', () => {
    expect(here.reach(['pii'])).toEqual(['cleared -> pii 8080']);
  });

  it('S2-11 S2-12: lets training pods go to their data and the tracker, and nowhere else', () => {
    const data = { ip: '10.1.2.3' };
    const { trainer, mlflow, inference } = cast;
    expect(PORTS.filter((port) => here.leaves(trainer, data, port))).toEqual([2049, 443]);
    for (const ip of ['10.244.7.7', '10.96.0.10', '192.168.7.7', '203.0.113.7']) {
      expect(PORTS.filter((port) => here.leaves(trainer, { ip }, port))).toEqual([]);
    }
    expect(here.lets(trainer, mlflow, { port: 5000 })).toBe(true);
    expect(here.lets(trainer, mlflow, { port: 443 })).toBe(false);
    expect(here.lets(trainer, inference, { port: 8080, method: 'GET', path: '/health' })).toBe(
      false,
    );
  });

  it('S2-07 S2-16: opens HTTPS to the internet for inference and loaders, for nobody else', () => {
    for (const [name, from] of Object.entries(cast)) {
      if (from.namespace !== 'ml-serving') continue;
      const out = ['inference', 'loader'].includes(name);
      expect([name, here.leaves(from, OUTSIDE.internet.end, 443)]).toEqual([name, out]);
      expect(here.leaves(from, OUTSIDE.internet.end, 80)).toBe(false);
      expect(here.leaves(from, OUTSIDE.metadata.end, 443)).toBe(false);
      expect(here.leaves(from, OUTSIDE.private.end, 443)).toBe(false);
    }
  });

  it('S2-17: lets personal data leave the namespace on no way', () => {
    const { pii, uncleared, inference } = cast;
    expect(here.leaves(pii, OUTSIDE.internet.end, 443)).toBe(false);
    expect(here.leaves(pii, OUTSIDE.private.end, 443)).toBe(false);
    expect(here.leaves(pii, inference, variant === 'ambient' ? 15008 : 8080)).toBe(false);
    expect(here.lets(pii, uncleared, { port: 7777 })).toBe(true);
    expect(here.lets(pii, uncleared, { port: 7777, protocol: 'UDP' })).toBe(false);
  });

  it('S2-02 S2-03: isolates serving both ways, but for DNS', () => {
    expect(here.spec('NetworkPolicy', 'default-deny')).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    const dns: Pod = { namespace: 'kube-system', name: 'dns', labels: { 'k8s-app': 'kube-dns' } };
    for (const from of [cast.served, cast.inference, cast.trainer, cast.pii]) {
      expect(here.leaves(from, dns, 53, 'UDP')).toBe(true);
      expect(here.leaves(from, dns, 53)).toBe(true);
    }
  });
});

describe.each([
  ['sidecar', sidecar],
  ['ambient', ambient],
] as const)('requests in the mesh with %s', (_, mesh) => {
  const { cast } = mesh;

  function answered(from: MeshPod, jwt?: Token): string[] {
    return ['GET', 'POST'].flatMap((method) =>
      ['/health', '/ready', '/v2/health/live', '/v1/models/bert', '/v2/models/bert', '/admin']
        .filter((path) => mesh.lets(from, cast.inference, { port: 8080, method, path, jwt }))
        .map((path) => `${method} ${path}`),
    );
  }

  const HEALTH = ['GET /health', 'GET /ready', 'GET /v2/health/live'];
  const INFERENCE = ['POST /v1/models/bert', 'POST /v2/models/bert'];

  it('S2-13: answer health checks without a token, of the same callers', () => {
    expect(answered(cast.gateway)).toEqual(HEALTH);
    expect(answered(cast.frontend)).toEqual(HEALTH);
    expect(answered(cast.backend)).toEqual([]);
    expect(answered(cast.unlabelled)).toEqual([]);
  });

  it('S2-14: answer inference with a token of the issuer for this audience', () => {
    expect(answered(cast.gateway, good)).toEqual([...HEALTH, ...INFERENCE]);
    expect(answered(cast.frontend, good)).toEqual([...HEALTH, ...INFERENCE]);
    expect(answered(cast.backend, good)).toEqual([]);
  });

  it.each([
    ['of another issuer', { ...good, issuer: 'https://other.example.com/' }],
    ['for another audience', { ...good, audiences: ['billing'] }],
    ['that is expired or forged', { ...good, valid: false }],
  ])('S2-14: refuse a token %s', (__, token) => {
    expect(answered(cast.gateway, token)).toEqual([]);
  });

  it('S2-06: let Prometheus read metrics in plain text, and nobody else', () => {
    const metrics = { port: 8082, method: 'GET', path: '/metrics' };
    const readers = Object.entries(cast).filter(
      ([, from]) => from !== cast.inference && mesh.lets(from, cast.inference, metrics),
    );
    expect(readers.map(([name]) => name)).toEqual(['prometheus']);
  });
});

describe('mutual TLS', () => {
  it('S2-01: is required everywhere, but where a declared caller has no sidecar', () => {
    const { cast, mesh } = sidecar;
    const ours = Object.entries(cast).filter(
      ([, { namespace, inMesh }]) => namespace.startsWith('ml-') && inMesh,
    );
    const open = ours.flatMap(([name, to]) =>
      PORTS.filter((port) => mtlsMode(mesh, to, port) !== 'STRICT').map(
        (port) => `${name} ${String(port)}`,
      ),
    );
    expect(open).toEqual(['inference 8082', 'mlflow 5000']);
  });

  it('S2-12: of the tracker is PERMISSIVE for training pods without sidecars, on its port only', () => {
    expect(sidecar.spec('PeerAuthentication', 'mlflow-mtls')).toEqual({
      selector: { matchLabels: { app: 'mlflow' } },
      mtls: { mode: 'STRICT' },
      portLevelMtls: { '5000': { mode: 'PERMISSIVE' } },
    });
    expect(ambient.spec('PeerAuthentication', 'mlflow-mtls')).toBeUndefined();
  });

  it('S2-01: keeps callers in plain text out', () => {
    const plain = { port: 8080, method: 'GET', path: '/health', plaintext: true };
    for (const { cast, lets } of [sidecar, ambient].map((one) => ({
      cast: one.cast,
      lets: one.lets.bind(one),
    }))) {
      expect(lets(cast.gateway, cast.inference, plain)).toBe(false);
      expect(lets(cast.frontend, cast.inference, plain)).toBe(false);
    }
  });
});

describe('the way out, with sidecars', () => {
  const hosts = (): string[] =>
    sidecar
      .of('ServiceEntry')
      .flatMap(({ spec }) => (spec as unknown as { hosts: string[] }).hosts)
      .sort();

  it('S2-07 S2-16: knows the allowed hosts, and no others', () => {
    expect([...new Set(hosts())]).toEqual([
      '*.huggingface.co',
      '*.s3.amazonaws.com',
      'huggingface.co',
      'storage.googleapis.com',
    ]);
  });

  it('S2-16: resolves exact names by DNS and wildcards not at all, and exports to the namespace', () => {
    for (const { spec } of sidecar.of('ServiceEntry')) {
      const entry = spec as unknown as { hosts: string[]; resolution: string; exportTo: string[] };
      const wildcard = entry.hosts.some((host) => host.startsWith('*'));
      expect(entry.resolution).toBe(wildcard ? 'NONE' : 'DNS');
      expect(entry.exportTo).toEqual(['.']);
    }
  });

  it('S2-16: is closed for everything else, for those who opted in', () => {
    const sidecars = sidecar
      .of('Sidecar')
      .map(({ spec }) => spec as unknown as Record<string, unknown>);
    expect(sidecars.map((spec) => spec['outboundTrafficPolicy'])).toEqual(
      sidecars.map(() => ({ mode: 'REGISTRY_ONLY' })),
    );
    expect(sidecars.map((spec) => spec['workloadSelector'])).toEqual([
      { labels: { app: 'inference-service' } },
      { labels: { 'needs-model-access': 'true' } },
    ]);
  });

  it('S2-15: leads to the rate-limit service, which counts every user', () => {
    const { inference, root } = sidecar.cast;
    const ratelimit = { ...root, name: 'ratelimit', labels: { app: 'ratelimit' } };
    expect(sidecar.leaves(inference, ratelimit, 8081)).toBe(true);
    expect(sidecar.leaves(inference, root, 8081)).toBe(false);
    const [filter] = sidecar.of('EnvoyFilter').map((one) => JSON.stringify(one));
    expect(filter).toContain('ratelimit.istio-system.svc.cluster.local');
    expect(filter).toContain('envoy.filters.http.ratelimit');
  });

  it('S2-01: reaches istiod', () => {
    const istiod: Pod = { namespace: 'istio-system', name: 'istiod', labels: { app: 'istiod' } };
    for (const from of [sidecar.cast.served, sidecar.cast.pii]) {
      expect(sidecar.leaves(from, istiod, 15012)).toBe(true);
    }
  });
});

describe('what a variant gives up', () => {
  const waivers = ({ folder }: Written): string[] =>
    readFileSync(join(folder, 'traffic-model.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { record: string; what: string })
      .filter(({ record }) => record === 'waiver')
      .map(({ what }) => what.replace(/:.*/, ''));

  it('stands in its model: names at the proxy only, with sidecars', () => {
    expect(new Set(waivers(sidecar))).toEqual(new Set(['names are enforced at the proxy only']));
  });

  it('stands in its model: names and the limit by user, in ambient', () => {
    expect(new Set(waivers(ambient))).toEqual(
      new Set(['names are not enforced', 'no proxy sees them']),
    );
  });

  it('stands in its model: everything about requests, without a mesh', () => {
    expect(new Set(waivers(none))).toEqual(
      new Set([
        'L3/L4 stands in for HTTP requests',
        'names are not enforced',
        'no proxy sees them',
      ]),
    );
    expect(none.of('AuthorizationPolicy')).toEqual([]);
  });
});
