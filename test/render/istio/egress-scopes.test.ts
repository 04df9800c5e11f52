import type { Chart } from 'cdk8s';
import {
  ExternalEgress,
  Isolation,
  LabelSelector,
  MeshMembership,
  MlNamespace,
  ModuleEgress,
  Peer,
  Port,
  type IMlNamespace,
  type PodsOptions,
} from '../../../src';
import { knowsService, letsOut } from '../../naive/istio-egress';
import {
  inference,
  isolated,
  loader,
  namesOf,
  serving,
  specOf,
  stranger,
  tcp,
  tls,
  why,
  workload,
  written,
} from './egress-world';

describe('a whole namespace that leaves the cluster', () => {
  const result = written((chart) => {
    const namespace = isolated(chart, 'ml-serving');
    const features = isolated(chart, 'features');
    workload(chart, namespace, 'inference');
    const loader = workload(chart, namespace, 'loader');
    loader.allowTo(Peer.fqdn('huggingface.co'), why);
    workload(chart, namespace, 'reader').allowTo(features, { ports: [Port.tcp(6566)] });
    new ModuleEgress(chart, 'pip', {
      from: namespace,
      to: [Peer.fqdn('pypi.org')],
      reason: 'packages',
    });
  });

  it('has one Sidecar without selector, and workloads that say more have their own', () => {
    expect(result.texts).toEqual([]);
    expect(namesOf(result.manifests, 'Sidecar')).toEqual([
      'ml-serving/all-pods-egress',
      'ml-serving/loader-egress',
    ]);
    expect(specOf(result.manifests, 'Sidecar', 'all-pods-egress')).not.toHaveProperty(
      'workloadSelector',
    );
  });

  it('gives each of its pods what the namespace and the workload declare together', () => {
    const { manifests } = result;
    for (const caller of [stranger, inference, loader]) {
      expect(letsOut(manifests, caller, tls('pypi.org'))).toBe('by name');
    }
    expect(letsOut(manifests, loader, tls('huggingface.co'))).toBe('by name');
    expect(letsOut(manifests, stranger, tls('huggingface.co'))).toBe('blocked');
    const reader = { namespace: 'ml-serving', labels: { app: 'reader' } };
    expect(knowsService(manifests, reader, ['features', 'store.features.svc.cluster.local'])).toBe(
      true,
    );
  });

  it('spares workloads whose proxies cannot be limited', () => {
    const { manifests, texts } = written((chart) => {
      const namespace = isolated(chart, 'ml-serving');
      workload(chart, namespace, 'loader').allowAmong();
      new ModuleEgress(chart, 'pip', {
        from: namespace,
        to: [Peer.fqdn('pypi.org')],
        reason: 'packages',
        withoutFqdn: 'internet',
      });
    });
    expect(texts).toEqual([]);
    expect(letsOut(manifests, loader, tcp('10.244.3.4', 40000))).toBe('anything');
    expect(letsOut(manifests, stranger, tls('pypi.org'))).toBe('by name');
    expect(letsOut(manifests, stranger, tls('evil.example'))).toBe('blocked');
  });

  it('fails where one of its workloads has no proxy', () => {
    const { codes, texts } = written((chart) => {
      const namespace = isolated(chart, 'ml-serving');
      workload(chart, namespace, 'loader', { mesh: MeshMembership.OUT });
      new ModuleEgress(chart, 'pip', { from: namespace, to: [Peer.fqdn('pypi.org')], ...why });
    });
    expect(codes).toEqual(['fqdn-not-enforced']);
    expect(texts.join()).toContain('not all pods of ml-serving are known to have one');
  });

  it('fails where others own its Sidecar', () => {
    const build =
      (options: object) =>
      (chart: Chart): void => {
        const namespace = MlNamespace.existing(chart, 'ns', {
          name: 'ml-serving',
          isolation: Isolation.BOTH,
        });
        const to = [Peer.fqdn('pypi.org')];
        new ModuleEgress(chart, 'pip', { from: namespace, to, ...why, ...options });
      };
    expect(written(build({})).codes).toEqual(['fqdn-not-enforced']);
    const waived = written(build({ withoutFqdn: 'internet' }));
    expect(waived.texts).toEqual([]);
    expect(namesOf(waived.manifests, 'Sidecar')).toEqual([]);
  });

  it('that reaches the whole internet anyway asks for no names', () => {
    const { manifests, texts, waivers } = written((chart) => {
      const namespace = isolated(chart, 'ml-serving');
      new ModuleEgress(chart, 'web', {
        from: namespace,
        to: [Peer.internet()],
        ports: [Port.all()],
        reason: 'development',
      });
      workload(chart, namespace, 'loader').allowTo(Peer.fqdn('huggingface.co'), why);
    });
    expect(texts).toEqual([]);
    expect(waivers).toEqual([]);
    expect(namesOf(manifests, 'Sidecar')).toEqual([]);
  });
});

