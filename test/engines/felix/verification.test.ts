/**
 * The program that `ml-netpol verify` sends into a cluster, on the networks of pods: what it sees there
 * is what we predict, before and with the policies, and it tells when nothing is enforced.
 */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { World } from '../../../src/engine/world';
import { clusterOf } from '../../../src/read/cluster-of';
import { readText } from '../../../src/read/read-text';
import type { Seen } from '../../../src/verify/compare';
import { compareWith } from '../../../src/verify/compare';
import type { Saw } from '../../../src/verify/observed';
import type { Probe } from '../../../src/verify/probes';
import { probesOf } from '../../../src/verify/probes';
import { PROGRAM } from '../../../src/verify/program';
import type { NetworkPolicy, Pod, World as Pods } from '../../naive/world';
import { describeEngine } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { FELIX_NEEDS } from './calico-felix';
import { FelixCluster } from './felix-cluster';
import { manifestsOf } from './manifests';

const pod = (name: string, ip: string, ...ports: NonNullable<Pod['ports']>): Pod => ({
  ...{ namespace: 'ml', name, labels: { app: name }, ips: [ip], ports },
});

const PODS = [
  pod('bert', '10.65.9.1'),
  pod('reporter', '10.65.9.2'),
  pod('model-api', '10.65.9.3', { name: 'http', containerPort: 8080 }),
  pod('cache', '10.65.9.4', { name: 'redis', containerPort: 6379 }),
  pod('names', '10.65.9.5', { name: 'dns', containerPort: 53, protocol: 'UDP' }),
];

const admitting = (app: string, from: string, port: number, protocol = 'TCP'): NetworkPolicy =>
  ({
    metadata: { name: app, namespace: 'ml' },
    spec: {
      podSelector: { matchLabels: { app } },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: from } } }], ports: [{ protocol, port }] },
      ],
    },
  }) as NetworkPolicy;

const POLICIES = [
  admitting('model-api', 'bert', 8080),
  admitting('cache', 'model-api', 6379),
  admitting('names', 'bert', 53, 'UDP'),
];

const world = (policies: readonly NetworkPolicy[]): Pods => ({
  ...{ namespaces: { ml: {} }, pods: PODS, policies },
});

describeEngine('calico-felix', FELIX_NEEDS, () => {
  const run = new Run();
  const text = manifestsOf(world(POLICIES)).map((one) => JSON.stringify(one));
  const analyzed = new World(clusterOf(readText('all.yaml', text.join('\n---\n'))));
  const { probes } = probesOf(analyzed, 100);
  let cluster: FelixCluster;

  beforeAll(async () => {
    cluster = await FelixCluster.start(run);
  });
  afterAll(() => run.end());

  async function seen(): Promise<Seen[]> {
    const program = path.join(run.folder, 'probe.js');
    writeFileSync(program, PROGRAM);
    const lines = await Promise.all(
      PODS.map(async (source) => {
        const own = probes.filter(({ from }) => from === `ml/Pod/${source.name}`);
        const file = path.join(run.folder, `${source.name}.json`);
        writeFileSync(file, JSON.stringify(own.map((one) => ({ ...one, address: ipOf(one) }))));
        return cluster.runIn(source, process.execPath, program, file);
      }),
    );
    const at = { file: 'results', line: 1, column: 1 };
    return lines
      .flatMap((printed) => printed.split('\n').filter(Boolean))
      .map((line) => {
        const { saw, ...probe } = JSON.parse(line) as Probe & { readonly saw: Saw };
        return { probe, saw, at };
      });
  }

  test('S3-09 sees what is predicted, and notices when nothing is enforced', async () => {
    expect(new Set(probes.map(({ kind }) => kind))).toEqual(new Set(['http', 'tls', 'dns']));
    await cluster.show(world([]));
    await cluster.listen(
      PODS.flatMap((to) =>
        (to.ports ?? []).map(({ containerPort: port, protocol = 'TCP' }) => ({
          to,
          protocol,
          port,
        })),
      ),
    );
    const before = await seen();
    await cluster.show(world(POLICIES));
    const after = await seen();
    const tally = new Tally('calico-felix', 'the probes of ml-netpol verify');
    const answers = compareWith(analyzed, probes, { before, after, file: 'results' });
    expect(answers).toHaveLength(2 * probes.length);
    for (const { assertion, verdict, got, expected } of answers) {
      const evidence = (): string => `got ${got}, expected ${expected}`;
      tally.compare(assertion, { ours: 'passed', theirs: verdict }, evidence);
    }
    tally.close();

    await cluster.stopEnforcing();
    const open = compareWith(analyzed, probes, { before, after: await seen(), file: 'results' });
    const failed = open.filter(({ verdict }) => verdict === 'failed');
    expect(failed).toHaveLength(probes.filter(({ expected }) => expected === 'DENIED').length);
  });
});

function ipOf({ to }: Probe): string {
  return PODS.find(({ name }) => to === `ml/Pod/${name}`)?.ips?.[0] ?? '';
}
