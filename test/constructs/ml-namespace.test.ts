import { App, Chart, Testing } from 'cdk8s';
import { Mesh } from '../../src/cluster/mesh';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { Isolation } from '../../src/constructs/isolation';
import { MeshMembership } from '../../src/values/mesh-membership';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { MlPlatform } from '../../src/constructs/ml-platform';
import { PodSecurity } from '../../src/constructs/pod-security';
import { TrafficModel } from '../../src/constructs/traffic-model';
import { Workload } from '../../src/constructs/workload';
import { Environment } from '../../src/traffic/environment';
import { Peer } from '../../src/traffic/peer';
import { Port } from '../../src/values/port';
import { outputFolder } from '../support/reach';
import type { Manifest } from '../support/synth';
import { chartOf, names, policy, problemsOf, refusal, written } from '../support/synth';

describe('MlNamespace', () => {
  test('writes module, team, owner, environment and Pod Security labels', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'llm-serving', {
      module: 'serving',
      team: 'nlp',
      owner: 'platform',
      baselineVersion: '1.2.0',
      environment: Environment.PROD,
      podSecurity: PodSecurity.RESTRICTED,
      labels: { 'practicus-module': 'llm-serving' },
    });
    expect(written(chart)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: 'llm-serving',
          labels: {
            'cdk8s-ml-netpol/baseline-version': '1.2.0',
            'cdk8s-ml-netpol/environment': 'prod',
            'cdk8s-ml-netpol/module': 'serving',
            'cdk8s-ml-netpol/owner': 'platform',
            'cdk8s-ml-netpol/team': 'nlp',
            'kubernetes.io/metadata.name': 'llm-serving',
            'pod-security.kubernetes.io/audit': 'restricted',
            'pod-security.kubernetes.io/enforce': 'restricted',
            'pod-security.kubernetes.io/warn': 'restricted',
            'practicus-module': 'llm-serving',
          },
        },
      },
    ]);
  });

  test('enforces no Pod Security level unless it is asked to', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'llm-serving');
    const labels = written(chart)[0]?.metadata.labels;
    expect(labels).not.toHaveProperty(['pod-security.kubernetes.io/enforce']);
    expect(labels).toHaveProperty(['pod-security.kubernetes.io/warn'], 'baseline');
  });

  test.each([
    [Mesh.none(), undefined, {}],
    [Mesh.sidecar(), undefined, { 'istio-injection': 'enabled' }],
    [Mesh.sidecar(), MeshMembership.OUT, { 'istio-injection': 'disabled' }],
    [Mesh.ambient(), MeshMembership.IN, { 'istio.io/dataplane-mode': 'ambient' }],
    [Mesh.ambient(), MeshMembership.OUT, { 'istio.io/dataplane-mode': 'none' }],
  ])('under %s says whether pods take part: %s', (mesh, membership, expected) => {
    const chart = chartOf();
    new MlNamespace(chart, 'llm-serving', { mesh: membership });
    // the profile may come later
    ClusterProfile.provide(chart, ClusterProfile.generic({ mesh }));
    const labels = Object.entries(written(chart)[0]?.metadata.labels ?? {});
    const istio = labels.filter(([key]) => key.includes('istio'));
    expect(Object.fromEntries(istio)).toEqual(expected);
  });

  test('never carries metadata.namespace, whatever the chart stamps on its objects', () => {
    const chart = new Chart(new App(), 'serving', { namespace: 'elsewhere' });
    new MlNamespace(chart, 'llm-serving');
    expect((Testing.synth(chart) as Manifest[])[0]?.metadata).not.toHaveProperty('namespace');
  });

  test('test opens everything inside, development the internet too, metadata addresses never', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving', { environment: Environment.DEV });
    new DefaultDeny(chart, 'deny', { namespace });
    expect(policy(chart, 'baseline-ingress').spec?.['ingress']).toEqual([
      { from: [{ podSelector: {} }] },
    ]);
    const egress = JSON.stringify(policy(chart, 'baseline-egress').spec?.['egress']);
    expect(egress).toContain('"cidr":"0.0.0.0/0"');
    expect(egress).toContain('169.254.0.0/16');
    expect(TrafficModel.of(chart).lines.join('\n')).toContain('"reason":"environment baseline"');
  });

  test('an environment opens nothing where nothing isolates', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'llm-serving', { environment: Environment.DEV });
    expect(names(chart)).toEqual(['Namespace/llm-serving']);
  });

  test('fails when two constructs own one namespace', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'first', { name: 'llm-serving' });
    new MlNamespace(chart, 'second', { name: 'llm-serving' });
    const lines = problemsOf(chart).join('\n');
    expect(lines).toContain('serving/second: got "llm-serving", expected one declaration of it');
  });

  test.each([
    ['LLM_Serving', 'namespace-name'],
    ['a'.repeat(64), 'namespace-name'],
  ])('fails for the name %s', (name, code) => {
    expect(refusal(() => new MlNamespace(chartOf(), 'id', { name }))).toMatchObject({
      code,
      got: name,
    });
  });

  test('fails for a label value over the API’s length instead of truncating it', () => {
    const module = 'm'.repeat(64);
    expect(refusal(() => new MlNamespace(chartOf(), 'llm-serving', { module }))).toMatchObject({
      code: 'label-value',
      got: module,
    });
  });
});