describe('a caller by label', () => {
  it('has a Sidecar of its own, and workloads without that label none', () => {
    const { manifests, texts, objections } = written((chart) => {
      serving(chart);
      new ExternalEgress(chart, 'loaders', {
        from: Peer.pods({ namespace: 'ml-serving', labels: { 'needs-model-access': 'true' } }),
        to: [Peer.fqdn('huggingface.co')],
        ...why,
      });
    });
    expect(texts).toEqual([]);
    expect(objections).toEqual([]);
    const pods = { namespace: 'ml-serving', labels: { 'needs-model-access': 'true' } };
    expect(letsOut(manifests, pods, tls('huggingface.co'))).toBe('by name');
    expect(letsOut(manifests, pods, tls('evil.example'))).toBe('blocked');
    expect(namesOf(manifests, 'Sidecar')).toHaveLength(1);
  });

  const codes = (pods: Partial<PodsOptions>): readonly string[] =>
    written((chart) => {
      isolated(chart, 'ml-serving');
      new ExternalEgress(chart, 'loaders', {
        from: Peer.pods({ namespace: 'ml-serving', ...pods }),
        to: [Peer.fqdn('huggingface.co')],
        ...why,
      });
    }).codes;

  it('fails where it is known to have no proxy', () => {
    const labels = { app: 'loader' };
    expect(codes({ labels, mesh: MeshMembership.OUT })).toEqual(['fqdn-not-enforced']);
    expect(codes({ labels, mesh: MeshMembership.IN })).toEqual([]);
  });

  it('may have one in a namespace that is outside', () => {
    const { texts } = written((chart) => {
      const namespace = new MlNamespace(chart, 'ml-serving', { mesh: MeshMembership.OUT });
      new ExternalEgress(chart, 'loaders', {
        from: Peer.pods({
          namespace: namespace.namespaceName,
          labels: { app: 'loader' },
          mesh: MeshMembership.IN,
        }),
        to: [Peer.fqdn('huggingface.co')],
        ...why,
      });
    });
    expect(texts).toEqual([]);
  });

  it('fails for selectors that Istio does not know', () => {
    const selector = LabelSelector.of({ present: ['needs-model-access'] });
    expect(codes({ selector })).toEqual(['fqdn-not-enforced']);
  });
});

describe('the root namespace', () => {
  const inRoot = (chart: Chart): IMlNamespace => isolated(chart, 'istio-system');

  it('limits single workloads', () => {
    const { texts, objections } = written((chart) => {
      workload(chart, inRoot(chart), 'loader').allowTo(Peer.fqdn('huggingface.co'), why);
    });
    expect(texts).toEqual([]);
    expect(objections).toEqual([]);
  });

  it('fails as a whole: its Sidecar would hold for all namespaces', () => {
    const { codes } = written((chart) => {
      const to = [Peer.fqdn('pypi.org')];
      new ModuleEgress(chart, 'pip', { from: inRoot(chart), to, ...why });
    });
    expect(codes).toEqual(['fqdn-not-enforced']);
  });
});
