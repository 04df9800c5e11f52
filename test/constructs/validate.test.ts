/** Are all problems of a tree told at once, once, and anew after every change? */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, App, Chart, Testing } from 'cdk8s';
import { DefaultDeny, IsolationDirections } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { MlPlatform } from '../../src/constructs/ml-platform';
import { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import { Port, PortPurpose } from '../../src/values/port';
import { outputFolder } from '../support/reach';
import { chartOf, problemsOf } from '../support/synth';

function linesOf(act: () => void): string[] {
  try {
    act();
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  throw new Error('nothing was refused');
}

describe('many problems in two charts', () => {
  const EXPECTED = [
    'ml-jobs/caller: ml-jobs/caller -> kube-apiserver: got "generic"',
    'ml-jobs/deny-again/Resource: got "NetworkPolicy ml-jobs/default-deny"',
    'ml-jobs/serving: got "llm-serving", expected one declaration',
    'ml-jobs/serving/Resource: got "Namespace llm-serving"',
    'serving/model-api: llm-serving/model-api -> hf.co: got ["hf.co"]',
    'serving/model-api: llm-serving/model-api -> hf.co: got nothing, expected a reason',
    'serving/model-api: llm-serving/model-api -> internet: got "2025-12-31"',
    'serving/model-api: ml-jobs/caller -> llm-serving/model-api: got nothing, expected ports',
  ];

  function declareAll(app: App): void {
    const serving = new Chart(app, 'serving');
    const api = new Workload(serving, 'model-api', {
      namespace: new MlNamespace(serving, 'llm-serving'),
      labels: { app: 'model-api' },
      ports: [Port.http(9090, { purpose: PortPurpose.METRICS })],
    });
    const jobs = new Chart(app, 'ml-jobs');
    const namespace = new MlNamespace(jobs, 'ml-jobs');
    const caller = new Workload(jobs, 'caller', { namespace, labels: { app: 'caller' } });
    api.allowFrom(caller);
    api.allowTo(Peer.fqdn('hf.co'));
    const ports = [Port.tcp(443)];
    api.allowTo(Peer.internet(), { ports, reason: 'once', expires: '2025-12-31' });
    caller.allowTo(Peer.kubeApiserver());
    for (const id of ['deny', 'deny-again']) new DefaultDeny(jobs, id, { namespace });
    new MlNamespace(jobs, 'serving', { name: 'llm-serving' });
  }

  it('fail once in a stock App, and nothing is written', () => {
    const app = new App({ outdir: join(outputFolder(), 'dist') });
    declareAll(app);
    const [title, ...lines] = linesOf(() => app.synth());
    expect(title).toBe('Validation failed with the following errors:');
    expect(lines).toHaveLength(EXPECTED.length);
    for (const text of EXPECTED) expect(lines.join('\n')).toContain(text);
    expect(readdirSync(app.outdir)).toEqual([]);
  });

  it('fail with the same lines in MlPlatform, counted, and not even the folder is made', () => {
    const [app, platform] = [new App(), new MlPlatform({ outdir: join(outputFolder(), 'dist') })];
    for (const one of [app, platform]) declareAll(one);
    const [, ...stock] = linesOf(() => app.synthYaml());
    const [title, ...lines] = linesOf(() => platform.synth());
    expect(title).toBe('8 problems, nothing was written:');
    expect(lines).toEqual(stock.map((line) => line.replace('  [] ', '')));
    expect(existsSync(platform.outdir)).toBe(false);
  });

  it('stand beside what others validate', () => {
    const platform = new MlPlatform({ outdir: join(outputFolder(), 'dist') });
    const module = platform.module('llm-serving');
    module.node.addValidation({ validate: () => ['no owner'] });
    expect(linesOf(() => platform.synth())).toEqual([
      '1 problem, nothing was written:',
      '[llm-serving] no owner',
    ]);
  });
});

describe('objects', () => {
  it('fail when two have one kind, namespace and name, ours or others’', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    const directions = IsolationDirections.INGRESS;
    for (const id of ['a', 'b']) new DefaultDeny(chart, id, { namespace, directions });
    expect(problemsOf(chart)).toEqual([
      '  [] serving/b/Resource: got "NetworkPolicy llm-serving/default-deny", expected one object of that kind and name: serving/a/Resource writes it already; fix: give one of them another name, or declare it once',
    ]);
  });

  it('may share a name in other namespaces, kinds and groups', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'llm-serving');
    const objects = [
      ['v1', 'ConfigMap', 'a'],
      ['v1', 'ConfigMap', 'b'],
      ['v1', 'Secret', 'a'],
      ['example.com/v1', 'ConfigMap', 'a'],
    ] as const;
    for (const [index, [apiVersion, kind, namespace]] of objects.entries()) {
      const metadata = { name: 'same', namespace };
      new ApiObject(chart, `object-${String(index)}`, { apiVersion, kind, metadata });
    }
    expect(problemsOf(chart)).toEqual([]);
  });

  it('fail for a policy name over 253 characters, which is never truncated', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    const label = (letter: string): string => letter.repeat(60);
    const pods = { [label('a')]: label('b'), [label('c')]: label('d'), [label('e')]: label('f') };
    new DefaultDeny(chart, 'deny', { namespace, pods });
    const [problem, ...others] = problemsOf(chart);
    expect(others).toEqual([]);
    expect(problem).toContain('serving/deny/Resource: metadata.name: got "default-deny-pods-aaa');
    expect(problem).toContain('at most 253 characters');
  });
});

describe('the answer', () => {
  it('is told anew after each change, also when an earlier synth went well', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    expect(problemsOf(chart)).toEqual([]);
    const api = new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' } });
    expect(problemsOf(chart)).toEqual([]);
    api.allowFrom(Peer.namespace('ml-jobs'));
    expect(problemsOf(chart)).toHaveLength(1);
    api.allowTo(Peer.namespace('web'));
    expect(problemsOf(chart)).toHaveLength(2);
  });

  it('is one for the whole tree, from whichever chart it is asked', () => {
    const app = new App();
    const [serving, other] = [new Chart(app, 'serving'), new Chart(app, 'other')];
    const namespace = new MlNamespace(serving, 'llm-serving');
    const api = new Workload(serving, 'model-api', { namespace, labels: { app: 'model-api' } });
    api.allowFrom(Peer.namespace('ml-jobs'));
    expect(problemsOf(other)).toEqual(problemsOf(serving));
    expect(problemsOf(other)).toHaveLength(1);
  });

  it('does not change what is written: the second synth writes what the first wrote', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    new DefaultDeny(chart, 'deny', { namespace });
    const labels = { app: 'model-api' };
    const api = new Workload(chart, 'model-api', { namespace, labels, ports: [Port.http(8080)] });
    api.allowFrom(Peer.namespace('ml-jobs'), { reason: 'scoring' });
    const first = Testing.synth(chart) as unknown;
    expect(Testing.synth(chart)).toEqual(first);
  });
});
