import { Chart } from 'cdk8s';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { Isolation } from '../../src/constructs/isolation';
import { MeshMembership } from '../../src/constructs/mesh-membership';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { PodSecurity } from '../../src/constructs/pod-security';
import { Environment } from '../../src/traffic/environment';
import { TrafficModel } from '../../src/constructs/traffic-model';
import { clusterOf, inEveryOrder, isolation, reach, sortedYaml } from '../support/cluster';
import { pod } from '../support/reach';
import { chartOf, names, problemsOf, refusal, written } from '../support/synth';

const api = pod('llm-serving/model-api', { app: 'model-api' });
const bert = pod('ml-training/bert', { app: 'bert' });

describe('MlNamespace', () => {
  it('isolates nobody', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'llm-serving');
    const cluster = clusterOf(chart);
    expect(isolation(cluster, [api])).toEqual([]);
    expect(reach(cluster, [api, bert], 8080)).toContain(
      'ml-training/bert -> llm-serving/model-api TCP 8080',
    );
  });

  it('is named after its id, warns about baseline Pod Security and says nothing else', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    expect(written(chart)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: 'llm-serving',
          labels: {
            'kubernetes.io/metadata.name': 'llm-serving',
            'pod-security.kubernetes.io/audit': 'baseline',
            'pod-security.kubernetes.io/warn': 'baseline',
          },
        },
      },
    ]);
    expect(namespace.namespaceName).toBe('llm-serving');
    expect(namespace.peerName).toBe('llm-serving');
  });

  it('labels module, team, owner, version and environment, and keeps labels of the user', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'ns', {
      name: 'llm-serving',
      module: 'serving',
      team: 'nlp',
      owner: 'platform',
      baselineVersion: '1.4.0',
      environment: Environment.STAGING,
      labels: { 'cost-center': '4711' },
      podSecurity: PodSecurity.RESTRICTED,
    });
    expect(written(chart)[0]?.metadata).toEqual({
      name: 'llm-serving',
      labels: {
        'cdk8s-ml-netpol/baseline-version': '1.4.0',
        'cdk8s-ml-netpol/environment': 'staging',
        'cdk8s-ml-netpol/module': 'serving',
        'cdk8s-ml-netpol/owner': 'platform',
        'cdk8s-ml-netpol/team': 'nlp',
        'cost-center': '4711',
        'kubernetes.io/metadata.name': 'llm-serving',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    });
  });

  it('never carries metadata.namespace, not even from its chart', () => {
    const app = chartOf().node.scope!;
    const chart = new Chart(app, 'team', { namespace: 'llm-serving' });
    new MlNamespace(chart, 'llm-serving');
    expect(written(chart)[0]?.metadata).not.toHaveProperty('namespace');
  });

  it('records whether its pods take part in the mesh', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'ml-training', { mesh: MeshMembership.OUT });
    const [line = ''] = TrafficModel.of(chart).lines.filter((one) => one.includes('"namespace"'));
    expect(JSON.parse(line)).toMatchObject({ name: 'ml-training', inMesh: false });
  });

  describe('in an environment', () => {
    const notebook = pod('llm-serving/notebook');
    const inside = [
      'llm-serving/model-api -> llm-serving/notebook TCP 8080',
      'llm-serving/notebook -> llm-serving/model-api TCP 8080',
    ];
    const outside = ['llm-serving/model-api', 'llm-serving/notebook'].flatMap((from) =>
      ['internet TCP 8080', 'internet6 TCP 8080'].map((to) => `${from} -> ${to}`),
    );

    it.each([
      [Environment.PROD, []],
      [Environment.STAGING, []],
      [Environment.TEST, inside],
      [Environment.DEV, [...inside, ...outside]],
      [Environment.of({ name: 'sandbox', internetEgress: true }), outside],
    ])('%s opens what it relaxes and no metadata address', (environment, expected) => {
      const chart = chartOf();
      const namespace = new MlNamespace(chart, 'llm-serving', { environment });
      new DefaultDeny(chart, 'deny', { namespace });
      const lines = reach(clusterOf(chart), [api, notebook, bert], 8080);
      const elsewhere = lines.filter((line) => !line.includes('llm-serving'));
      expect(elsewhere).toHaveLength(5);
      expect(lines.filter((line) => line.includes('llm-serving'))).toEqual([...expected].sort());
    });

    it('tells what it relaxes in the model, with the reason "environment baseline"', () => {
      const chart = chartOf();
      new MlNamespace(chart, 'llm-serving', { environment: Environment.DEV });
      const flows = TrafficModel.of(chart).lines.filter((line) => line.includes('"flow"'));
      expect(flows).toHaveLength(2);
      for (const flow of flows) {
        expect(JSON.parse(flow)).toMatchObject({
          origin: 'environment',
          reasons: [{ reason: 'environment baseline', by: 'serving/llm-serving' }],
        });
      }
    });
  });

  it('fails for a name that is no namespace name', () => {
    expect(refusal(() => new MlNamespace(chartOf(), 'LLM_Serving'))).toMatchObject({
      code: 'namespace-name',
      where: 'serving/LLM_Serving',
      got: 'LLM_Serving',
    });
  });

  it('fails for a label value that no label may have, and names the field', () => {
    const act = (): unknown => new MlNamespace(chartOf(), 'llm-serving', { team: 'n l p' });
    expect(refusal(act)).toMatchObject({
      code: 'label-value',
      where: 'serving/llm-serving: team',
      got: 'n l p',
    });
  });

  it('fails when two constructs own one namespace, and names both', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'llm-serving');
    new MlNamespace(chart, 'again', { name: 'llm-serving' });
    const problems = problemsOf(chart);
    expect(problems).toEqual([
      expect.stringMatching(
        /serving\/again: got "llm-serving", expected one declaration of it: serving\/llm-serving/,
      ),
      expect.stringMatching(/serving\/again\/Resource: got "Namespace llm-serving"/),
    ]);
  });
});

