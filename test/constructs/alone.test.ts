/**
 * What does each construct do alone, in a plain App and a plain Chart? Who reaches whom afterwards
 * (everything else stays as it was), whom it isolates, the objects that it writes, and that the
 * order of declaration does not matter.
 */

import type { Chart } from 'cdk8s';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny, IsolationDirections } from '../../src/constructs/default-deny';
import { DnsEgress } from '../../src/constructs/dns-egress';
import { ExternalEgress } from '../../src/constructs/external-egress';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { ModuleEgress } from '../../src/constructs/module-egress';
import { ModuleIngress } from '../../src/constructs/module-ingress';
import { PlatformBaseline } from '../../src/constructs/platform-baseline';
import { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import { Port } from '../../src/values/port';
import {
  clusterOf,
  inEveryOrder,
  isolation,
  OUTSIDE,
  pod,
  reach,
  sortedYaml,
} from '../support/cluster';
import { chartOf, names } from '../support/synth';

const api = pod('serving/model-api', { app: 'model-api' });
const replica = pod('serving/model-api-2', { app: 'model-api' });
const notebook = pod('serving/notebook', { app: 'notebook' });
const scorer = pod('jobs/scorer', { app: 'scorer' });
const stranger = pod('elsewhere/stranger', { app: 'scorer' });
const dns = pod('kube-system/dns', { 'k8s-app': 'kube-dns' });
const INSIDE = [api, replica, notebook, scorer, stranger, dns];
const EVERYBODY = [...INSIDE, ...OUTSIDE];

const PORTS = [53, 8080, 9090];

/** A chart with a namespace of ours and one of others; `port` 8080 is what model-api offers. */
function serving() {
  const chart = chartOf(ClusterProfile.kubeadm());
  const namespace = new MlNamespace(chart, 'serving-ns', { name: 'serving' });
  const jobs = MlNamespace.fromName(chart, 'jobs', 'jobs');
  const labels = { app: 'model-api' };
  const ports = [Port.http(8080)];
  const modelApi = new Workload(chart, 'model-api', { namespace, labels, ports });
  return { chart, namespace, jobs, modelApi };
}

/** Who reaches these pods (`into`) or whom they reach (`outOf`), of everybody. */
function into(chart: Chart, name: string): string[] {
  return lines(chart).filter((line) => line.includes(`-> ${name} TCP`));
}
function outOf(chart: Chart, name: string): string[] {
  return lines(chart).filter((line) => line.startsWith(`${name} -> `));
}
function lines(chart: Chart): string[] {
  return reach(clusterOf(chart), 'serving', INSIDE, ...PORTS);
}

const OPEN = (EVERYBODY.length - 1) * PORTS.length;

describe('Workload', () => {
  it('isolates nobody with its grants, and writes nothing where nothing isolates', () => {
    const { chart, jobs, modelApi } = serving();
    modelApi.allowFrom(jobs);
    modelApi.allowTo(jobs, { ports: [Port.tcp(9090)] });
    modelApi.allowAmong();
    expect(names(chart)).toEqual(['Namespace/serving']);
    expect(isolation(clusterOf(chart), INSIDE)).toEqual([]);
    expect(into(chart, 'serving/model-api')).toHaveLength(OPEN);
  });

  it('lets in whom it allows, on service ports, once something isolates', () => {
    const { chart, namespace, jobs, modelApi } = serving();
    modelApi.allowFrom(jobs);
    new DefaultDeny(chart, 'deny', { namespace });
    expect(lines(chart)).toEqual([
      'jobs/scorer -> serving/model-api TCP 8080',
      'jobs/scorer -> serving/model-api-2 TCP 8080',
    ]);
  });

  it('reaches whom it may call, and nobody else', () => {
    const { chart, namespace, modelApi } = serving();
    const labels = { app: 'scorer' };
    modelApi.allowTo(Peer.pods({ labels, namespace: 'jobs' }), { ports: [Port.tcp(9090)] });
    new DefaultDeny(chart, 'deny', { namespace });
    expect(lines(chart)).toEqual([
      'serving/model-api -> jobs/scorer TCP 9090',
      'serving/model-api-2 -> jobs/scorer TCP 9090',
    ]);
  });

  it('talks among its own pods on all ports, in both directions', () => {
    const { chart, namespace, modelApi } = serving();
    modelApi.allowAmong({ reason: 'ring' });
    new DefaultDeny(chart, 'deny', { namespace });
    expect(lines(chart)).toEqual(
      PORTS.flatMap((port) => [
        `serving/model-api -> serving/model-api-2 TCP ${String(port)}`,
        `serving/model-api-2 -> serving/model-api TCP ${String(port)}`,
      ]).sort(),
    );
  });

  it('opens both ends where both are ours, in whichever chart', () => {
    const { chart, namespace, modelApi } = serving();
    const home = new MlNamespace(chart, 'jobs-ns', { name: 'jobs' });
    const runner = new Workload(chart, 'scorer', { namespace: home, labels: { app: 'scorer' } });
    for (const one of [namespace, home]) {
      new DefaultDeny(chart, `${one.namespaceName}-deny`, { namespace: one });
    }
    runner.allowTo(modelApi, { reason: 'scoring' });
    expect(lines(chart)).toEqual([
      'jobs/scorer -> serving/model-api TCP 8080',
      'jobs/scorer -> serving/model-api-2 TCP 8080',
    ]);
    expect(names(chart)).toContain('NetworkPolicy/scorer-egress');
    expect(names(chart)).toContain('NetworkPolicy/model-api-ingress');
  });
});

describe('DefaultDeny', () => {
  it.each([
    [IsolationDirections.BOTH, 0, 0],
    [IsolationDirections.INGRESS, 0, OPEN - 2 * PORTS.length],
    [IsolationDirections.EGRESS, OPEN - 2 * PORTS.length, 0],
  ])('%s closes a whole namespace in these directions', (directions, ingress, egress) => {
    const { chart, namespace } = serving();
    new DefaultDeny(chart, 'deny', { namespace, directions });
    for (const name of ['serving/model-api', 'serving/notebook']) {
      expect(into(chart, name)).toHaveLength(ingress);
      expect(outOf(chart, name)).toHaveLength(egress);
    }
  });

  it('closes some pods and leaves the others as they were', () => {
    for (const one of ['pods', 'workload']) {
      const { chart, namespace, modelApi } = serving();
      const whom = one === 'pods' ? { pods: { app: 'model-api' } } : { workload: modelApi };
      new DefaultDeny(chart, 'deny', { namespace, ...whom });
      expect(isolation(clusterOf(chart), INSIDE)).toEqual([
        'serving/model-api: Ingress, Egress',
        'serving/model-api-2: Ingress, Egress',
      ]);
      expect(into(chart, 'serving/model-api')).toEqual([]);
      expect(into(chart, 'serving/notebook')).toHaveLength(OPEN - 2 * PORTS.length);
    }
  });
});

describe('DnsEgress', () => {
  it('isolates nobody', () => {
    const { chart, namespace } = serving();
    new DnsEgress(chart, 'dns', { namespace });
    expect(names(chart)).toEqual(['Namespace/serving']);
    expect(outOf(chart, 'serving/notebook')).toHaveLength(OPEN);
  });

  it('reaches the DNS pods and nothing else, for all pods or those of one workload', () => {
    const { chart, namespace } = serving();
    new DefaultDeny(chart, 'deny', { namespace });
    new DnsEgress(chart, 'dns', { namespace });
    expect(lines(chart)).toEqual(
      ['serving/model-api', 'serving/model-api-2', 'serving/notebook'].map(
        (name) => `${name} -> kube-system/dns TCP 53`,
      ),
    );
    const one = serving();
    new DefaultDeny(one.chart, 'deny', { namespace: one.namespace });
    new DnsEgress(one.chart, 'dns', { namespace: one.namespace, workload: one.modelApi });
    expect(lines(one.chart)).toEqual([
      'serving/model-api -> kube-system/dns TCP 53',
      'serving/model-api-2 -> kube-system/dns TCP 53',
    ]);
  });
});

describe('ModuleIngress', () => {
  it('isolates its target for ingress, lets its callers in, and leaves all else as it was', () => {
    const { chart, jobs, modelApi } = serving();
    new ModuleIngress(chart, 'in', { to: modelApi, from: [jobs, api2(chart)] });
    expect(isolation(clusterOf(chart), INSIDE)).toEqual([
      'serving/model-api: Ingress',
      'serving/model-api-2: Ingress',
    ]);
    expect(into(chart, 'serving/model-api')).toEqual([
      'jobs/scorer -> serving/model-api TCP 8080',
      'serving/notebook -> serving/model-api TCP 8080',
    ]);
    expect(outOf(chart, 'serving/notebook')).toHaveLength(OPEN - 2 * (PORTS.length - 1));
  });

  it('opens the callers’ end only where it is isolated and ours', () => {
    const { chart, jobs, modelApi } = serving();
    new ModuleIngress(chart, 'in', { to: modelApi, from: [jobs] });
    expect(names(chart)).toEqual(['Namespace/serving', 'NetworkPolicy/model-api-ingress']);
  });

  function api2(chart: Chart): Workload {
    const namespace = MlNamespace.fromName(chart, 'again', 'serving');
    return new Workload(chart, 'notebook', { namespace, labels: { app: 'notebook' } });
  }
});

describe('ModuleEgress', () => {
  it('isolates its source for egress, lets it call, and brings DNS in its own policy', () => {
    const { chart, jobs, modelApi } = serving();
    new ModuleEgress(chart, 'out', { from: modelApi, to: [jobs], ports: [Port.tcp(9090)] });
    expect(isolation(clusterOf(chart), INSIDE)).toEqual([
      'serving/model-api: Egress',
      'serving/model-api-2: Egress',
    ]);
    expect(outOf(chart, 'serving/model-api')).toEqual([
      'serving/model-api -> jobs/scorer TCP 9090',
      'serving/model-api -> kube-system/dns TCP 53',
    ]);
    expect(names(chart)).toEqual(['Namespace/serving', 'NetworkPolicy/model-api-egress']);
  });
});

describe('ExternalEgress', () => {
  it('isolates its source for egress, and lets it leave to where it says', () => {
    const { chart, modelApi } = serving();
    const options = { ports: [Port.tcp(8080)], reason: 'updates' };
    new ExternalEgress(chart, 'out', { from: modelApi, to: [Peer.internet()], ...options });
    expect(outOf(chart, 'serving/model-api')).toEqual([
      'serving/model-api -> internet TCP 8080',
      'serving/model-api -> internet6 TCP 8080',
      'serving/model-api -> kube-system/dns TCP 53',
    ]);
    expect(into(chart, 'serving/notebook')).toHaveLength(OPEN - 2 * PORTS.length);
  });

  it('opens names as internet on their port, under a waiver that is told', () => {
    const { chart, modelApi } = serving();
    new ExternalEgress(chart, 'out', {
      from: modelApi,
      to: [Peer.fqdn('*.hf.co')],
      ports: [Port.tcp(9090)],
      reason: 'base models',
      withoutFqdn: 'internet',
    });
    expect(outOf(chart, 'serving/model-api').filter((line) => line.includes('internet'))).toEqual([
      'serving/model-api -> internet TCP 9090',
      'serving/model-api -> internet6 TCP 9090',
    ]);
    const [policy] = clusterOf(chart).policies as unknown as {
      metadata: { annotations: Record<string, string> };
    }[];
    expect(policy?.metadata.annotations['cdk8s-ml-netpol/waivers']).toBe(
      'names are not enforced: *.hf.co is opened as public internet: base models',
    );
  });
});

describe('PlatformBaseline', () => {
  const baseline = (chart: Chart): PlatformBaseline =>
    new PlatformBaseline(chart, 'baseline', {
      namespaces: ['serving', 'jobs'],
      version: '1.4.0',
      platformPeers: [Peer.namespace('elsewhere')],
      platformPorts: [Port.tcp(9090)],
      team: 'nlp',
    });

  it('isolates each of its namespaces both ways, with DNS and the platform’s own flows', () => {
    const chart = chartOf(ClusterProfile.kubeadm());
    baseline(chart);
    const pods = ['serving/model-api', 'serving/model-api-2', 'serving/notebook'];
    expect(lines(chart)).toEqual(
      pods
        .flatMap((name) => [
          `${name} -> kube-system/dns TCP 53`,
          `${name} -> elsewhere/stranger TCP 9090`,
          `elsewhere/stranger -> ${name} TCP 9090`,
        ])
        .sort(),
    );
  });

  it('writes the same four policies into each, marked with owner and version', () => {
    const chart = chartOf();
    expect(baseline(chart).namespaces.map(({ peerName }) => peerName)).toEqual(['serving', 'jobs']);
    const { policies, namespaces: written } = clusterOf(chart);
    const ids = policies.map(({ metadata: { namespace, name } }) => `${namespace ?? ''}/${name}`);
    expect(ids.sort()).toEqual(
      ['jobs', 'serving'].flatMap((name) =>
        ['allow-dns', 'baseline-egress', 'baseline-ingress', 'default-deny'].map(
          (policy) => `${name}/${policy}`,
        ),
      ),
    );
    for (const { metadata } of policies as unknown as { metadata: { labels: object } }[]) {
      expect(metadata.labels).toEqual({
        'app.kubernetes.io/managed-by': 'cdk8s-ml-netpol',
        'cdk8s-ml-netpol/owner': 'platform',
        'cdk8s-ml-netpol/baseline-version': '1.4.0',
      });
    }
    expect(written['jobs']?.labels).toMatchObject({
      'cdk8s-ml-netpol/owner': 'platform',
      'cdk8s-ml-netpol/baseline-version': '1.4.0',
      'cdk8s-ml-netpol/team': 'nlp',
    });
  });

  it('gives its namespaces by name, and fails for another', () => {
    const made = baseline(chartOf());
    expect(made.namespace('jobs').namespaceName).toBe('jobs');
    expect(() => made.namespace('job')).toThrow(
      /serving\/baseline: got "job", expected one of serving, jobs/,
    );
  });
});

describe('the order of declaration', () => {
  it('changes nothing, whether isolation, grants or namespaces come first', () => {
    inEveryOrder(['deny', 'dns', 'ingress', 'grant', 'profile'] as const, (order) => {
      const chart = chartOf();
      const namespace = new MlNamespace(chart, 'serving-ns', { name: 'serving' });
      const labels = { app: 'model-api' };
      const modelApi = new Workload(chart, 'model-api', { namespace, labels });
      const steps = {
        deny: () => new DefaultDeny(chart, 'deny', { namespace }),
        dns: () => new DnsEgress(chart, 'dns', { namespace }),
        ingress: () =>
          new ModuleIngress(chart, 'in', {
            to: modelApi,
            from: [Peer.namespace('jobs')],
            ports: [Port.http(8080)],
          }),
        grant: () => modelApi.allowTo(Peer.namespace('jobs'), { ports: [Port.tcp(9090)] }),
        profile: () => ClusterProfile.provide(chart, ClusterProfile.openshift()),
      };
      for (const step of order) steps[step]();
      return sortedYaml(chart);
    });
  });
});
