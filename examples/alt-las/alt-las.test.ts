import { TrafficModel } from 'cdk8s-ml-netpol';
import type { Environment } from 'cdk8s-ml-netpol';
import { loadYaml } from '../../test/naive/load-yaml';
import type { LoadedYaml } from '../../test/naive/load-yaml';
import type { Cast, Named, PortOfInterest } from '../../test/support/reach';
import {
  KUBE_SYSTEM,
  lines,
  OUTSIDE,
  outputFolder,
  pod,
  reachedBy,
} from '../../test/support/reach';
import { documents, yamlText } from '../../test/support/written';
import { altLas, ENVIRONMENTS } from './alt-las';

const BACKEND = { 'app.kubernetes.io/component': 'backend' };
const NGINX = { 'app.kubernetes.io/name': 'ingress-nginx' };
const PROMETHEUS = { 'app.kubernetes.io/name': 'prometheus' };
const PORTS: PortOfInterest[] = [
  ['TCP', 3000],
  ['TCP', 8000],
  ['TCP', 8001],
  ['TCP', 8080],
  ['TCP', 9000],
  ['TCP', 9090],
  ['TCP', 443],
  ['TCP', 53],
  ['UDP', 53],
  ['UDP', 8080],
];

interface Scene extends Cast {
  readonly folder: string;
  readonly world: LoadedYaml;
  readonly waivers: readonly string[];
  /** The five workloads; `ours` has a pod more, that nobody declared. */
  readonly workloads: readonly Named[];
}

const SCENES = new Map(ENVIRONMENTS.map((one) => [one.name, sceneOf(one)] as const));

function sceneOf(environment: Environment): Scene {
  const folder = outputFolder();
  const app = altLas(environment, folder);
  app.synth();
  const namespace = `alt-las-${environment.name}`;
  const other = environment.name === 'prod' ? 'alt-las-staging' : 'alt-las-prod';
  const backend = (name: string): Named => pod(`${namespace}/${name}`, { app: name, ...BACKEND });
  const workloads = [
    pod(`${namespace}/api-gateway`, { app: 'api-gateway' }),
    backend('ai-orchestrator'),
    backend('runner-service'),
    backend('segmentation-service'),
    backend('archive-service'),
  ];
  return {
    folder,
    world: loadYaml(folder),
    waivers: TrafficModel.of(app).waivers,
    workloads,
    ours: [...workloads, pod(`${namespace}/debug`)],
    others: [
      pod('ingress-nginx/controller', NGINX),
      pod('ingress-nginx/other'),
      pod('monitoring/prometheus', PROMETHEUS),
      pod('monitoring/grafana', { 'app.kubernetes.io/name': 'grafana' }),
      pod('elsewhere/controller', NGINX),
      pod('elsewhere/prometheus', PROMETHEUS),
      pod(`${other}/api-gateway`, { app: 'api-gateway' }),
      pod(`${other}/runner-service`, { app: 'runner-service', ...BACKEND }),
      ...Object.values(KUBE_SYSTEM),
      ...Object.values(OUTSIDE),
    ],
  };
}

function scene(name: string): Scene {
  const found = SCENES.get(name);
  if (found === undefined) throw new Error(`no environment ${name}`);
  return found;
}

/** Sorted lines, names without the environment's namespace. */
function short(name: string, told: readonly string[]): string[] {
  return told.map((line) => line.replaceAll(`alt-las-${name}/`, '')).sort();
}

function answer(name: string): string[] {
  const { world, ...cast } = scene(name);
  return short(name, reachedBy(world, cast, PORTS));
}

const SERVICES = [
  'api-gateway -> ai-orchestrator TCP 8000',
  'api-gateway -> runner-service TCP 8080',
  'ai-orchestrator -> segmentation-service TCP 8001',
  'ai-orchestrator -> runner-service TCP 8080',
  'runner-service -> archive-service TCP 9000',
];
const FROM_OUTSIDE = [
  'ingress-nginx/controller -> api-gateway TCP 3000',
  'monitoring/prometheus -> api-gateway TCP 9090',
  'monitoring/prometheus -> ai-orchestrator TCP 9090',
  'monitoring/prometheus -> runner-service TCP 9090',
  'monitoring/prometheus -> segmentation-service TCP 9090',
  'monitoring/prometheus -> archive-service TCP 9090',
];

/** Every pod of the namespace resolves names, also one that nobody declared. */
function dnsLines({ ours }: Scene): string[] {
  return lines(ours, [KUBE_SYSTEM.dns], 'TCP 53', 'UDP 53');
}

describe.each(['prod', 'staging'])('alt-las in %s', (name) => {
  test('S3-01 S3-02 S3-03 S3-04 S3-05 S3-07 S3-08 exactly what is declared, on exactly its ports', () => {
    const expected = [...SERVICES, ...FROM_OUTSIDE, ...dnsLines(scene(name))];
    expect(answer(name)).toEqual(short(name, expected));
  });
});

describe.each(['dev', 'test'])('alt-las in %s', (name) => {
  test('S3-06 everything inside the namespace, and else what production has', () => {
    const { ours } = scene(name);
    const inside = lines(ours, ours, 'every port');
    const expected = [...inside, ...FROM_OUTSIDE, ...dnsLines(scene(name))];
    expect(answer(name)).toEqual(short(name, expected));
  });
});

test('S3-06 there are four environments', () => {
  expect(ENVIRONMENTS.map((one) => one.name)).toEqual(['dev', 'test', 'staging', 'prod']);
});

describe.each(['dev', 'test', 'staging', 'prod'])('alt-las in %s, everywhere', (name) => {
  const { folder, waivers, workloads } = scene(name);

  test('S3-10 no pod reaches the internet, private or metadata addresses, and nothing is waived', () => {
    const outside = new RegExp(`-> (${Object.keys(OUTSIDE).join('|')}) `);
    expect(answer(name).filter((line) => outside.test(line))).toEqual([]);
    expect(waivers).toEqual([]);
  });

  test('S3-06 one namespace, itself in no namespace', () => {
    const namespaces = documents(folder, 'Namespace').map(({ metadata }) => metadata);
    expect(namespaces).toEqual([expect.objectContaining({ name: `alt-las-${name}` })]);
    expect(namespaces[0]).not.toHaveProperty('namespace');
  });

  test('S3-06 S3-08 plain NetworkPolicies in that namespace, every name with the suffix', () => {
    const policies = documents(folder, 'NetworkPolicy').map(
      ({ apiVersion, metadata: { namespace = '', name: policy } }) =>
        `${apiVersion} ${namespace}/${policy}`,
    );
    const apps = workloads.map((one) => one.name.split('/')[1] ?? '');
    const callers = ['api-gateway', 'ai-orchestrator', 'runner-service'];
    const relaxed = ['dev', 'test'].includes(name) ? ['baseline-ingress', 'baseline-egress'] : [];
    const expected = [
      'default-deny',
      'allow-dns',
      ...relaxed,
      ...apps.map((app) => `${app}-ingress`),
      ...callers.map((app) => `${app}-egress`),
    ];
    expect(policies.sort()).toEqual(
      expected.map((policy) => `networking.k8s.io/v1 alt-las-${name}/${policy}-${name}`).sort(),
    );
  });
});

test('production, byte by byte', () => {
  expect(yamlText(scene('prod').folder)).toMatchSnapshot();
});
