import { ExternalEgress, MlNamespace, Peer } from '../../../src';
import { denies, detourOf, forwards } from '../../naive/istio-egress-gateway';
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
import type { Written } from './egress-world';
import {
  connects,
  egressGateway,
  gateway,
  gatewayPod,
  huggingface,
  leaving,
  loaderPod,
  ours,
} from './egress-gateway-world';

describe('pods that talk among themselves on all ports', () => {
  it('reach hosts through the gateway, since nothing then limits their proxies', () => {
    const { texts, manifests } = written((chart) => {
      const namespace = isolated(chart, 'ml-serving');
      const from = workload(chart, namespace, 'loader');
      from.allowAmong();
      const via = egressGateway(chart, ours(chart));
      new ExternalEgress(chart, 'hub', { from, to: [Peer.fqdn('huggingface.co')], via, ...why });
    });
    expect(texts).toEqual([]);
    expect(namesOf(manifests, 'Sidecar')).toEqual([]);
    expect(namesOf(manifests, 'Gateway')).toEqual(['egress/gateway-external']);
  });
});

describe('ExternalEgress through an egress gateway of ours', () => {
  const result = written((chart) => leaving(chart, ours(chart)));
  const { manifests } = result;

  it('lets the callers reach the gateway, and nothing outside', () => {
    expect(result.texts).toEqual([]);
    expect(connects(result, loaderPod, gatewayPod, 8443)).toBe(true);
    expect(connects(result, loaderPod, gatewayPod, 15021)).toBe(false);
    expect(connects(result, loaderPod, huggingface, 443)).toBe(false);
  });

  it('lets the gateway reach the internet', () => {
    expect(connects(result, gatewayPod, huggingface, 443)).toBe(true);
    expect(connects(result, gatewayPod, huggingface, 80)).toBe(false);
    expect(result.waivers).toEqual([
      'names are enforced at the gateway only: huggingface.co is opened as public internet',
    ]);
  });

  it('takes declared hosts to the gateway in mutual TLS, and from there to the host', () => {
    const hop = detourOf(manifests, loader, 'huggingface.co');
    expect(hop).toEqual({
      service: 'istio-egressgateway.egress.svc.cluster.local',
      port: 443,
      sni: 'huggingface.co',
    });
    expect(forwards(manifests, gateway, { port: 443, sni: 'huggingface.co' })).toBe(
      'huggingface.co:443',
    );
    expect(forwards(manifests, gateway, { port: 443, sni: 'evil.example' })).toBeUndefined();
  });

  it('is the way of the declared callers only', () => {
    expect(detourOf(manifests, inference, 'huggingface.co')).toBeUndefined();
    const host = 'huggingface.co';
    const asks = (account: string, sni: string): boolean =>
      denies(manifests, gateway, { namespace: 'ml-serving', account, sni });
    expect(asks('loader', host)).toBe(false);
    expect(asks('inference', host)).toBe(true);
    // of hosts that others configure nothing is known here
    expect(asks('inference', 'pypi.org')).toBe(false);
  });

  it('is written once, at the gateway, for the callers to see', () => {
    expect(namesOf(manifests, 'Gateway')).toEqual(['egress/gateway-external']);
    expect(namesOf(manifests, 'ServiceEntry')).toEqual(['egress/host-huggingface.co']);
    expect(namesOf(manifests, 'Sidecar')).toEqual([]);
    expect(specOf(manifests, 'Gateway', 'gateway-external')).toEqual({
      selector: { istio: 'egressgateway' },
      servers: [
        {
          port: { number: 443, name: 'tls-huggingface.co', protocol: 'TLS' },
          hosts: ['huggingface.co'],
          tls: { mode: 'ISTIO_MUTUAL' },
        },
      ],
    });
    expect(specOf(manifests, 'VirtualService', 'host-huggingface.co')).toEqual({
      hosts: ['huggingface.co'],
      gateways: ['mesh', 'egress/gateway-external'],
      tls: [
        {
          match: [
            {
              gateways: ['mesh'],
              port: 443,
              sniHosts: ['huggingface.co'],
              sourceNamespace: 'ml-serving',
              sourceLabels: { app: 'loader' },
            },
          ],
          route: [
            {
              destination: {
                host: 'istio-egressgateway.egress.svc.cluster.local',
                subset: 'huggingface-co',
                port: { number: 443 },
              },
            },
          ],
        },
      ],
      tcp: [
        {
          match: [{ gateways: ['egress/gateway-external'], port: 443 }],
          route: [{ destination: { host: 'huggingface.co', port: { number: 443 } } }],
        },
      ],
      exportTo: ['.', 'ml-serving'],
    });
  });

  it('tells in the callers’ policy which hosts the gateway is for', () => {
    const policy = manifests.find(({ metadata }) => metadata.name === 'loader-egress');
    expect(policy?.metadata.annotations).toEqual({
      'cdk8s-ml-netpol/flows':
        'to cluster DNS: TCP 53, UDP 53: DNS\n' +
        'to egress/gateway: TCP 8443: huggingface.co: base model download',
    });
  });

  it('takes several hosts, each by its own server', () => {
    const several = written((chart) =>
      leaving(chart, ours(chart), { to: [Peer.fqdn('huggingface.co', 'cdn-lfs.hf.co')] }),
    );
    expect(several.texts).toEqual([]);
    expect(several.objections).toEqual([]);
    for (const sni of ['huggingface.co', 'cdn-lfs.hf.co']) {
      expect(detourOf(several.manifests, loader, sni)?.sni).toBe(sni);
      expect(forwards(several.manifests, gateway, { port: 443, sni })).toBe(`${sni}:443`);
    }
  });

  it('follows the names of a namespace with a suffix', () => {
    const dev = written((chart) =>
      leaving(chart, new MlNamespace(chart, 'egress', { policySuffix: '-dev' })),
    );
    expect(namesOf(dev.manifests, 'Gateway')).toEqual(['egress/gateway-external-dev']);
    expect(forwards(dev.manifests, gateway, { port: 443, sni: 'huggingface.co' })).toBe(
      'huggingface.co:443',
    );
  });

  it('is written as Istio accepts it', () => {
    expect(result.objections).toEqual([]);
  });

  it('is the same where the profile comes last', () => {
    const late = written((chart) => leaving(chart, ours(chart)), { profileLast: true });
    const texts = (of: Written): string[] => of.manifests.map((one) => JSON.stringify(one)).sort();
    expect(texts(late)).toEqual(texts(result));
  });

  it('needs no waiver, and ignores one that other profiles need', () => {
    const waived = written((chart) => leaving(chart, ours(chart), { withoutFqdn: 'internet' }));
    expect(connects(waived, loaderPod, huggingface, 443)).toBe(false);
    expect(waived.waivers).toEqual(result.waivers);
  });
});

describe('a gateway that nothing isolates', () => {
  it('is denied nobody: a grant never takes away', () => {
    const { manifests, texts } = written((chart) =>
      leaving(chart, new MlNamespace(chart, 'egress')),
    );
    expect(texts).toEqual([]);
    expect(namesOf(manifests, 'Gateway')).toEqual(['egress/gateway-external']);
    expect(namesOf(manifests, 'AuthorizationPolicy')).not.toContain('egress/gateway-external');
  });
});
