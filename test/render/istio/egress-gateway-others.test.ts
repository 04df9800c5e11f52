import type { Chart } from 'cdk8s';
import {
  ExternalEgress,
  Isolation,
  MlNamespace,
  Peer,
  Port,
  type IMlNamespace,
} from '../../../src';
import { letsOut } from '../../naive/istio-egress';
import { detourOf, forwards } from '../../naive/istio-egress-gateway';
import {
  inference,
  isolated,
  loader,
  namesOf,
  specOf,
  why,
  workload,
  written,
} from './egress-world';
import {
  connects,
  egressGateway,
  foreign,
  gateway,
  gatewayPod,
  huggingface,
  leaving,
  loaderPod,
  ours,
  podOf,
} from './egress-gateway-world';

describe('ExternalEgress through an egress gateway of others', () => {
  const result = written((chart) => leaving(chart, foreign(chart)));
  const { manifests } = result;

  it('is configured where the callers are, for the gateway to see', () => {
    expect(result.texts).toEqual([]);
    expect(namesOf(manifests, 'Gateway')).toEqual(['ml-serving/gateway-external']);
    expect(detourOf(manifests, loader, 'huggingface.co')?.sni).toBe('huggingface.co');
    expect(forwards(manifests, gateway, { port: 443, sni: 'huggingface.co' })).toBe(
      'huggingface.co:443',
    );
    expect(result.objections).toEqual([]);
  });

  it('lets the gateway see no more than it needs', () => {
    const exported = manifests
      .filter(({ kind }) => kind === 'DestinationRule' || kind === 'ServiceEntry')
      .map((one) => [one.kind, (one['spec'] as { exportTo: string[] }).exportTo]);
    expect(exported.sort()).toEqual([
      ['DestinationRule', ['.']],
      ['ServiceEntry', ['.', 'egress']],
    ]);
  });

  it('writes nothing into their namespace', () => {
    expect(manifests.filter(({ metadata }) => metadata.namespace === 'egress')).toEqual([]);
  });

  it('shares the entry of a host with callers that go by themselves', () => {
    const shared = written((chart) => {
      const { namespace } = leaving(chart, foreign(chart));
      workload(chart, namespace, 'inference').allowTo(Peer.fqdn('huggingface.co'), why);
    });
    expect(shared.texts).toEqual([]);
    expect(namesOf(shared.manifests, 'ServiceEntry')).toEqual(['ml-serving/host-huggingface.co']);
    expect(forwards(shared.manifests, gateway, { port: 443, sni: 'huggingface.co' })).toBeDefined();
    const attempt = { host: 'huggingface.co', port: 443, speaks: 'tls' } as const;
    expect(letsOut(shared.manifests, inference, attempt)).toBe('by name');
  });

  it('fails where two namespaces would configure one host', () => {
    const build = (chart: Chart, egress: IMlNamespace): void => {
      const { via } = leaving(chart, egress);
      new ExternalEgress(chart, 'more', {
        from: workload(chart, isolated(chart, 'ml-training'), 'bert'),
        to: [Peer.fqdn('huggingface.co')],
        via,
        ...why,
      });
    };
    expect(written((chart) => build(chart, foreign(chart))).codes).toEqual(['via-host-twice']);
    const existing = written((chart) =>
      build(
        chart,
        MlNamespace.existing(chart, 'egress', { name: 'egress', isolation: Isolation.NONE }),
      ),
    );
    expect(existing.texts).toEqual([]);
    expect(namesOf(existing.manifests, 'Gateway')).toEqual(['egress/gateway-external']);
  });
});

describe('ExternalEgress with and without a gateway', () => {
  const result = written((chart) => {
    const { namespace } = leaving(chart, ours(chart));
    new ExternalEgress(chart, 'direct', {
      from: workload(chart, namespace, 'inference'),
      to: [Peer.fqdn('storage.googleapis.com', 'huggingface.co')],
      reason: 'model weights',
    });
    new ExternalEgress(chart, 'packages', {
      from: Peer.pods({ namespace: 'ml-serving', labels: { app: 'notebook' } }),
      to: [Peer.fqdn('pypi.org')],
      reason: 'packages',
    });
  });

  it('keeps both ways apart', () => {
    expect(result.texts).toEqual([]);
    expect(result.objections).toEqual([]);
    const { manifests } = result;
    expect(detourOf(manifests, loader, 'huggingface.co')).toBeDefined();
    expect(detourOf(manifests, inference, 'huggingface.co')).toBeUndefined();
    const attempt = { host: 'huggingface.co', port: 443, speaks: 'tls' } as const;
    expect(letsOut(manifests, inference, attempt)).toBe('by name');
    const inferencePod = podOf(inference, '10.244.1.3');
    expect(connects(result, inferencePod, huggingface, 443)).toBe(true);
    expect(connects(result, inferencePod, gatewayPod, 8443)).toBe(false);
  });

  it('opens the direct way too where the same flow is declared without', () => {
    const twice = written((chart) => {
      const namespace = isolated(chart, 'ml-serving');
      const from = workload(chart, namespace, 'loader');
      const to = [Peer.fqdn('huggingface.co')];
      const via = egressGateway(chart, ours(chart));
      new ExternalEgress(chart, 'models', { from, to, via, ...why });
      from.allowTo(Peer.fqdn('huggingface.co'), why);
    });
    expect(twice.texts).toEqual([]);
    expect(connects(twice, loaderPod, huggingface, 443)).toBe(true);
  });

  it('lets a limited proxy find the gateway', () => {
    const both = written((chart) => {
      const egress = ours(chart);
      const { namespace } = leaving(chart, egress);
      new ExternalEgress(chart, 'nfs', {
        from: namespace,
        to: [Peer.cidr('10.1.0.0/16')],
        ports: [Port.tcp(2049)],
        reason: 'NFS',
      });
    });
    expect(both.texts).toEqual([]);
    const spec = specOf(both.manifests, 'Sidecar', 'loader-egress');
    expect(spec?.['egress']).toEqual([
      {
        hosts: [
          './*.svc.cluster.local',
          './addresses-10.1.0.0-16.invalid',
          'egress/*.svc.cluster.local',
          'egress/huggingface.co',
          'istio-system/*',
          'kube-system/*.svc.cluster.local',
        ],
      },
    ]);
  });
});
