import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import {
  ClusterProfile,
  DefaultDeny,
  Environment,
  IsolationDirections,
  LabelSelector,
  MlNamespace,
  MlPlatform,
  Peer,
  Port,
  Workload,
} from 'cdk8s-ml-netpol';
import { outputFolder } from '../test/support/reach';
import { altLas } from './alt-las/alt-las';
import { practicus } from './practicus/practicus';
import { seldonPlatform } from './seldon/platform/platform';
import { financialMl } from './seldon/team/team';

interface Printed {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `node scripts/print-reach.mjs` prints, without its widths. */
function print(...folders: string[]): Printed {
  const script = join(__dirname, '..', 'scripts', 'print-reach.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...folders], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** The lines of one block, runs of blanks told as two. */
function block(text: string, title: string): string[] {
  const found = text.split('\n\n').find((one) => one.startsWith(`${title}\n`)) ?? '';
  return found
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/ {2,}/g, '  '));
}

describe('npm start prints', () => {
  const folder = outputFolder();
  practicus(Environment.PROD, folder).synth();
  const { status, stdout } = print(folder);

  test('the platform of one environment, a block a workload', () => {
    expect(status).toBe(0);
    expect(stdout).toMatch(`== ${folder}: prod, cluster generic, CNI unknown\n`);
    expect(stdout.match(/^[a-z-]+\/[a-z-]+$/gm)).toHaveLength(13);
  });

  test('which requests callers may send, where these are limited', () => {
    expect(block(stdout, 'model-serving/model-api')).toEqual([
      'isolated  ingress, egress  by model-serving/baseline/model-serving/default-deny',
      'from ml-jobs/job  TCP 8080 POST /v1/predict  batch jobs ask for predictions',
      'from ml-jobs/notebook  TCP 8080 GET /v1/models  notebooks look up which models there are',
      'from monitoring (app=prometheus in observability)  TCP 15020  mesh plumbing',
      'from observability/prometheus  TCP 9090  metrics',
    ]);
  });
});

describe('print-reach of several environments prints', () => {
  const folder = outputFolder();
  for (const environment of [Environment.PROD, Environment.TEST]) {
    altLas(environment, join(folder, environment.name)).synth();
  }
  const { status, stdout } = print(folder);

  test('a heading per environment', () => {
    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('=='))).toEqual([
      `== ${join(folder, 'prod')}: prod, cluster generic, CNI unknown`,
      `== ${join(folder, 'test')}: test, cluster generic, CNI unknown`,
    ]);
  });

  test('per workload what isolates it, who may reach it, on which ports, and why', () => {
    expect(block(stdout, 'alt-las-prod/runner-service')).toEqual([
      'isolated  ingress, egress  by alt-las/baseline/alt-las-prod/default-deny',
      'from alt-las-prod/ai-orchestrator  TCP 8080  orchestrated task runs',
      'from alt-las-prod/api-gateway  TCP 8080  task runs of users',
      'from monitoring pods in monitoring (app.kubernetes.io/name=prometheus in monitoring)  TCP 9090  metrics',
    ]);
    expect(stdout.match(/^alt-las-prod\/.*/gm)).toHaveLength(5);
  });

  test('what the environment relaxes', () => {
    expect(block(stdout, 'alt-las-test/archive-service')).toContain(
      'from alt-las-test  all ports  environment baseline',
    );
    expect(block(stdout, 'alt-las-prod/archive-service')).not.toContainEqual(
      expect.stringContaining('environment baseline'),
    );
  });

  test('columns that stand below each other', () => {
    const rows = stdout.split('\n').filter((line) => line.includes('TCP '));
    const blocks = stdout.split('\n\n').filter((one) => one.includes('TCP '));
    expect(rows).toHaveLength(5 + 5 + 1 + 5 + 5 + 1);
    for (const one of blocks) {
      const starts = [...one.matchAll(/^.*?(?=TCP |all ports)/gm)].map(([text]) => text.length);
      expect(new Set(starts).size).toBe(1);
    }
  });
});

