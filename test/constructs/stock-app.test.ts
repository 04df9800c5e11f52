/**
 * Does MlPlatform write what a stock App writes? The same tree is synthesized twice: once as an App
 * does it, once as MlPlatform does. Bytes are equal up to the order of documents wherever a stock App
 * keeps all objects; where it overwrites some, nothing is lost.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, App, Chart, Names, YamlOutputType } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { ModelRegistry } from '../../src/catalog/model-registry';
import { TrainingJob } from '../../src/catalog/training-job';
import { MlPlatform } from '../../src/constructs/ml-platform';
import type { MlPlatformProps } from '../../src/constructs/ml-platform';
import { Environment } from '../../src/traffic/environment';
import { Peer } from '../../src/traffic/peer';
import { Port } from '../../src/values/port';
import { loadYaml } from '../naive/load-yaml';
import { outputFolder } from '../support/reach';

/** A platform as users write it: modules, components, others' objects, hostile texts. */
function platform(props: MlPlatformProps): MlPlatform {
  const app = new MlPlatform({ ...props, environment: Environment.DEV });
  const training = app.module('ml-training', { namespaces: ['ml-training', 'ml-batch'] });
  const serving = app.module('llm-serving', { team: 'nlp' });
  const bert = training.add(TrainingJob.pytorch('bert'));
  const mlflow = app.module('mlflow').add(ModelRegistry.mlflow());
  bert.allowTo(mlflow, { reason: 'experiments: "yes", #1 & more' });
  const api = serving.workload('model-api', {
    labels: { app: 'model-api' },
    ports: [Port.http(8080), Port.tcpRange(9000, 9100)],
  });
  api.allowFrom(Peer.cidr('203.0.113.0/24'), { reason: 'partner' });
  const charts = new Chart(app, 'objects', { namespace: 'llm-serving', labels: { team: 'nlp' } });
  new kplus.ConfigMap(charts, 'config', {
    data: { y: 'no', number: '1e3', time: '12:30', list: '- a: b\n- c', empty: '', null: 'null' },
  });
  new kplus.Deployment(charts, 'api', { containers: [{ image: 'model-api:1', portNumber: 8080 }] });
  new Chart(app, 'empty');
  return app;
}

/** File -> its documents, sorted. */
function files(folder: string): Record<string, string[]> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const written = names.filter((name) => /\.(yaml|json)$/.test(name)).sort();
  return Object.fromEntries(
    written.map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return [name, text.split(/^---\n/m).sort()];
    }),
  );
}

function ids(folder: string): string[] {
  const { namespaces, policies, others } = loadYaml(folder);
  return [
    ...Object.keys(namespaces).map((name) => `Namespace ${name}`),
    ...policies.map(({ metadata: { namespace, name } }) => `${namespace ?? ''}/${name}`),
    ...others.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  ].sort();
}

const LAYOUTS = [
  ['one file', YamlOutputType.FILE_PER_APP],
  ['a file per chart', YamlOutputType.FILE_PER_CHART],
  ['a file per resource', YamlOutputType.FILE_PER_RESOURCE],
  ['a folder per chart', YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE],
] as const;

/** Where names of files are made of kinds and names alone. */
const PER_RESOURCE: readonly YamlOutputType[] = [
  YamlOutputType.FILE_PER_RESOURCE,
  YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE,
];

describe('MlPlatform.synth', () => {
  it.each(LAYOUTS)('writes %s with the bytes of App.synth, up to order', (_, yamlOutputType) => {
    const [ours, stock] = [outputFolder(), outputFolder()];
    platform({ outdir: ours, yamlOutputType }).synth();
    App.prototype.synth.call(platform({ outdir: stock, yamlOutputType }));
    const [written, expected] = [files(ours), files(stock)];
    for (const [name, documents] of Object.entries(expected)) {
      if (name in written) expect({ [name]: written[name] }).toEqual({ [name]: documents });
    }
    const lost = Object.keys(expected).filter((name) => !(name in written));
    const objects = ids(ours);
    expect(new Set(objects).size).toBe(objects.length);
    expect(ids(stock).filter((id) => !objects.includes(id))).toEqual([]);
    // only what a stock App itself overwrites stands under another name
    const overwritten = objects.length - ids(stock).length;
    expect(overwritten > 0).toBe(lost.length > 0);
    expect(overwritten > 0).toBe(PER_RESOURCE.includes(yamlOutputType));
  });

  it('keeps apart what a stock App writes into one file', () => {
    const outdir = outputFolder();
    platform({ outdir, yamlOutputType: YamlOutputType.FILE_PER_RESOURCE }).synth();
    const denies = Object.keys(files(outdir)).filter((name) => name.includes('default-deny'));
    expect(denies).toEqual(
      ['llm-serving', 'ml-batch', 'ml-training', 'mlflow'].map(
        (namespace) => `networking.k8s.io.NetworkPolicy.${namespace}.default-deny.k8s.yaml`,
      ),
    );
  });

  it('names construct paths as App.synth does, where names are unique', () => {
    const [ours, stock] = [outputFolder(), outputFolder()];
    const props = { recordConstructMetadata: true };
    platform({ outdir: ours, ...props }).synth();
    App.prototype.synth.call(platform({ outdir: stock, ...props }));
    const [written, expected] = [ours, stock].map((folder) => {
      const text = readFileSync(join(folder, 'construct-metadata.json'), 'utf8');
      return JSON.parse(text) as { version: string; resources: Record<string, { path: string }> };
    });
    expect(written?.version).toBe(expected?.version);
    const paths = Object.entries(written?.resources ?? {});
    expect(paths.length).toBeGreaterThan(10);
    for (const [name, { path }] of paths.filter(([name]) => !name.includes('/'))) {
      expect(expected?.resources[name]).toEqual({ path });
    }
    expect(written?.resources['NetworkPolicy/ml-batch/default-deny']).toEqual({
      path: 'ml-training/baseline/ml-batch/default-deny/Resource',
    });
  });

  it('heeds the extension, and writes as well into a folder that is there', () => {
    const outdir = outputFolder();
    const props = { outdir, outputFileExtension: '.yaml' };
    for (const app of [platform(props), platform(props)]) app.synth();
    expect(Object.keys(files(outdir))).toEqual(
      ['empty', 'llm-serving', 'ml-training', 'mlflow', 'objects'].map((name) => `${name}.yaml`),
    );
  });

  it('writes an object of a nested chart once, into the file of that chart', () => {
    const outdir = outputFolder();
    const app = new MlPlatform({ outdir });
    const inner = new Chart(app.module('llm-serving'), 'inner');
    const metadata = { name: 'inner', namespace: 'llm-serving' };
    new ApiObject(inner, 'object', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    app.synth();
    const holding = Object.entries(files(outdir))
      .filter(([, texts]) => texts.join().includes('ConfigMap'))
      .map(([name]) => name);
    expect(holding).toEqual([`${Names.toDnsLabel(inner)}.k8s.yaml`]);
  });

  it('writes the same bytes again', () => {
    const [first, again] = [outputFolder(), outputFolder()];
    for (const outdir of [first, again]) platform({ outdir }).synth();
    const text = (folder: string): string[] =>
      readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(text(again)).toEqual(text(first));
  });
});
