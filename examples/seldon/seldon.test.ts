import { join } from 'node:path';
import { ClusterProfile, Cni, TrafficModel } from 'cdk8s-ml-netpol';
import { loadYaml } from '../../test/naive/load-yaml';
import type { Named, PortOfInterest } from '../../test/support/reach';
import {
  KUBE_SYSTEM,
  lines,
  OUTSIDE,
  outputFolder,
  pod,
  reachedBy,
} from '../../test/support/reach';
import { documents, yamlText } from '../../test/support/written';
import { seldonPlatform } from './platform/platform';
import { financialMl } from './team/team';

const folder = outputFolder();
const platformFolder = join(folder, 'platform');
const teamFolder = join(folder, 'team');
const platform = seldonPlatform(platformFolder);
platform.synth();
const team = financialMl(teamFolder, platformFolder);
team.synth();

/** Labels that the owners of other namespaces gave them. */
const FOREIGN = {
  risk: { labels: { team: 'financial-ml' } },
  marketing: { labels: { team: 'marketing' } },
  'fake-seldon': { labels: { name: 'seldon-system' } },
};

/** The cluster with what was written to a folder. */
function worldOf(place: string): ReturnType<typeof loadYaml> {
  const written = loadYaml(place);
  return { ...written, namespaces: { ...written.namespaces, ...FOREIGN } };
}

const COLLECTOR = { 'app.kubernetes.io/name': 'opentelemetry-collector' };
const model = pod('financial-ml/model', { app: 'model' });
const worker = pod('financial-ml/worker');
const project = pod('new-ml-project/model', { app: 'model' });
const seldon = pod('seldon-system/scheduler');
const related = pod('risk/scoring');
const collector = pod('observability/collector', COLLECTOR);
const database = pod('database/postgres');
const minio = pod('minio/minio');
const financial = [model, worker];
const ours = [...financial, project];
const others: Named[] = [
  seldon,
  related,
  collector,
  database,
  minio,
  pod('observability/grafana'),
  pod('elsewhere/collector', COLLECTOR),
  pod('marketing/scoring'),
  pod('fake-seldon/scheduler'),
  ...Object.values(KUBE_SYSTEM),
  ...Object.values(OUTSIDE),
];
const PORTS: PortOfInterest[] = [
  ['TCP', 53],
  ['UDP', 53],
  ['TCP', 80],
  ['TCP', 443],
  ['UDP', 443],
  ['TCP', 4317],
  ['TCP', 4318],
  ['TCP', 5432],
  ['TCP', 8080],
  ['TCP', 9000],
];

const BASELINE = [
  ...lines(ours, [seldon], 'every port'),
  ...lines([seldon], ours, 'every port'),
  ...lines(ours, [KUBE_SYSTEM.dns], 'TCP 53', 'UDP 53'),
];
const TEAM = [
  ...lines(financial, financial, 'every port'),
  ...lines([related], financial, 'every port'),
  ...lines(financial, [database], 'TCP 5432'),
  ...lines(financial, [minio], 'TCP 9000'),
  ...lines(financial, [collector], 'TCP 4317', 'TCP 4318'),
  ...lines(financial, [OUTSIDE.internet, OUTSIDE.internet6], 'TCP 443'),
];

