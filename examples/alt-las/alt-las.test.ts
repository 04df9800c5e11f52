import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadYaml } from '../../test/naive/load-yaml';
import type { LoadedYaml } from '../../test/naive/load-yaml';
import type { Named } from '../../test/support/reach';
import { OUTSIDE, outputFolder, pod, reached } from '../../test/support/reach';
import { altLas, ENVIRONMENTS } from './alt-las';

const BACKEND = { 'app.kubernetes.io/component': 'backend' };
const PORTS = [3000, 8000, 8001, 8080, 9000, 9090].map((port) => ['TCP', port] as const);

interface Platform {
  readonly world: LoadedYaml;
  readonly workloads: readonly Named[];
  readonly strangers: readonly Named[];
}

function platformOf(name: string): Platform {
  const environment = ENVIRONMENTS.find((one) => one.name === name);
  if (environment === undefined) throw new Error(`no environment ${name}`);
  const folder = outputFolder();
  altLas(environment, folder).synth();
  const namespace = `alt-las-${name}`;
  const backend = (app: string): Named => pod(`${namespace}/${app}`, { app, ...BACKEND });
  return {
    world: loadYaml(folder),
    workloads: [
      pod(`${namespace}/api-gateway`, { app: 'api-gateway' }),
      backend('ai-orchestrator'),
      backend('runner-service'),
      backend('segmentation-service'),
      backend('archive-service'),
    ],
    strangers: [
      pod('ingress-nginx/controller', { 'app.kubernetes.io/name': 'ingress-nginx' }),
      pod('ingress-nginx/other'),
      pod('monitoring/prometheus', { 'app.kubernetes.io/name': 'prometheus' }),
      pod('monitoring/grafana', { 'app.kubernetes.io/name': 'grafana' }),
      pod(`${namespace}/debug`),
      pod('elsewhere/api-gateway', { app: 'api-gateway' }),
      OUTSIDE.internet,
      OUTSIDE.private,
    ],
  };
}

/** `alt-las-prod/` is left out of the lines. */
function lines(platform: Platform, from: readonly Named[], to: readonly Named[]): string[] {
  return reached(platform.world, [from, to], PORTS).map((line) =>
    line.replace(/alt-las-[a-z]+\//g, ''),
  );
}

const DECLARED = [
  'ai-orchestrator -> runner-service TCP 8080',
  'ai-orchestrator -> segmentation-service TCP 8001',
  'api-gateway -> ai-orchestrator TCP 8000',
  'api-gateway -> runner-service TCP 8080',
  'runner-service -> archive-service TCP 9000',
];

describe.each(['prod', 'staging'])('alt-las in %s', (name) => {
  const platform = platformOf(name);

  test('S3-03 S3-04 services reach exactly whom they are declared to, on exactly their ports', () => {
    expect(lines(platform, platform.workloads, platform.workloads)).toEqual(DECLARED);
  });

  test('S3-02 S3-05 from outside only the ingress controller reaches the gateway, and Prometheus 9090', () => {
    expect(lines(platform, platform.strangers, platform.workloads)).toEqual([
      'ingress-nginx/controller -> api-gateway TCP 3000',
      ...['ai-orchestrator', 'api-gateway', 'archive-service'].map(
        (app) => `monitoring/prometheus -> ${app} TCP 9090`,
      ),
      ...['runner-service', 'segmentation-service'].map(
        (app) => `monitoring/prometheus -> ${app} TCP 9090`,
      ),
    ]);
  });

  test('S3-01 S3-07 a pod that nobody declared is isolated as well', () => {
    const debug = platform.strangers.filter(({ name: id }) => id.endsWith('/debug'));
    const all = [...platform.workloads, ...platform.strangers];
    expect(lines(platform, debug, all)).toEqual([]);
    expect(lines(platform, all, debug)).toEqual([]);
  });
});

describe.each(['dev', 'test'])('alt-las in %s', (name) => {
  const platform = platformOf(name);

  test('S3-06 everything inside the namespace is open, and nothing else more than in production', () => {
    const inside = platform.workloads.length * (platform.workloads.length - 1) * PORTS.length;
    expect(lines(platform, platform.workloads, platform.workloads)).toHaveLength(inside);
    const foreign = platform.strangers.filter(({ name: id }) => !id.endsWith('/debug'));
    expect(lines(platform, foreign, platform.workloads)).toHaveLength(6);
  });
});

describe.each(['dev', 'test', 'staging', 'prod'])('alt-las in %s, everywhere', (name) => {
  const platform = platformOf(name);

  test('S3-10 no workload reaches the internet, private or metadata addresses', () => {
    const outside = Object.values(OUTSIDE);
    expect(lines(platform, platform.workloads, outside)).toEqual([]);
  });

  test('every workload resolves names over UDP and TCP', () => {
    const dns = pod('kube-system/coredns', { 'k8s-app': 'kube-dns' });
    const ports = [
      ['UDP', 53],
      ['TCP', 53],
    ] as const;
    expect(reached(platform.world, [platform.workloads, [dns]], ports)).toHaveLength(
      platform.workloads.length * ports.length,
    );
  });

  test('S3-06 the namespace and every policy carry the environment’s suffix', () => {
    const { namespaces, policies } = platform.world;
    expect(Object.keys(namespaces)).toEqual([`alt-las-${name}`]);
    for (const { metadata } of policies) {
      expect(metadata).toMatchObject({ namespace: `alt-las-${name}` });
      expect(metadata.name).toMatch(new RegExp(`-${name}$`));
    }
  });
});

test('S3-08 the labels of ingress controller and Prometheus stand in the traffic model', () => {
  const folder = outputFolder();
  const [development] = ENVIRONMENTS;
  if (development === undefined) throw new Error('no environments');
  altLas(development, folder).synth();
  const model = readFileSync(join(folder, 'traffic-model.jsonl'), 'utf8');
  expect(model).toContain('"app.kubernetes.io/name":"ingress-nginx"');
  expect(model).toContain('"app.kubernetes.io/name":"prometheus"');
});