describe('MlNamespace.fromName', () => {
  it('writes nothing into the namespace, whatever is declared about its pods', () => {
    const chart = chartOf();
    const serving = new MlNamespace(chart, 'llm-serving');
    const jobs = MlNamespace.fromName(chart, 'jobs', 'ml-jobs');
    new DefaultDeny(chart, 'deny', { namespace: serving });
    expect(jobs.peerName).toBe('ml-jobs');
    expect(names(chart)).toEqual(['Namespace/llm-serving', 'NetworkPolicy/default-deny']);
  });

  it('gives way to the construct that owns the namespace, in every order', () => {
    inEveryOrder(['owner', 'reference', 'another'], (order) => {
      const chart = chartOf();
      for (const id of order) {
        if (id === 'owner')
          new MlNamespace(chart, id, { name: 'llm-serving', labels: { team: 'nlp' } });
        else MlNamespace.fromName(chart, id, 'llm-serving');
      }
      return sortedYaml(chart) + TrafficModel.of(chart).lines.join('\n');
    });
  });
});

describe('MlNamespace.existing', () => {
  it('writes policies, but neither the Namespace nor an isolation of its own', () => {
    const chart = chartOf();
    const existing = MlNamespace.existing(chart, 'jobs', {
      name: 'ml-jobs',
      isolation: Isolation.BOTH,
      labels: { team: 'nlp' },
    });
    expect(names(chart)).toEqual([]);
    new DefaultDeny(chart, 'deny', { namespace: existing });
    expect(names(chart)).toEqual(['NetworkPolicy/team-default-deny']);
  });

  it('appends its suffix to the names of the policies', () => {
    const chart = chartOf();
    const namespace = MlNamespace.existing(chart, 'jobs', {
      name: 'ml-jobs',
      isolation: Isolation.NONE,
      policySuffix: '-dev',
    });
    new DefaultDeny(chart, 'deny', { namespace });
    expect(names(chart)).toEqual(['NetworkPolicy/team-default-deny-dev']);
  });

  it('fails beside a construct that owns the same namespace', () => {
    const chart = chartOf();
    new MlNamespace(chart, 'ml-jobs');
    MlNamespace.existing(chart, 'jobs', { name: 'ml-jobs', isolation: Isolation.BOTH });
    expect(problemsOf(chart)).toEqual([
      expect.stringContaining('serving/jobs: got "ml-jobs", expected one declaration of it'),
    ]);
  });
});