/** `namespace/name` of the policies in a folder. */
function policies(place: string): string[] {
  return documents(place, 'NetworkPolicy')
    .map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`)
    .sort();
}

describe('seldon: the platform’s baseline alone', () => {
  test('S1-03 S1-09 both namespaces talk to seldon-system both ways and resolve names, no more', () => {
    expect(reachedBy(worldOf(platformFolder), { ours, others }, PORTS)).toEqual(
      [...BASELINE].sort(),
    );
  });

  test('S1-01 S1-05 a namespace of the list gets its Namespace and the same four policies', () => {
    const names = ['allow-dns', 'baseline-egress', 'baseline-ingress', 'default-deny'];
    expect(policies(platformFolder)).toEqual(
      ['financial-ml', 'new-ml-project'].flatMap((one) => names.map((name) => `${one}/${name}`)),
    );
    const namespaces = documents(platformFolder, 'Namespace').map(({ metadata }) => metadata);
    expect(namespaces.map(({ name }) => name)).toEqual(['financial-ml', 'new-ml-project']);
    for (const metadata of namespaces) expect(metadata).not.toHaveProperty('namespace');
  });

  test.each(['Namespace', 'NetworkPolicy'])(
    'S1-15 every %s says who owns the baseline, in which version',
    (kind) => {
      const written = documents(platformFolder, kind);
      expect(written).not.toEqual([]);
      for (const { metadata } of written) {
        expect(metadata.labels).toMatchObject({
          'cdk8s-ml-netpol/owner': 'platform',
          'cdk8s-ml-netpol/baseline-version': '1.0.0',
        });
      }
    },
  );

  test('S1-13 from Flannel to Calico no line changes; under Flannel the model says that it enforces nothing', () => {
    const flannelFolder = outputFolder();
    const cluster = ClusterProfile.generic({ cni: Cni.FLANNEL });
    const flannel = seldonPlatform(flannelFolder, cluster);
    flannel.synth();
    expect(yamlText(flannelFolder)).toBe(yamlText(platformFolder));
    expect(TrafficModel.of(flannel).waivers).toEqual([
      expect.stringContaining('flannel enforces no NetworkPolicy'),
    ]);
    expect(TrafficModel.of(platform).waivers).toEqual([]);
  });
});

describe('seldon: with what the team adds', () => {
  test('S1-02 S1-04 S1-07 S1-09 S1-10 S1-12 exactly the sum of baseline and team, for all three pods', () => {
    expect(reachedBy(worldOf(folder), { ours, others }, PORTS)).toEqual(
      [...BASELINE, ...TEAM].sort(),
    );
  });

  test('S1-06 S1-12 S1-15 two policies of its own, no Namespace, and nothing of the platform’s', () => {
    expect(policies(teamFolder)).toEqual([
      'financial-ml/all-pods-egress',
      'financial-ml/all-pods-ingress',
    ]);
    const baseline = policies(platformFolder);
    expect(policies(teamFolder).filter((one) => baseline.includes(one))).toEqual([]);
    expect(documents(teamFolder, 'Namespace')).toEqual([]);
    for (const { metadata } of documents(teamFolder, 'NetworkPolicy')) {
      expect(metadata.labels).not.toHaveProperty('cdk8s-ml-netpol/owner');
    }
  });

  test('S1-14 S1-15 the way out has its reason in the YAML, and is told as a waiver', () => {
    const waiver = 'names are not enforced: *.hf.co, huggingface.co is opened as public internet';
    expect(TrafficModel.of(team).waivers).toEqual([
      `financial-ml -> *.hf.co, huggingface.co: ${waiver}`,
    ]);
    const told = documents(teamFolder, 'NetworkPolicy').flatMap(
      ({ metadata: { annotations = {} } }) => annotations['cdk8s-ml-netpol/waivers'] ?? [],
    );
    expect(told).toEqual([`${waiver}: base models are downloaded from the Hugging Face hub`]);
  });

  test('S1-01 what isolates financial-ml is read from the platform’s model', () => {
    const isolations = TrafficModel.of(team)
      .lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .filter(
        ({ record, by }) => record === 'isolation' && String(by).endsWith('traffic-model.jsonl'),
      );
    expect(isolations).toMatchObject([
      { namespace: 'financial-ml', directions: ['ingress', 'egress'] },
    ]);
  });

  test('S1-01 fails where the platform has not been synthesized', () => {
    expect(() => financialMl(outputFolder(), join(folder, 'nowhere'))).toThrow(
      /nowhere.*expected a traffic-model\.jsonl/,
    );
  });

  test('byte by byte', () => {
    expect(yamlText(folder)).toMatchSnapshot();
  });
});
