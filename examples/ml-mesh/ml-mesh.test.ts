import { TrafficModel } from 'cdk8s-ml-netpol';
import { mtlsMode } from '../../test/naive/istio';
import { letsOut } from '../../test/naive/istio-egress';
import type { MeshPod, MeshWorld } from '../../test/naive/istio-world';
import { meshWorld } from '../../test/naive/istio-world';
import { loadYaml } from '../../test/naive/load-yaml';
import type { Judged, Somebody } from '../../test/support/asking';
import { arriving } from '../../test/support/asking';
import { chainOf, namesOf } from '../../test/support/naive-filters';
import { outputFolder } from '../../test/support/reach';
import { documents } from '../../test/support/written';
import { asksOf, castOf, FOREIGN, PORTS, REQUESTS } from './cast';
import type { Variant } from './cluster';
import { mlMesh } from './ml-mesh';

const VARIANTS: readonly Variant[] = ['sidecar', 'ambient', 'none'];
const IN_A_MESH: readonly Variant[] = ['sidecar', 'ambient'];

const SERVICES = [
  ['ml-serving', 'inference-service', 8080],
  ['ml-training', 'mlflow', 5000],
  ['ml-sensitive', 'pii-processor', 8080],
].map(([namespace, name, port]) => ({
  namespace: String(namespace),
  name: String(name),
  pod: String(name),
  ports: [{ port: Number(port), targetPort: Number(port) }],
}));

const written = {
  sidecar: writtenFor('sidecar'),
  ambient: writtenFor('ambient'),
  none: writtenFor('none'),
};

function writtenFor(variant: Variant) {
  const folder = outputFolder();
  const platform = mlMesh(variant, folder);
  platform.synth();
  const loaded = loadYaml(folder);
  const cast = castOf(variant);
  const everybody: Somebody[] = [...Object.values(cast.ours), ...Object.values(cast.others)];
  const network = {
    namespaces: { ...loaded.namespaces, ...FOREIGN },
    policies: loaded.policies,
    pods: everybody.flatMap(({ end }) => ('namespace' in end ? [end] : [])),
  };
  const mesh = meshWorld(loaded.others);
  const judged: Judged =
    variant === 'ambient'
      ? { mode: variant, network, mesh, manifests: loaded.others, services: SERVICES }
      : { mode: variant, network, mesh };
  return { folder, ...loaded, platform, cast, mesh, judged };
}

const INFERENCE = { app: 'inference-service' };

function entry(host: string, resolution: string) {
  return {
    hosts: [host],
    resolution,
    location: 'MESH_EXTERNAL',
    exportTo: ['.'],
    ports: [{ name: 'tls-443', number: 443, protocol: 'TLS' }],
  };
}

function isStrict(mesh: MeshWorld, pod: MeshPod, port: number): boolean {
  return mtlsMode(mesh, pod, port) === 'STRICT';
}

/** A line for every pair and every port. */
function lines(from: readonly Somebody[], to: readonly Somebody[], ...what: string[]): string[] {
  return from.flatMap((source) =>
    to.flatMap((target) => what.map((one) => `${source.name} -> ${target.name} ${one}`)),
  );
}

/** The lines of the matrix that is asked about: whoever is isolated, at either end. */
function matrix(variant: Variant): string[] {
  const { judged, cast } = written[variant];
  const ours = Object.values(cast.ours);
  const others = Object.values(cast.others);
  const around = variant === 'none' ? [] : Object.values(cast.around);
  const pairs = [
    ...ours.flatMap((from) => [...ours, ...others].map((to) => [from, to] as const)),
    ...[...others, ...around].flatMap((from) => ours.map((to) => [from, to] as const)),
  ];
  const among = pairs.map(
    ([from, to]) => [from.end === to.end ? replica(from) : from, to] as const,
  );
  return arriving(judged, among, asksOf);
}

/** Another pod that is alike: a pod may always talk to itself. */
function replica({ name, end }: Somebody): Somebody {
  return { name, end: 'inMesh' in end ? { ...end, name: `${end.name}-2`, ip: '10.244.9.9' } : end };
}

const FREE = [REQUESTS.health, REQUESTS.ready, REQUESTS.live, REQUESTS.healthWithToken];
const WITH_TOKEN = [REQUESTS.predict, REQUESTS.infer];