describe('MlNamespace.fromName', () => {
  test('writes nothing there, and is a peer by kubernetes.io/metadata.name', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    const jobs = MlNamespace.fromName(chart, 'jobs', 'ml-jobs');
    new DefaultDeny(chart, 'deny', { namespace });
    const api = new Workload(chart, 'api', {
      namespace,
      labels: { app: 'api' },
      ports: [Port.http(8080)],
    });
    api.allowFrom(jobs);
    expect(policy(chart, 'api-ingress').spec?.['ingress']).toEqual([
      {
        from: [
          { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ml-jobs' } } },
        ],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ]);
    expect(written(chart).every(({ metadata }) => metadata.namespace !== 'ml-jobs')).toBe(true);
  });
});

describe('MlNamespace.existing', () => {
  const chartWith = (isolation: Isolation): Chart => {
    const chart = chartOf();
    const namespace = MlNamespace.existing(chart, 'ours', { name: 'financial-ml', isolation });
    const api = new Workload(chart, 'api', {
      namespace,
      labels: { app: 'api' },
      ports: [Port.http(8080)],
    });
    api.allowFrom(Peer.namespace('ml-jobs'));
    api.allowTo(Peer.namespace('database'), { ports: [Port.tcp(5432)] });
    return chart;
  };

  test.each([
    [Isolation.BOTH, ['NetworkPolicy/api-egress', 'NetworkPolicy/api-ingress']],
    [Isolation.INGRESS, ['NetworkPolicy/api-ingress']],
    [Isolation.EGRESS, ['NetworkPolicy/api-egress']],
    [Isolation.NONE, []],
  ])('%s: writes grants only where others isolate, and never the Namespace', (isolation, all) => {
    expect(names(chartWith(isolation))).toEqual(all);
  });

  test('calls whole-namespace policies apart from those of the owner', () => {
    const chart = chartOf();
    const namespace = MlNamespace.existing(chart, 'ours', {
      name: 'financial-ml',
      isolation: Isolation.INGRESS,
    });
    new DefaultDeny(chart, 'deny', { namespace });
    expect(names(chart)).toEqual(['NetworkPolicy/team-default-deny']);
  });

  test('reads from the owner’s traffic model what isolates', () => {
    const platform = new MlPlatform({ outdir: outputFolder() });
    platform.module('financial-ml');
    platform.synth();
    const isolation = Isolation.fromTrafficModel(platform.outdir);
    expect(names(chartWith(isolation))).toEqual([
      'NetworkPolicy/api-egress',
      'NetworkPolicy/api-ingress',
    ]);
    expect(
      refusal(() => MlNamespace.existing(chartOf(), 'x', { name: 'unknown', isolation })),
    ).toMatchObject({ code: 'traffic-model-namespace', got: 'unknown' });
  });

  test('fails when the traffic model is missing', () => {
    expect(refusal(() => Isolation.fromTrafficModel('no-such-folder'))).toMatchObject({
      code: 'traffic-model-missing',
      got: 'no-such-folder',
    });
  });
});
