import type { Chart } from 'cdk8s';
import { ClusterDns, Peer, Port, PortPurpose } from '../../../src';
import { letsOut } from '../../naive/istio-egress';
import type { Attempt, Caller } from '../../naive/istio-egress';
import {
  inference,
  isolated,
  loader,
  namesOf,
  serving,
  specOf,
  tcp,
  tls,
  why,
  workload,
  written,
} from './egress-world';

describe('addresses in a sidecar mesh', () => {
  const result = written((chart) => {
    const { loader, inference } = serving(chart);
    const nfs = Peer.cidr('10.0.0.0/8', { except: ['10.244.0.0/16', '10.96.0.0/12'] });
    loader.allowTo(nfs, { ports: [Port.tcp(2049), Port.https(443)], reason: 'NFS' });
    inference.allowTo(Peer.internet(), { ports: [Port.https(443)], reason: 'web hooks' });
  });
  const out = (caller: Caller, attempt: Attempt): string =>
    letsOut(result.manifests, caller, attempt);

  it('are let out by address, without their exceptions and without Service addresses', () => {
    expect(result.texts).toEqual([]);
    expect(out(loader, tcp('10.1.2.3', 2049))).toBe('by address');
    expect(out(loader, { ...tls('nfs.example'), ip: '10.1.2.3' })).toBe('by address');
    expect(out(loader, tcp('10.244.1.2', 2049))).toBe('blocked');
    expect(out(loader, tcp('10.96.0.1', 443))).toBe('blocked');
    expect(out(loader, tcp('10.1.2.3', 22))).toBe('blocked');
    expect(out(loader, tcp('203.0.113.7', 443))).toBe('blocked');
  });

  it('of the internet are public ones', () => {
    expect(out(inference, { ...tls('any.example'), ip: '203.0.113.7' })).toBe('by address');
    expect(out(inference, { ...tls('any.example'), ip: '2001:db8::7' })).toBe('by address');
    for (const ip of ['10.1.2.3', '192.168.0.1', '169.254.169.254', 'fd00::1', '0.0.0.1']) {
      expect({ ip, out: out(inference, tcp(ip, 443)) }).toEqual({ ip, out: 'blocked' });
    }
  });

  it('are plain TCP under a name that nobody can resolve', () => {
    const [name = ''] = namesOf(result.manifests, 'ServiceEntry').filter((one) =>
      one.includes('addresses-'),
    );
    const spec = specOf(result.manifests, 'ServiceEntry', name.replace('ml-serving/', ''));
    expect(spec).toMatchObject({
      hosts: [expect.stringMatching(/^addresses-10\.0\.0\.0-8\.except-[0-9a-f]{8}\.invalid$/)],
      ports: [
        { number: 443, name: 'tcp-443', protocol: 'TCP' },
        { number: 2049, name: 'tcp-2049', protocol: 'TCP' },
      ],
      resolution: 'NONE',
    });
    expect(result.objections).toEqual([]);
  });

  it('never hold Service addresses, excepted or not', () => {
    const wide = written((chart) => {
      serving(chart).loader.allowTo(Peer.cidr('10.0.0.0/8'), {
        ports: [Port.tcp(8080)],
        reason: 'legacy cluster',
      });
    });
    expect(letsOut(wide.manifests, loader, tcp('10.96.0.1', 8080))).toBe('blocked');
    expect(letsOut(wide.manifests, loader, tcp('10.1.2.3', 8080))).toBe('by address');
  });

  it('on all ports cannot be listed: NetworkPolicy holds them, the proxies are left alone', () => {
    const open = written((chart) => {
      serving(chart).loader.allowTo(Peer.cidr('10.0.0.0/24'), {
        ports: [Port.allTcp()],
        reason: 'legacy cluster',
      });
    });
    expect(open.texts).toEqual([]);
    expect(namesOf(open.manifests, 'Sidecar')).toEqual([]);
    expect(namesOf(open.manifests, 'ServiceEntry')).toEqual([]);
  });

  it('stand in as many entries as it takes to list them', () => {
    const except = Array.from({ length: 40 }, (_, index) => `10.${String(index * 3)}.0.7/32`);
    const { manifests, texts, objections } = written((chart) => {
      const ports = [Port.tcp(2049)];
      const shares = Peer.cidr('10.0.0.0/8', { except });
      serving(chart).loader.allowTo(shares, { ports, reason: 'NFS' });
    });
    expect(texts).toEqual([]);
    expect(objections).toEqual([]);
    const entries = namesOf(manifests, 'ServiceEntry');
    expect(entries.length).toBeGreaterThan(2);
    for (const address of ['10.0.0.6', '10.60.0.6', '10.117.0.8', '10.255.255.255']) {
      expect(letsOut(manifests, loader, tcp(address, 2049))).toBe('by address');
    }
    for (const cidr of except) {
      expect(letsOut(manifests, loader, tcp(cidr.replace('/32', ''), 2049))).toBe('blocked');
    }
  });

  it('over UDP never reach a proxy', () => {
    const { manifests, texts } = written((chart) => {
      serving(chart).loader.allowTo(Peer.cidr('10.0.0.0/24'), {
        ports: [Port.udp(123)],
        reason: 'time',
      });
    });
    expect(texts).toEqual([]);
    expect(namesOf(manifests, 'ServiceEntry')).toEqual([]);
  });

  it('of a node-local DNS cache are let out over TCP', () => {
    const dns = written(
      (chart) => {
        serving(chart).loader.allowTo(Peer.fqdn('huggingface.co'), why);
      },
      { dns: ClusterDns.kubeDns().withNodeLocal() },
    );
    expect(dns.texts).toEqual([]);
    expect(letsOut(dns.manifests, loader, tcp('169.254.20.10', 53))).toBe('by address');
    expect(letsOut(dns.manifests, loader, tcp('169.254.20.10', 80))).toBe('blocked');
  });
});

