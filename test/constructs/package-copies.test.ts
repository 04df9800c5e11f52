/**
 * What if an app holds two whole copies of the package, each in its own folder? The second one is a
 * copy of src with a package.json of its own, as npm puts it below a library of charts.
 */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiObject } from 'cdk8s';
import { App, Chart, JsonPatch } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import * as ours from '../../src';
import { packageInfo } from '../../src/values/package-info';
import { outputFolder } from '../support/reach';
import { problemsOf, refusal } from '../support/synth';

type Copy = typeof ours;

const ROOT = join(__dirname, '..', '..');
const folders: string[] = [];

/** Loads a copy of src as version 9.9.9, after a change to some of its text. */
function copyOf(change: (file: string, text: string) => string = (_, text) => text): {
  readonly copy: Copy;
  readonly folder: string;
} {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ml-netpol-copy-')));
  folders.push(folder);
  mkdirSync(join(folder, 'src'));
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const manifest = { name: 'cdk8s-ml-netpol', version: '9.9.9' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const data = join(folder, 'src', 'traffic', 'data.ts');
  writeFileSync(data, change(data, readFileSync(data, 'utf8')));
  return { copy: jest.requireActual<Copy>(join(folder, 'src', 'index.ts')), folder };
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('two copies of the package in one app', () => {
  let theirs: Copy;
  beforeAll(() => {
    theirs = copyOf().copy;
  });

  it('are two copies: no class is shared', () => {
    expect(theirs.Workload).not.toBe(ours.Workload);
    expect(theirs.Peer.any()).not.toBeInstanceOf(ours.Peer);
  });

  it.each([
    ['ours first', true],
    ['theirs first', false],
  ])('write what one copy writes, %s', (_, oursFirst) => {
    const text = ([one, other]: readonly [Copy, Copy]): string => {
      const outdir = outputFolder();
      const platform = new one.MlPlatform({
        outdir,
        cluster: one.ClusterProfile.openshift({ mesh: other.Mesh.none() }),
        environment: other.Environment.TEST,
        suffixPolicies: true,
      });
      const serving = platform.module('llm-serving', { podSecurity: other.PodSecurity.BASELINE });
      const mlflow = platform.module('mlflow').add(other.ModelRegistry.mlflow());
      const chart = new Chart(platform, 'team');
      const namespace = new other.MlNamespace(chart, 'ml-jobs', { mesh: one.MeshMembership.OUT });
      new one.DefaultDeny(chart, 'deny', {
        namespace,
        directions: other.IsolationDirections.EGRESS,
      });
      const runner = new other.Workload(chart, 'runner', { namespace, labels: { app: 'runner' } });
      const api = serving.workload('model-api', {
        labels: { app: 'model-api' },
        ports: [other.Port.http(8080)],
      });
      api.allowFrom(runner, { reason: 'scoring' });
      runner.allowTo(mlflow.tracking, { reason: 'experiments' });
      new other.ModuleIngress(chart, 'in', {
        to: api,
        from: [one.Peer.namespaces({ team: 'nlp' }), other.Peer.namespace('web')],
      });
      api.allowTo(one.Identity.namespace('ml-jobs'), { ports: [other.Port.tcp(8080)] });
      platform.synth();
      return ['llm-serving', 'mlflow', 'team', 'traffic-model']
        .map((name) => join(outdir, `${name}.${name === 'traffic-model' ? 'jsonl' : 'k8s.yaml'}`))
        .map((file) => readFileSync(file, 'utf8').replace(/:\d+"/g, '"'))
        .join('\n');
    };
    expect(text(oursFirst ? [ours, theirs] : [theirs, ours])).toBe(text([ours, ours]));
  });

  it('write what allows before what denies, whichever copy made the policies', () => {
    const outdir = outputFolder();
    const platform = new ours.MlPlatform({ outdir });
    const chart = new Chart(platform, 'team');
    const namespace = new theirs.MlNamespace(chart, 'ml-jobs');
    new theirs.DefaultDeny(chart, 'deny', { namespace });
    new ours.DnsEgress(chart, 'dns', { namespace });
    new theirs.Workload(chart, 'runner', { namespace, labels: { app: 'runner' } }).allowTo(
      ours.Peer.namespace('web'),
      { ports: [ours.Port.tcp(80)] },
    );
    platform.synth();
    const documents = parseAllDocuments(readFileSync(join(outdir, 'team.k8s.yaml'), 'utf8'));
    const names = documents.map((one) => one.getIn(['metadata', 'name']));
    expect(names).toEqual(['ml-jobs', 'allow-dns', 'runner-egress', 'default-deny']);
  });

  it('fail once, with the problems of both', () => {
    const chart = new Chart(new App(), 'serving');
    const namespace = new ours.MlNamespace(chart, 'llm-serving');
    new theirs.DefaultDeny(chart, 'deny', { namespace });
    const labels = { app: 'model-api' };
    const api = new theirs.Workload(chart, 'model-api', { namespace, labels });
    api.allowFrom(ours.Peer.namespace('ml-jobs'));
    const deny = chart.node.findChild('deny').node.findChild('Resource') as ApiObject;
    deny.addJsonPatch(JsonPatch.replace('/spec/policyTypes/0', 'Inbound'));
    expect(problemsOf(chart)).toEqual([
      expect.stringContaining('serving/deny/Resource: spec.policyTypes[0]: got "Inbound"'),
      expect.stringContaining('serving/model-api: namespace ml-jobs -> llm-serving/model-api'),
    ]);
  });

  it('know each other’s errors', () => {
    const refused = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return error;
      }
    };
    expect(ours.isNetpolError(refused(() => theirs.Port.tcp(0)))).toBe(true);
    expect(theirs.isNetpolError(refused(() => ours.Port.tcp(0)))).toBe(true);
  });
});

describe('two copies that mean different things by their model', () => {
  it('are refused with both folders and both versions', () => {
    const { copy, folder } = copyOf((_, text) =>
      text.replace(/MODEL_SCHEMA = \d+/, 'MODEL_SCHEMA = 4711'),
    );
    const chart = new Chart(new App(), 'serving');
    new ours.MlNamespace(chart, 'llm-serving');
    const problem = refusal(() => new copy.MlNamespace(chart, 'ml-jobs'));
    expect(problem).toMatchObject({
      code: 'incompatible-copies',
      where: 'cdk8s-ml-netpol',
      got: [`${packageInfo().version} in ${ROOT}`, `9.9.9 in ${folder}`],
    });
    // another app has a model of its own
    const alone = new Chart(new App(), 'alone');
    expect(new copy.MlNamespace(alone, 'ml-jobs').namespaceName).toBe('ml-jobs');
  });
});
