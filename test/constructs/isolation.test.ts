/**
 * What isolates pods of a namespace that others own? Directions that are known, or the traffic model
 * that the owner's repository wrote: two apps are written and judged together.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { DefaultDeny, IsolationDirections } from '../../src/constructs/default-deny';
import { Isolation } from '../../src/constructs/isolation';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { ModuleIngress } from '../../src/constructs/module-ingress';
import { PlatformBaseline } from '../../src/constructs/platform-baseline';
import { TrafficModel } from '../../src/constructs/traffic-model';
import { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import { Port } from '../../src/values/port';
import { LabelSelector } from '../../src/values/selector';
import { clusterOf, isolation, pod, reach } from '../support/cluster';
import { outputFolder } from '../support/reach';
import { chartOf, names, refusal } from '../support/synth';

const api = pod('ml-jobs/model-api', { app: 'model-api' });
const notebook = pod('ml-jobs/notebook', { app: 'notebook' });
const web = pod('web/gateway');
const PODS = [api, notebook, web];

/** A team that grants into somebody else's namespace: from and to web, on 8080. */
function team(isolation: Isolation): Chart {
  const chart = new Chart(new App(), 'team');
  const namespace = MlNamespace.existing(chart, 'jobs', { name: 'ml-jobs', isolation });
  const labels = { app: 'model-api' };
  const modelApi = new Workload(chart, 'model-api', { namespace, labels });
  modelApi.allowFrom(Peer.namespace('web'), { ports: [Port.http(8080)] });
  modelApi.allowTo(Peer.namespace('web'), { ports: [Port.http(8080)] });
  return chart;
}

describe('Isolation by directions', () => {
  it.each([
    [Isolation.NONE, []],
    [Isolation.INGRESS, ['NetworkPolicy/model-api-ingress']],
    [Isolation.EGRESS, ['NetworkPolicy/model-api-egress']],
    [Isolation.BOTH, ['NetworkPolicy/model-api-egress', 'NetworkPolicy/model-api-ingress']],
  ])('%s: grants are written where it isolates, and isolate nobody else', (given, expected) => {
    expect(names(team(given))).toEqual(expected);
  });
});