describe('pods that talk among themselves', () => {
  const job = (chart: Chart, ports?: Port[]): void => {
    const bert = workload(chart, isolated(chart, 'ml-serving'), 'loader');
    bert.allowAmong({ ports });
    bert.allowTo(Peer.fqdn('huggingface.co'), why);
  };
  const peers = [Port.tcp(29500, { purpose: PortPurpose.PEER })];

  it('are found by address, in mutual TLS', () => {
    const { manifests, texts, objections } = written((chart) => job(chart, peers));
    expect(texts).toEqual([]);
    expect(letsOut(manifests, loader, tcp('10.244.3.4', 29500))).toBe('by address');
    expect(letsOut(manifests, loader, tcp('10.244.3.4', 29501))).toBe('blocked');
    expect(specOf(manifests, 'ServiceEntry', 'pods-of-loader')?.['location']).toBe('MESH_INTERNAL');
    expect(specOf(manifests, 'DestinationRule', 'pods-of-loader')).toEqual({
      host: 'pods-of-loader.invalid',
      trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
      exportTo: ['.'],
    });
    expect(objections).toEqual([]);
  });

  it('fail on all ports beside host names: their proxies could not let them through', () => {
    const { codes, texts } = written((chart) => job(chart));
    expect(codes).toEqual(['fqdn-not-enforced']);
    expect(texts.join()).toContain(
      'ml-serving/loader among its own pods on all ports: a proxy is told of 256 ports at most, by number; name them in allowAmong({ ports }), or reach the hosts via an egress gateway; fix: ',
    );
  });

  it('fail beside host names while the pods’ ranges are unknown', () => {
    const { codes, texts } = written((chart) => job(chart, peers), { podRanges: [] });
    expect(codes).toEqual(['fqdn-not-enforced']);
    expect(texts.join()).toContain(
      'the profile does not know the pods’ ranges; podRanges in the cluster profile says them; fix: ',
    );
  });

  it('keep their ports where a waiver gives the names up', () => {
    const { manifests, texts, waivers } = written((chart) => {
      const bert = workload(chart, isolated(chart, 'ml-serving'), 'loader');
      bert.allowAmong();
      bert.allowTo(Peer.fqdn('huggingface.co'), { ...why, withoutFqdn: 'internet' });
    });
    expect(texts).toEqual([]);
    expect(namesOf(manifests, 'Sidecar')).toEqual([]);
    expect(waivers).toEqual([
      'names are not enforced: huggingface.co is opened as public internet',
    ]);
  });
});