describe('print-reach', () => {
  test('tells a namespace without workloads as a whole, and every waiver', () => {
    const folder = outputFolder();
    seldonPlatform(join(folder, 'platform')).synth();
    financialMl(join(folder, 'team'), join(folder, 'platform')).synth();
    const { stdout } = print(join(folder, 'team'));
    expect(block(stdout, 'financial-ml')).toContain(
      'from namespaces team=financial-ml  all ports  related applications of the team',
    );
    expect(stdout).toContain('waiver: financial-ml -> *.hf.co, huggingface.co: names are not');
    const baseline = print(join(folder, 'platform')).stdout;
    expect(block(baseline, 'new-ml-project')).toEqual([
      'isolated  ingress, egress  by seldon-baseline/baseline/new-ml-project/default-deny',
      'from seldon-system  all ports  platform baseline',
    ]);
  });

  test('counts callers of pods by label and of every namespace, and tells who is not isolated', () => {
    const folder = outputFolder();
    const platform = new MlPlatform({ cluster: ClusterProfile.generic(), outdir: folder });
    const chart = new Chart(platform, 'serving');
    const serving = new MlNamespace(chart, 'llm-serving');
    const workload = (name: string, labels: Record<string, string>): Workload =>
      new Workload(chart, name, {
        namespace: serving,
        labels: { app: name, ...labels },
        ports: [Port.tcpRange(8000, 8002), Port.http(9090, { name: 'stats' })],
      });
    const triton = workload('triton', { tier: 'gpu' });
    workload('gateway', { tier: 'web' });
    const caller = new Workload(chart, 'bert', {
      namespace: MlNamespace.fromName(chart, 'jobs', 'ml-jobs'),
      labels: { app: 'bert' },
    });
    new DefaultDeny(chart, 'deny', {
      namespace: serving,
      pods: { tier: 'gpu' },
      directions: IsolationDirections.INGRESS,
    });
    const gpus = LabelSelector.of({
      oneOf: { tier: ['gpu', 'tpu'] },
      present: ['app'],
      absent: ['legacy'],
    });
    caller.allowTo(Peer.pods({ selector: gpus, namespace: 'llm-serving' }), {
      ports: [Port.all()],
      reason: 'batch scoring',
    });
    triton.allowFrom(caller);
    triton.allowFrom(Peer.internet(), { ports: [Port.named('stats')], reason: 'a demonstration' });
    platform.synth();

    const { stdout } = print(folder);
    expect(block(stdout, 'llm-serving/triton')).toEqual([
      'isolated  ingress  by serving/deny',
      'from internet  TCP stats  a demonstration',
      'from ml-jobs/bert  TCP 8000-8002, TCP 9090',
      'from ml-jobs/bert  all ports  batch scoring',
    ]);
    expect(block(stdout, 'llm-serving/gateway')).toEqual(['anybody reaches it']);
    expect(block(stdout, 'ml-jobs/bert')).toEqual(['not ours: others may reach it']);
  });

  test('fails with one line and exit code 2 where there is no model', () => {
    const folder = outputFolder();
    const missing = print(folder);
    expect(missing).toEqual({
      status: 2,
      stdout: '',
      stderr: `print-reach: ${folder}: no traffic-model.jsonl\n`,
    });
    expect(print(join(folder, 'nowhere'))).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^print-reach: .*nowhere.*\n$/) as string,
    });
    expect(print()).toMatchObject({
      status: 2,
      stderr: 'print-reach: usage: node scripts/print-reach.mjs <folder...>\n',
    });
  });

  test.each([
    ['{"record":"model","schema":1}\n{"rec', ':2: not a JSON record'],
    ['{"record":"model","schema":2}\n', ': not a traffic model of schema 1'],
    ['null\n', ': not a traffic model of schema 1'],
    ['', ':1: not a JSON record'],
  ])('fails with one line and exit code 2 for %j', (content, message) => {
    const folder = outputFolder();
    const file = join(folder, 'broken', 'traffic-model.jsonl');
    altLas(Environment.PROD, join(folder, 'a-good-one')).synth();
    mkdirSync(join(folder, 'broken'));
    writeFileSync(file, content);
    expect(print(folder)).toEqual({
      status: 2,
      stdout: '',
      stderr: `print-reach: ${file}${message}\n`,
    });
  });
});
