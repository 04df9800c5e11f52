/**
 * Into whose policy is a flow written? Into that of the pods at its end that are isolated, and of no
 * others: a policy isolates whatever it selects. Told by names and selectors, then by who is isolated.
 */

import type { Chart } from 'cdk8s';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { DnsEgress } from '../../src/constructs/dns-egress';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { ModuleIngress } from '../../src/constructs/module-ingress';
import { Workload } from '../../src/constructs/workload';
import { podsName, subjectName } from '../../src/render/subjects';
import { Peer } from '../../src/traffic/peer';
import { Port } from '../../src/values/port';
import { EVERYTHING, LabelSelector } from '../../src/values/selector';
import { clusterOf, isolation, pod, reach } from '../support/cluster';
import { chartOf } from '../support/synth';

const jobs = pod('ml-jobs/scorer', { app: 'scorer' });
const api = pod('llm-serving/model-api', { app: 'model-api', tier: 'gpu' });
const canary = pod('llm-serving/canary', { app: 'model-api', tier: 'gpu', stage: 'canary' });
const triton = pod('llm-serving/triton', { app: 'triton', tier: 'gpu' });
const notebook = pod('llm-serving/notebook');
const PODS = [jobs, api, canary, triton, notebook];

const FROM_JOBS = { ports: [Port.http(8080)] };

/** `name: selector` of every policy but default denies, sorted. */
function subjects(chart: Chart): string[] {
  return clusterOf(chart)
    .policies.filter(({ metadata }) => !metadata.name.startsWith('default-deny'))
    .map(({ metadata, spec }) => `${metadata.name}: ${JSON.stringify(spec.podSelector)}`)
    .sort();
}