/** What holds in every variant. */
function declared(variant: Variant): string[] {
  const { ours, others } = written[variant].cast;
  const { inference, features, loader, serving, worker, otherWorker } = ours;
  const { pii, otherPii, clearedPii } = ours;
  const workers = [worker, otherWorker];
  const personal = [pii, otherPii, clearedPii];
  const requests = variant === 'none' ? Object.values(REQUESTS) : [...FREE, ...WITH_TOKEN];
  const asked = requests.map(({ name }) => name);
  const internet = [others.internet, others.internet6];
  return [
    ...lines([others.gateway, others.frontend, others.otherFrontend], [inference], ...asked),
    ...lines([others.prometheus], [inference], 'TCP 8082'),
    ...lines([inference], [features], 'TCP 6566'),
    ...lines([inference, loader], internet, 'TCP 443'),
    ...lines(workers, workers, 'every port'),
    ...lines([others.pipelines], workers, 'TCP 2222'),
    ...lines(workers, [others.nfs], 'TCP 443', 'TCP 2049'),
    ...lines(workers, [others.mlflow], 'TCP 5000'),
    ...lines([others.cleared, clearedPii], personal, 'TCP 8080'),
    ...lines(personal, [others.cleared, others.uncleared], 'every TCP port'),
    ...lines(
      [inference, features, loader, serving, ...workers, ...personal],
      [others.dns],
      'TCP 53',
      'UDP 53',
    ),
  ];
}

/** What only sidecars need: their control plane, and the service that their proxies ask. */
function plumbing(): string[] {
  const { ours, others, around } = written.sidecar.cast;
  const { inference, worker, otherWorker } = ours;
  return [
    ...lines(Object.values(ours), [others.istiod], 'TCP 15012'),
    ...lines([inference], [others.ratelimit], 'TCP 8081'),
    // training pods are out of the mesh: nobody there asks for more than plain text
    ...lines([around.pipelines], [worker, otherWorker], 'TCP 2222'),
  ];
}

describe('ml-mesh: every pair', () => {
  test('S2-01 S2-02 S2-03 S2-04 S2-05 S2-06 S2-07 S2-08 S2-09 S2-10 S2-11 S2-12 S2-13 S2-14 S2-17 sidecar: exactly what is declared', () => {
    expect(matrix('sidecar')).toEqual([...declared('sidecar'), ...plumbing()].sort());
  });

  test('S2-01 S2-02 S2-03 S2-04 S2-05 S2-06 S2-07 S2-08 S2-09 S2-10 S2-11 S2-12 S2-13 S2-14 S2-17 ambient: exactly what is declared', () => {
    expect(matrix('ambient')).toEqual(declared('ambient').sort());
  });

  test('S2-02 S2-03 S2-04 S2-05 S2-06 S2-07 S2-08 S2-09 S2-10 S2-11 S2-12 S2-17 none: exactly the same on L3 and L4', () => {
    expect(matrix('none')).toEqual(declared('none').sort());
  });
});

describe('ml-mesh: mutual TLS', () => {
  const open = (variant: Variant): string[] => {
    const { mesh, cast } = written[variant];
    const homes = ['ml-serving', 'ml-training', 'ml-sensitive'];
    return [...Object.values(cast.ours), ...Object.values(cast.others)].flatMap(({ name, end }) =>
      'inMesh' in end && homes.includes(end.namespace)
        ? PORTS.filter(
            ({ protocol, port }) => protocol === 'TCP' && !isStrict(mesh, end, port),
          ).map(({ port }) => `${name} ${String(port)}`)
        : [],
    );
  };

  test('S2-01 S2-06 S2-12 sidecar: plain text reaches metrics and mlflow 5000, where callers are out of the mesh', () => {
    expect(open('sidecar')).toEqual([
      'ml-serving/inference-service 8082',
      'ml-training/mlflow 5000',
    ]);
  });

  test('S2-01 S2-06 ambient: training pods are in the mesh, so only metrics are left', () => {
    expect(open('ambient')).toEqual(['ml-serving/inference-service 8082']);
  });

  test.each(IN_A_MESH)(
    'S2-01 %s: a stranger in plain text reaches no mlflow port but 5000',
    (one) => {
      const { judged, cast } = written[one];
      const callers = [cast.others.grafana, cast.around.pipelines];
      const pairs = callers.map((from) => [from, cast.others.mlflow] as const);
      const expected = one === 'sidecar' ? lines(callers, [cast.others.mlflow], 'TCP 5000') : [];
      const tcp = PORTS.filter(({ protocol }) => protocol === 'TCP');
      expect(arriving(judged, pairs, () => tcp)).toEqual(expected.sort());
    },
  );
});