describe('Isolation.fromTrafficModel', () => {
  /** What the platform team writes: a folder with its model, and what its YAML does. */
  function platform(declare: (chart: Chart) => void) {
    const chart = chartOf();
    declare(chart);
    const folder = outputFolder();
    return { chart, folder, file: TrafficModel.of(chart).save(folder) };
  }

  it('knows a baseline, so that both repositories together say what the team declared', () => {
    const { chart, folder, file } = platform((one) => {
      new PlatformBaseline(one, 'baseline', { namespaces: ['ml-jobs', 'ml-training'] });
    });
    for (const path of [folder, file]) {
      const ours = clusterOf(team(Isolation.fromTrafficModel(path)));
      const owners = clusterOf(chart);
      const both = { ...owners, policies: [...owners.policies, ...ours.policies] };
      expect(reach(both, 'ml-jobs', PODS, 8080)).toEqual([
        'ml-jobs/model-api -> web/gateway TCP 8080',
        'web/gateway -> ml-jobs/model-api TCP 8080',
      ]);
    }
  });

  it('knows isolation of some pods, by label, by workload and by what labels exempt', () => {
    const exempt = LabelSelector.of({ noneOf: { app: ['notebook'] } });
    const declarations: ((chart: Chart, namespace: MlNamespace) => unknown)[] = [
      (chart, namespace) => {
        const directions = IsolationDirections.INGRESS;
        return new DefaultDeny(chart, 'd', { namespace, pods: { app: 'model-api' }, directions });
      },
      (chart, namespace) => {
        const labels = { app: 'model-api' };
        const to = new Workload(chart, 'other-name', { namespace, labels });
        const from = [Peer.namespace('elsewhere')];
        return new ModuleIngress(chart, 'in', { to, from, ports: [Port.tcp(1)] });
      },
      (chart) => {
        const to = Peer.pods({ selector: exempt, namespace: 'ml-jobs' });
        const from = [Peer.namespace('elsewhere')];
        return new ModuleIngress(chart, 'in', { to, from, ports: [Port.tcp(1)] });
      },
    ];
    for (const declare of declarations) {
      const { chart, folder } = platform((one) => {
        declare(one, new MlNamespace(one, 'ml-jobs'));
      });
      const ours = clusterOf(team(Isolation.fromTrafficModel(folder)));
      const owners = clusterOf(chart);
      const both = { ...owners, policies: [...owners.policies, ...ours.policies] };
      expect(isolation(both, PODS)).toEqual(['ml-jobs/model-api: Ingress']);
      expect(isolation(ours, PODS)).toEqual(['ml-jobs/model-api: Ingress']);
      const into = reach(both, 'ml-jobs', PODS, 8080).filter((line) =>
        line.includes('> ml-jobs/m'),
      );
      expect(into).toEqual(['web/gateway -> ml-jobs/model-api TCP 8080']);
    }
  });

  it('does not take a workload of the team for one of the owner that has the same name', () => {
    const { folder } = platform((chart) => {
      const namespace = new MlNamespace(chart, 'ml-jobs');
      const labels = { app: 'old-api' };
      const to = new Workload(chart, 'model-api', { namespace, labels });
      const from = [Peer.namespace('elsewhere')];
      new ModuleIngress(chart, 'in', { to, from, ports: [Port.tcp(1)] });
    });
    const chart = new Chart(new App(), 'team');
    const isolation = Isolation.fromTrafficModel(folder);
    const namespace = MlNamespace.existing(chart, 'jobs', { name: 'ml-jobs', isolation });
    const [labels, podLabels] = [{ app: 'model-api' }, { tier: 'gpu' }];
    new Workload(chart, 'model-api', { namespace, labels, podLabels });
    const home = MlNamespace.fromName(chart, 'web', 'web');
    const gpus = Peer.pods({ labels: { tier: 'gpu' }, namespace: 'ml-jobs' });
    const gateway = new Workload(chart, 'gateway', { namespace: home, labels: { app: 'gateway' } });
    gateway.allowTo(gpus, { ports: [Port.http(8080)] });
    expect(
      clusterOf(chart).policies.map(({ metadata, spec }) => [metadata.name, spec.podSelector]),
    ).toEqual([
      ['pods-app-old-api-tier-gpu-ingress', { matchLabels: { app: 'old-api', tier: 'gpu' } }],
    ]);
  });

  it('knows that nothing isolates', () => {
    const { folder } = platform((chart) => void new MlNamespace(chart, 'ml-jobs'));
    expect(names(team(Isolation.fromTrafficModel(folder)))).toEqual([]);
  });

  it('records whose file said so', () => {
    const { folder, file } = platform((chart) => {
      new PlatformBaseline(chart, 'baseline', { namespaces: ['ml-jobs'] });
    });
    const lines = TrafficModel.of(team(Isolation.fromTrafficModel(folder))).lines;
    const [isolated = ''] = lines.filter((line) => line.includes('"record":"isolation"'));
    // the folder alone, so that it is the same on every machine
    const by = `${basename(dirname(file))}/traffic-model.jsonl`;
    expect(JSON.parse(isolated)).toMatchObject({ namespace: 'ml-jobs', by });
  });

  describe('fails', () => {
    const file = (...lines: string[]): string => {
      const folder = join(outputFolder(), 'platform');
      mkdirSync(folder);
      writeFileSync(join(folder, 'traffic-model.jsonl'), lines.join('\n'));
      return folder;
    };
    const MODEL = '{"record":"model","schema":1}';

    it.each([
      ['for a file that is not there', ['/nowhere'], 'traffic-model-missing', '/nowhere'],
      ['for another schema', ['{"record":"model","schema":2}'], 'traffic-model-schema', 2],
      ['for a file without a schema', ['{"record":"flow"}'], 'traffic-model-schema', undefined],
      ['for a line that is no JSON', [MODEL, '{"record":'], 'traffic-model-line', '{"record":'],
      ['for a line that is no record', [MODEL, '[]'], 'traffic-model-line', '[]'],
      [
        'for a namespace that the file does not know',
        [MODEL],
        'traffic-model-namespace',
        'ml-jobs',
      ],
    ])('%s', (_, lines, code, got) => {
      const path = lines[0]?.startsWith('/') === true ? lines[0] : file(...lines);
      const problem = refusal(() => team(Isolation.fromTrafficModel(path)));
      expect(problem).toMatchObject({ code, got });
      expect(problem.where).toContain('Isolation.fromTrafficModel');
    });

    it('and names the line of the file', () => {
      const path = file(MODEL, '', 'oops');
      const { where } = refusal(() => Isolation.fromTrafficModel(path));
      expect(where).toBe(`Isolation.fromTrafficModel: ${join(path, 'traffic-model.jsonl')}:3`);
    });
  });
});
