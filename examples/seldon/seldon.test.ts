import { join } from 'node:path';
import { TrafficModel } from 'cdk8s-ml-netpol';
import { loadYaml } from '../../test/naive/load-yaml';
import type { Named } from '../../test/support/reach';
import { OUTSIDE, outputFolder, pod, reached } from '../../test/support/reach';
import { seldonPlatform } from './platform/platform';
import { financialMl } from './team/team';

const folder = outputFolder();
seldonPlatform(join(folder, 'platform')).synth();
const team = financialMl(join(folder, 'team'), join(folder, 'platform'));
team.synth();
const platformWorld = loadYaml(join(folder, 'platform'));
const teamWorld = loadYaml(join(folder, 'team'));
const both = loadYaml(folder);

/** Namespaces of others carry the labels that their owners gave them. */
const namespaces = { ...both.namespaces, risk: { labels: { team: 'financial-ml' } } };
const world = { ...both, namespaces };

const model = pod('financial-ml/model', { app: 'model' });
const worker = pod('financial-ml/worker');
const other = pod('new-ml-project/model', { app: 'model' });
const seldon = pod('seldon-system/scheduler');
const related = pod('risk/scoring');
const database = pod('database/postgres');
const minio = pod('minio/minio');
const collector = pod('observability/collector', {
  'app.kubernetes.io/name': 'opentelemetry-collector',
});
const grafana = pod('observability/grafana');
const dns = pod('kube-system/coredns', { 'k8s-app': 'kube-dns' });
const stranger = pod('elsewhere/pod', { app: 'model' });
const peers: Named[] = [
  worker,
  other,
  seldon,
  related,
  database,
  minio,
  collector,
  grafana,
  dns,
  stranger,
  ...Object.values(OUTSIDE),
];
const PORTS = [
  ['TCP', 53],
  ['UDP', 53],
  ['TCP', 80],
  ['TCP', 443],
  ['TCP', 4317],
  ['TCP', 4318],
  ['TCP', 5432],
  ['TCP', 9000],
] as const;

/** Lines on every port, shortened to one. */
function allPorts(from: string, to: string): string[] {
  return PORTS.map(([protocol, port]) => `${from} -> ${to} ${protocol} ${String(port)}`).sort();
}

describe('seldon: the platform’s baseline alone', () => {
  test.each(['financial-ml', 'new-ml-project'])(
    'S1-01 S1-03 S1-05 S1-09 %s talks to seldon-system both ways and resolves names, nothing else',
    (namespace) => {
      const member = pod(`${namespace}/pod`);
      const all = peers.filter(({ name }) => !name.startsWith(`${namespace}/`));
      expect(reached(platformWorld, [[member], all], PORTS)).toEqual(
        [
          ...allPorts(member.name, 'seldon-system/scheduler'),
          `${member.name} -> kube-system/coredns TCP 53`,
          `${member.name} -> kube-system/coredns UDP 53`,
        ].sort(),
      );
      expect(reached(platformWorld, [all, [member]], PORTS)).toEqual(
        allPorts('seldon-system/scheduler', member.name),
      );
    },
  );

  test('S1-15 the baseline says who owns it, in which version', () => {
    const marks = {
      'cdk8s-ml-netpol/owner': 'platform',
      'cdk8s-ml-netpol/baseline-version': '1.0.0',
    };
    for (const { metadata } of platformWorld.policies)
      expect(metadata).toMatchObject({ labels: marks });
    expect(platformWorld.namespaces['financial-ml']?.labels).toMatchObject(marks);
  });
});

describe('seldon: with what the team adds', () => {
  test('S1-04 S1-07 S1-10 financial-ml reaches what the team declared, and no more', () => {
    expect(reached(world, [[model], peers], PORTS)).toEqual(
      [
        ...allPorts('financial-ml/model', 'financial-ml/worker'),
        ...allPorts('financial-ml/model', 'seldon-system/scheduler'),
        'financial-ml/model -> database/postgres TCP 5432',
        'financial-ml/model -> minio/minio TCP 9000',
        'financial-ml/model -> observability/collector TCP 4317',
        'financial-ml/model -> observability/collector TCP 4318',
        'financial-ml/model -> kube-system/coredns TCP 53',
        'financial-ml/model -> kube-system/coredns UDP 53',
        'financial-ml/model -> internet TCP 443',
        'financial-ml/model -> internet6 TCP 443',
      ].sort(),
    );
  });

  test('S1-10 financial-ml is reached from inside, seldon-system and the team’s other namespaces', () => {
    expect(reached(world, [peers, [model]], PORTS)).toEqual(
      ['financial-ml/worker', 'risk/scoring', 'seldon-system/scheduler']
        .flatMap((from) => allPorts(from, 'financial-ml/model'))
        .sort(),
    );
  });

  test('S1-12 the team’s policies add up with the baseline and replace none of it', () => {
    const names = (policies: typeof both.policies): string[] =>
      policies.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
    const baseline = names(platformWorld.policies);
    for (const name of names(teamWorld.policies)) expect(baseline).not.toContain(name);
    expect(teamWorld.namespaces).toEqual({});
  });

  test('S1-02 S1-14 S1-15 the way out has a reason and is told as a waiver', () => {
    expect(TrafficModel.of(team).waivers).toEqual([
      'financial-ml -> *.hf.co, huggingface.co: names are not enforced: *.hf.co, huggingface.co is opened as public internet',
    ]);
    const [egress] = teamWorld.policies.filter(
      ({ metadata }) => metadata.name === 'all-pods-egress',
    );
    expect(egress?.metadata).toMatchObject({
      annotations: {
        'cdk8s-ml-netpol/waivers': expect.stringContaining('Hugging Face hub') as string,
      },
    });
  });
});