/** Who gets in from ml-jobs on 8080. */
function entered(chart: Chart): string[] {
  return reach(clusterOf(chart), 'llm-serving', PODS, 8080)
    .filter((line) => line.startsWith('ml-jobs/scorer -> '))
    .map((line) => line.replace(/.*\//, '').replace(/ .*/, ''));
}

function serving(podLabels?: Record<string, string>) {
  const chart = chartOf();
  const namespace = new MlNamespace(chart, 'llm-serving');
  const labels = { app: 'model-api' };
  const modelApi = new Workload(chart, 'model-api', { namespace, labels, podLabels });
  return { chart, namespace, modelApi };
}

const IN_SERVING = { namespace: 'llm-serving' };

describe('a flow that ends at a workload', () => {
  it('is written into the workload’s own policy, whatever isolates it', () => {
    const isolations: (Record<string, string> | undefined)[] = [
      undefined,
      { app: 'model-api' },
      { tier: 'gpu' },
    ];
    for (const pods of isolations) {
      const { chart, namespace, modelApi } = serving({ tier: 'gpu' });
      new DefaultDeny(chart, 'deny', { namespace, pods });
      modelApi.allowFrom(Peer.namespace('ml-jobs'), FROM_JOBS);
      expect(subjects(chart)).toEqual(['model-api-ingress: {"matchLabels":{"app":"model-api"}}']);
    }
  });

  it('is written nowhere while only other pods are isolated', () => {
    const { chart, namespace, modelApi } = serving();
    new DefaultDeny(chart, 'deny', { namespace, pods: { app: 'triton' } });
    modelApi.allowFrom(Peer.namespace('ml-jobs'), FROM_JOBS);
    expect(subjects(chart)).toEqual([]);
  });

  it('never isolates those of its pods that a label exempts from isolation', () => {
    const { chart, modelApi } = serving();
    const selector = LabelSelector.of({ noneOf: { stage: ['canary'] } });
    const to = Peer.pods({ selector, ...IN_SERVING });
    new ModuleIngress(chart, 'in', { to, from: [Peer.namespace('web')], ports: [Port.tcp(1)] });
    modelApi.allowFrom(Peer.namespace('ml-jobs'), FROM_JOBS);
    const isolated = isolation(clusterOf(chart), [api, canary, triton]);
    expect(isolated).toEqual(['llm-serving/model-api: Ingress', 'llm-serving/triton: Ingress']);
    expect(entered(chart)).toEqual(['canary', 'model-api']);
  });
});

describe('a flow that ends at pods by label', () => {
  const toGpus = Peer.pods({ labels: { tier: 'gpu' }, ...IN_SERVING });

  it('is written for these pods where the whole namespace is isolated', () => {
    const { chart, namespace } = serving();
    new DefaultDeny(chart, 'deny', { namespace });
    grant(chart, toGpus);
    expect(subjects(chart)).toEqual(['pods-tier-gpu-ingress: {"matchLabels":{"tier":"gpu"}}']);
    expect(entered(chart)).toEqual(['canary', 'model-api', 'triton']);
  });

  it('is written for those of them that are isolated', () => {
    const { chart, namespace, modelApi } = serving();
    new DefaultDeny(chart, 'deny', { namespace, workload: modelApi });
    grant(chart, toGpus);
    expect(subjects(chart)).toEqual([
      'pods-app-model-api-tier-gpu-ingress: {"matchLabels":{"app":"model-api","tier":"gpu"}}',
    ]);
    const isolated = isolation(clusterOf(chart), PODS);
    expect(isolated.map((line) => line.replace(/:.*/, ''))).toEqual([
      'llm-serving/model-api',
      'llm-serving/canary',
    ]);
  });

  it('stands in the own policy of a workload that is known to carry the label', () => {
    const { chart, modelApi } = serving({ tier: 'gpu' });
    const from = [Peer.namespace('web')];
    new ModuleIngress(chart, 'in', { to: modelApi, from, ports: [Port.tcp(1)] });
    grant(chart, toGpus);
    expect(subjects(chart)).toEqual(['model-api-ingress: {"matchLabels":{"app":"model-api"}}']);
    expect(entered(chart)).toEqual(['canary', 'model-api', 'notebook', 'triton']);
  });

  it('reaches those pods of an isolated workload that carry the label, known or not', () => {
    const { chart, modelApi } = serving();
    const from = [Peer.namespace('web')];
    new ModuleIngress(chart, 'in', { to: modelApi, from, ports: [Port.tcp(1)] });
    grant(chart, toGpus);
    expect(subjects(chart)).toEqual([
      'model-api-ingress: {"matchLabels":{"app":"model-api"}}',
      'pods-app-model-api-tier-gpu-ingress: {"matchLabels":{"app":"model-api","tier":"gpu"}}',
    ]);
    expect(entered(chart)).toContain('model-api');
  });

  it('is written nowhere where no pod can carry both labels', () => {
    const { chart, namespace } = serving();
    new DefaultDeny(chart, 'deny', { namespace, pods: { tier: 'cpu' } });
    grant(chart, toGpus);
    expect(subjects(chart)).toEqual([]);
  });

  it('is written in every namespace of ours that carries the labels, and in no other', () => {
    const chart = chartOf();
    for (const [id, team] of [
      ['llm-serving', 'nlp'],
      ['reporting', 'bi'],
    ] as const) {
      const namespace = new MlNamespace(chart, id, { labels: { team } });
      new DefaultDeny(chart, `${id}-deny`, { namespace });
    }
    grant(chart, Peer.pods({ labels: { tier: 'gpu' }, namespaceLabels: { team: 'nlp' } }));
    const policies = clusterOf(chart).policies.map(({ metadata }) => metadata);
    expect(policies.map(({ namespace, name }) => `${namespace ?? ''}/${name}`).sort()).toEqual([
      'llm-serving/default-deny',
      'llm-serving/pods-tier-gpu-ingress',
      'reporting/default-deny',
    ]);
  });

  /** From a workload elsewhere, on 8080. */
  function grant(chart: Chart, to: Peer): void {
    const namespace = MlNamespace.fromName(chart, 'jobs', 'ml-jobs');
    const labels = { app: 'scorer' };
    new Workload(chart, 'scorer', { namespace, labels }).allowTo(to, FROM_JOBS);
  }
});

describe('names of policies', () => {
  const gpu = { matchLabels: { tier: 'gpu' }, matchExpressions: [] };
  const place = { namespace: 'llm-serving', direction: 'egress' } as const;

  it.each([
    [{ group: 'own', pods: gpu, workload: 'model-api' }, 'model-api-egress'],
    [{ group: 'own', pods: gpu }, 'pods-tier-gpu-egress'],
    [{ group: 'own', pods: EVERYTHING }, 'all-pods-egress'],
    [{ group: 'dns', pods: EVERYTHING }, 'allow-dns'],
    [{ group: 'dns', pods: gpu }, 'allow-dns-pods-tier-gpu'],
    [{ group: 'dns', pods: gpu, workload: 'model-api' }, 'allow-dns-model-api'],
    [{ group: 'baseline', pods: EVERYTHING }, 'baseline-egress'],
    [{ group: 'baseline', pods: gpu }, 'baseline-pods-tier-gpu-egress'],
  ] as const)('%j is %s', (subject, name) => {
    expect(subjectName({ ...place, ...subject })).toBe(name);
  });

  it('say by a digest what a name cannot say', () => {
    const capitals = podsName({ matchLabels: { Team: 'NLP' }, matchExpressions: [] });
    const slash = podsName({ matchLabels: { 'ml/team': 'nlp' }, matchExpressions: [] });
    const expression = podsName(LabelSelector.of({ present: ['team'] })._data);
    expect(capitals).toMatch(/^pods-team-nlp-[0-9a-f]{8}$/);
    expect(slash).toMatch(/^pods-ml-team-nlp-[0-9a-f]{8}$/);
    expect(expression).toMatch(/^pods-[0-9a-f]{8}$/);
    expect(new Set([capitals, slash, expression]).size).toBe(3);
  });

  it('keep DNS, baseline and declared flows of the same pods apart', () => {
    const { chart, namespace } = serving();
    new DefaultDeny(chart, 'deny', { namespace });
    new DnsEgress(chart, 'dns', { namespace });
    new Workload(chart, 'triton', { namespace, labels: { app: 'triton' } }).allowTo(namespace, {
      ports: [Port.http(8000)],
    });
    expect(subjects(chart)).toEqual([
      'all-pods-ingress: {}',
      'allow-dns: {}',
      'triton-egress: {"matchLabels":{"app":"triton"}}',
    ]);
    expect(clusterOf(chart).policies).toHaveLength(4);
  });
});