describe('ml-mesh: host names', () => {
  const HOSTS = [
    'huggingface.co',
    'cdn-lfs.huggingface.co',
    'storage.googleapis.com',
    'models.s3.amazonaws.com',
    's3.amazonaws.com',
    'other.googleapis.com',
    'evil.example.com',
  ];
  const { others, cast } = written.sidecar;
  const known = ({ end }: Somebody, port = 443): string[] => {
    const { namespace, labels } = end as MeshPod;
    const caller = { namespace, labels: labels ?? {} };
    const ip = '203.0.113.7';
    return HOSTS.filter(
      (host) => letsOut(others, caller, { host, ip, port, speaks: 'tls' }) === 'by name',
    );
  };

  test('S2-16 loaders: the registries on the list, on 443, and no other host', () => {
    expect(known(cast.ours.loader)).toEqual(HOSTS.slice(0, 4));
    expect(known(cast.ours.loader, 8443)).toEqual([]);
  });

  test('S2-07 inference: its model stores, and no other host', () => {
    expect(known(cast.ours.inference)).toEqual(HOSTS.slice(2, 4));
  });

  test('S2-07 S2-16 the proxies of both let nothing else out; entries are for this namespace only', () => {
    const { folder } = written.sidecar;
    const sidecars = documents(folder, 'Sidecar').map(({ spec }) => spec);
    expect(sidecars).toEqual([
      expect.objectContaining({
        outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
        workloadSelector: { labels: { app: 'inference-service' } },
      }),
      expect.objectContaining({
        outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
        workloadSelector: { labels: { 'needs-model-access': 'true' } },
      }),
    ]);
    expect(documents(folder, 'ServiceEntry').map(({ spec }) => spec)).toEqual([
      entry('huggingface.co', 'DNS'),
      entry('storage.googleapis.com', 'DNS'),
      // Istio refuses to resolve a wildcard
      entry('*.huggingface.co', 'NONE'),
      entry('*.s3.amazonaws.com', 'NONE'),
    ]);
  });
});

describe('ml-mesh: limits by user', () => {
  test('S2-15 sidecar: the proxies of inference ask the rate-limit service, and tell users by claim sub', () => {
    const [filter, ...more] = documents(written.sidecar.folder, 'EnvoyFilter');
    expect(more).toEqual([]);
    expect(filter?.['spec']).toMatchObject({ workloadSelector: { labels: INFERENCE } });
    const text = JSON.stringify(filter);
    expect(text).toContain(
      '"cluster_name":"outbound|8081||ratelimit.istio-system.svc.cluster.local"',
    );
    expect(text).toContain('"path":[{"key":"payload"},{"key":"sub"}]');
    expect(text).toContain('"destinationPort":8080');
    expect(text).toContain('"failure_mode_deny":false');
  });

  test('S2-15 sidecar: requests count once identity and token are checked', () => {
    const filters = documents(written.sidecar.folder, 'EnvoyFilter').map((one) => ({
      ...one,
      spec: one['spec'],
    }));
    const names = namesOf(chainOf(filters, INFERENCE, 8080));
    expect(names).toEqual(['rbac', 'jwt_authn', 'rbac', 'ratelimit', 'router']);
  });

  test.each(VARIANTS)(
    'S2-15 %s: nothing of it is an AuthorizationPolicy with action CUSTOM',
    (one) => {
      const actions = documents(written[one].folder, 'AuthorizationPolicy').map(({ spec }) => spec);
      expect(JSON.stringify(actions)).not.toContain('CUSTOM');
      if (one !== 'sidecar') expect(documents(written[one].folder, 'EnvoyFilter')).toEqual([]);
    },
  );
});

describe('ml-mesh: what a variant gives up', () => {
  const waivers = (variant: Variant): readonly string[] =>
    TrafficModel.of(written[variant].platform).waivers;

  test('S2-01 sidecar: names are held by proxies only, and nothing else is given up', () => {
    expect(waivers('sidecar')).toEqual([
      expect.stringContaining('names are enforced at the proxy only'),
      expect.stringContaining('names are enforced at the proxy only'),
    ]);
  });

  test('S2-01 S2-15 S2-16 ambient: names and limits by user', () => {
    expect(waivers('ambient')).toEqual([
      expect.stringContaining('names are not enforced'),
      expect.stringContaining('names are not enforced'),
      expect.stringContaining('nothing holds a limit by claim sub'),
    ]);
  });

  test('S2-01 S2-13 S2-14 S2-15 S2-16 none: names, requests, tokens and limits by user', () => {
    expect(waivers('none')).toEqual([
      expect.stringContaining('names are not enforced'),
      expect.stringContaining('names are not enforced'),
      expect.stringContaining('L3/L4 stands in for HTTP requests'),
      expect.stringContaining('L3/L4 stands in for HTTP requests'),
      expect.stringContaining('nothing holds a limit by claim sub'),
      expect.stringContaining('nothing holds tokens of https://idp.example.com/'),
    ]);
    expect(written.none.others).toEqual([]);
  });
});
