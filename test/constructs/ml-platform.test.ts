import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, App, Chart, YamlOutputType } from 'cdk8s';
import type { Construct } from 'constructs';
import { parseAllDocuments } from 'yaml';
import { ClusterProfile } from '../../src/cluster/profile';
import { Cni } from '../../src/cluster/cni';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { DnsEgress } from '../../src/constructs/dns-egress';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { MlPlatform } from '../../src/constructs/ml-platform';
import { Workload } from '../../src/constructs/workload';
import { Environment } from '../../src/traffic/environment';
import { Peer } from '../../src/traffic/peer';
import { Port } from '../../src/values/port';
import { outputFolder } from '../support/reach';
import type { Manifest } from '../support/synth';
import { refusal } from '../support/synth';

/** Two namespaces of one chart with a policy of equal name in each, and an object of the user's. */
function describe2(app: App): void {
  const chart = new Chart(app, 'serving', { labels: { team: 'nlp' }, namespace: 'llm-serving' });
  const [api, store] = ['llm-serving', 'feature-store'].map((name) => twoEnded(chart, name));
  if (api === undefined || store === undefined) throw new Error('two workloads');
  api.allowTo(store, { reason: 'online features' });
  new ApiObject(chart, 'config', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'config' },
    data: { y: 'no', n: '1e3', list: 'a: b' },
  });
}

function twoEnded(scope: Construct, name: string): Workload {
  // a stock App has no environment of its own
  const namespace = new MlNamespace(scope, name, { environment: Environment.PROD });
  new DefaultDeny(scope, `${name}-deny`, { namespace });
  new DnsEgress(scope, `${name}-dns`, { namespace });
  return new Workload(scope, `${name}-pods`, {
    namespace,
    name: 'pods',
    labels: { app: name },
    ports: [Port.http(8080)],
  });
}

