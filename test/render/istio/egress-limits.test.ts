import type { Chart } from 'cdk8s';
import { MeshMembership, ModuleEgress, Peer, Port } from '../../../src';
import { letsOut } from '../../naive/istio-egress';
import {
  isolated,
  loader,
  serving,
  tcp,
  tls,
  why,
  workload,
  written,
  namesOf,
} from './egress-world';

describe('names that proxies cannot hold', () => {
  const refused = (build: (chart: Chart) => void): readonly string[] => written(build).codes;
  const toNames =
    (ports: Port[], ...names: string[]) =>
    (chart: Chart) =>
      serving(chart).loader.allowTo(Peer.fqdn(...names), { ...why, ports });

  it('fail over UDP', () => {
    expect(refused(toNames([Port.udp(443)], 'huggingface.co'))).toEqual(['fqdn-not-enforced']);
  });

  it('fail on more ports than a proxy can be told of', () => {
    expect(refused(toNames([Port.allTcp()], 'huggingface.co'))).toEqual(['fqdn-not-enforced']);
    expect(refused(toNames([Port.tcpRange(8000, 8256)], 'huggingface.co'))).toEqual([
      'fqdn-not-enforced',
    ]);
    expect(refused(toNames([Port.tcpRange(8000, 8255)], 'huggingface.co'))).toEqual([]);
  });

  it('fail as a wildcard on plain TCP, which shows no name', () => {
    expect(refused(toNames([Port.tcp(5432)], '*.db.example.com'))).toEqual(['fqdn-not-enforced']);
    expect(refused(toNames([Port.https(5432)], '*.db.example.com'))).toEqual([]);
  });

  it('are public addresses to it where a waiver gives them up', () => {
    const { manifests, texts } = written((chart) => {
      const { loader } = serving(chart);
      const ports = [Port.tcp(5432)];
      const database = Peer.fqdn('*.db.example.com');
      loader.allowTo(database, { ...why, ports, withoutFqdn: 'internet' });
      loader.allowTo(Peer.fqdn('huggingface.co'), why);
    });
    expect(texts).toEqual([]);
    expect(letsOut(manifests, loader, tcp('203.0.113.7', 5432))).toBe('by address');
    expect(letsOut(manifests, loader, tcp('203.0.113.7', 443))).toBe('blocked');
    expect(letsOut(manifests, loader, tls('huggingface.co'))).toBe('by name');
  });

  it('fail as two hosts on one plain TCP port', () => {
    expect(refused(toNames([Port.tcp(5432)], 'a.example.com', 'b.example.com'))).toEqual([
      'tcp-names-share-port',
    ]);
    expect(refused(toNames([Port.https(5432)], 'a.example.com', 'b.example.com'))).toEqual([]);
  });

  it('fail as one port in two protocols', () => {
    const codes = refused((chart) => {
      const { inference, loader } = serving(chart);
      const host = Peer.fqdn('a.example.com');
      inference.allowTo(host, { ...why, ports: [Port.https(8443)] });
      loader.allowTo(host, { ...why, ports: [Port.http(8443)] });
    });
    expect(codes).toEqual(['external-protocols']);
  });

  it('fail where a workload would gain another one’s port of a host', () => {
    const codes = (own: Port): readonly string[] =>
      refused((chart) => {
        const { inference, loader } = serving(chart);
        inference.allowTo(Peer.fqdn('a.example.com'), { ...why, ports: [Port.https(8443)] });
        loader.allowTo(Peer.fqdn('a.example.com'), why);
        loader.allowTo(Peer.fqdn('b.example.com'), { ...why, ports: [own] });
      });
    expect(codes(Port.https(8443))).toEqual(['host-ports-shared']);
    expect(codes(Port.https(9443))).toEqual([]);
  });

  it('pass where other hosts of the namespace use the same ports', () => {
    const codes = refused((chart) => {
      const { inference, loader } = serving(chart);
      inference.allowTo(Peer.fqdn('c.example.com'), { ...why, ports: [Port.https(9443)] });
      loader.allowTo(Peer.fqdn('a.example.com'), why);
      loader.allowTo(Peer.fqdn('b.example.com'), { ...why, ports: [Port.https(9443)] });
    });
    expect(codes).toEqual([]);
  });

  it('fail for Services of the cluster, whose requests the entry would take', () => {
    const names = ['models.minio.svc.k8s.example.com', '*.k8s.example.com', 'k8s.example.com'];
    const { texts, codes } = written(toNames([Port.https(443)], ...names), {
      clusterDomain: 'k8s.example.com',
    });
    expect(codes).toEqual(['fqdn-in-cluster']);
    expect(texts.join()).toContain(
      'got ["*.k8s.example.com","models.minio.svc.k8s.example.com"], expected host names outside the cluster: these are Services of it (*.svc.k8s.example.com); fix: allowTo the workload behind the Service, or Peer.namespace of it',
    );
  });

  it('fail for callers outside the mesh', () => {
    const codes = refused((chart) => {
      const namespace = isolated(chart, 'ml-serving');
      workload(chart, namespace, 'loader', { mesh: MeshMembership.OUT }).allowTo(
        Peer.fqdn('huggingface.co'),
        why,
      );
    });
    expect(codes).toEqual(['fqdn-not-enforced']);
  });

  it('fail where two Sidecars would mean one pod', () => {
    const codes = (other: string): readonly string[] =>
      refused((chart) => {
        const namespace = isolated(chart, 'ml-serving');
        const podLabels = { team: 'nlp' };
        workload(chart, namespace, 'loader', { podLabels }).allowTo(Peer.fqdn(other), why);
        new ModuleEgress(chart, 'team', {
          from: Peer.pods({ namespace: 'ml-serving', labels: { team: 'nlp' } }),
          to: [Peer.fqdn('pypi.org')],
          reason: 'packages',
        });
      });
    expect(codes('huggingface.co')).toEqual(['sidecars-overlap']);
    expect(codes('pypi.org')).toEqual([]);
  });
});

describe('other meshes', () => {
  it('write no ServiceEntry without one, and ask for a waiver', () => {
    const build = (chart: Chart): void => {
      const { loader } = serving(chart);
      loader.allowTo(Peer.fqdn('huggingface.co'), { ...why, withoutFqdn: 'internet' });
    };
    const none = written(build, { mesh: undefined });
    expect(none.texts).toEqual([]);
    expect(namesOf(none.manifests, 'ServiceEntry')).toEqual([]);
    expect(none.waivers).toEqual([
      'names are not enforced: huggingface.co is opened as public internet',
    ]);
    const sidecar = written(build);
    expect(sidecar.waivers).toEqual([
      'names are enforced at the proxy only: huggingface.co is opened as public internet',
    ]);
  });
});