function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const yaml = names.filter((name) => name.endsWith('.yaml')).sort();
  return new Map(yaml.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function documents(text: string): string[] {
  return text.split(/^---\n/m).sort();
}

const LAYOUTS = [
  YamlOutputType.FILE_PER_APP,
  YamlOutputType.FILE_PER_CHART,
  YamlOutputType.FILE_PER_RESOURCE,
  YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE,
];

describe('MlPlatform beside a stock App', () => {
  test.each(LAYOUTS)(
    'layout %i: writes the bytes of a stock App, up to document order',
    (layout) => {
      const [ours, stock] = [outputFolder(), outputFolder()];
      const platform = new MlPlatform({ outdir: ours, yamlOutputType: layout });
      const app = new App({ outdir: stock, yamlOutputType: layout });
      for (const one of [platform, app]) describe2(one);
      platform.synth();
      app.synth();
      const [written, expected] = [filesOf(ours), filesOf(stock)];
      const shared = [...expected].filter(([name]) => written.has(name));
      expect(shared.length).toBeGreaterThan(0);
      for (const [name, text] of shared) {
        expect(documents(written.get(name) ?? '')).toEqual(documents(text));
      }
    },
  );

  test('overwrites nothing where a stock App does: every object has a file of its own', () => {
    const [ours, stock] = [outputFolder(), outputFolder()];
    const layout = { yamlOutputType: YamlOutputType.FILE_PER_RESOURCE };
    const platform = new MlPlatform({ outdir: ours, ...layout });
    const app = new App({ outdir: stock, ...layout });
    describe2(platform);
    describe2(app);
    platform.synth();
    app.synth();
    const objects = [...filesOf(ours).values()].map(
      (text) => parseAllDocuments(text)[0]?.toJS() as Manifest,
    );
    const denies = objects.filter(({ metadata }) => metadata.name === 'default-deny');
    expect(denies.map(({ metadata }) => metadata.namespace).sort()).toEqual([
      'feature-store',
      'llm-serving',
    ]);
    expect(filesOf(stock).size).toBeLessThan(filesOf(ours).size);
  });
});

describe('MlPlatform', () => {
  test('writes namespaces first, what allows before what denies, and others last', () => {
    const platform = new MlPlatform({ outdir: outputFolder() });
    describe2(platform);
    platform.synth();
    const [text = ''] = filesOf(platform.outdir).values();
    const kinds = parseAllDocuments(text).map((document) => {
      const { kind, metadata } = document.toJS() as Manifest;
      return metadata.name.startsWith('default-deny') ? 'deny' : kind;
    });
    expect(kinds).toEqual([
      'Namespace',
      'Namespace',
      ...Array<string>(4).fill('NetworkPolicy'),
      'deny',
      'deny',
      'ConfigMap',
    ]);
  });

  test('puts an object after what it depends on, whatever its rank', () => {
    const platform = new MlPlatform({ outdir: outputFolder() });
    const module = platform.module('llm-serving');
    const crd = new ApiObject(module, 'first', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'first' },
    });
    module.node
      .findAll()
      .find(({ node }) => node.id === 'namespace')
      ?.node.addDependency(crd);
    platform.synth();
    const [text = ''] = filesOf(platform.outdir).values();
    expect(text.indexOf('name: first')).toBeLessThan(text.indexOf('kind: Namespace'));
  });

  test('writes the traffic model beside the YAML, sorted and with the declaring line', () => {
    const platform = new MlPlatform({ outdir: outputFolder() });
    const api = platform
      .module('llm-serving')
      .workload('model-api', { labels: { app: 'model-api' }, ports: [Port.http(8080)] });
    api.allowFrom(Peer.namespace('ml-jobs'), { reason: 'batch scoring' });
    platform.synth();
    const lines = readFileSync(join(platform.outdir, 'traffic-model.jsonl'), 'utf8').split('\n');
    const records = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as object);
    expect(records[0]).toEqual({ record: 'model', schema: 1 });
    expect(records).toContainEqual(
      expect.objectContaining({
        record: 'flow',
        fromName: 'namespace ml-jobs',
        toName: 'llm-serving/model-api',
        reasons: [
          {
            reason: 'batch scoring',
            by: 'llm-serving/model-api',
            at: expect.stringMatching(/^test\/constructs\/ml-platform\.test\.ts:\d+$/) as string,
          },
        ],
      }),
    );
  });

  test('fails with every problem at once and writes nothing', () => {
    const platform = new MlPlatform({ outdir: join(outputFolder(), 'dist') });
    const api = platform.module('llm-serving').workload('model-api', { labels: { app: 'api' } });
    api.allowFrom(Peer.namespace('ml-jobs'));
    api.allowTo(Peer.fqdn('huggingface.co'));
    expect(() => {
      platform.synth();
    }).toThrow(/^3 problems, nothing was written:\n(?:.*\n){2}.*$/);
    expect(existsSync(platform.outdir)).toBe(false);
  });

  test('fails when a module is made twice', () => {
    const platform = new MlPlatform();
    platform.module('llm-serving');
    expect(refusal(() => platform.module('llm-serving'))).toMatchObject({
      code: 'module-twice',
      got: 'llm-serving',
    });
  });

  test('suffixes namespaces and policies where it is asked to', () => {
    const platform = new MlPlatform({
      outdir: outputFolder(),
      environment: Environment.DEV,
      suffixNamespaces: true,
      suffixPolicies: true,
    });
    platform.module('llm-serving');
    platform.synth();
    const [text = ''] = filesOf(platform.outdir).values();
    const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      'Namespace llm-serving-dev',
      'NetworkPolicy allow-dns-dev',
      'NetworkPolicy baseline-egress-dev',
      'NetworkPolicy baseline-ingress-dev',
      'NetworkPolicy default-deny-dev',
    ]);
  });

  test('records construct metadata by unique keys where names repeat', () => {
    const platform = new MlPlatform({ outdir: outputFolder(), recordConstructMetadata: true });
    describe2(platform);
    platform.synth();
    const text = readFileSync(join(platform.outdir, 'construct-metadata.json'), 'utf8');
    const { resources } = JSON.parse(text) as { resources: Record<string, { path: string }> };
    expect(resources['default-deny']).toBeUndefined();
    expect(resources['config']).toEqual({ path: 'serving/config' });
    expect(resources['NetworkPolicy/feature-store/default-deny']?.path).toBe(
      'serving/feature-store-deny/Resource',
    );
  });

  test('tells as a waiver that a CNI enforces nothing', () => {
    const platform = new MlPlatform({
      outdir: outputFolder(),
      cluster: ClusterProfile.kubeadm({ cni: Cni.FLANNEL }),
    });
    platform.module('llm-serving');
    platform.synth();
    const model = readFileSync(join(platform.outdir, 'traffic-model.jsonl'), 'utf8');
    expect(model).toContain('CNI flannel enforces no NetworkPolicy');
  });
});
