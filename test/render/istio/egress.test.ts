import type { Chart } from 'cdk8s';
import { MlNamespace, Peer, Port } from '../../../src';
import { knowsService, letsOut } from '../../naive/istio-egress';
import type { Attempt, Caller } from '../../naive/istio-egress';
import { egressAllowed } from '../../naive/network-policy';
import type { NetworkPolicy, Pod } from '../../naive/world';
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
import type { Written } from './egress-world';

function storage(chart: Chart): void {
  const { inference, loader } = serving(chart);
  inference.allowTo(Peer.fqdn('storage.googleapis.com', '*.s3.amazonaws.com'), {
    reason: 'model weights',
  });
  loader.allowTo(Peer.fqdn('huggingface.co', '*.huggingface.co', 'storage.googleapis.com'), why);
}

function policies({ manifests }: Written): { policies: NetworkPolicy[] } {
  const found = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  return { policies: found as unknown as NetworkPolicy[] };
}

/** Whether NetworkPolicy lets a pod reach an address over TCP. */
function packet(result: Written, caller: Caller, ip: string, port: number): boolean {
  const pod: Pod = { ...caller, name: 'pod', ip: '10.244.7.7' };
  const namespaces = { 'ml-serving': {} };
  const world = { namespaces, pods: [pod], ...policies(result) };
  return egressAllowed(world, pod, { ip }, 'TCP', port);
}

describe('host names in a sidecar mesh', () => {
  const result = written(storage);
  const out = (caller: Caller, attempt: Attempt): string =>
    letsOut(result.manifests, caller, attempt);

  it('need no waiver, and the proxies let out declared names on their port only', () => {
    expect(result.texts).toEqual([]);
    expect(out(inference, tls('storage.googleapis.com'))).toBe('by name');
    expect(out(inference, tls('models.s3.amazonaws.com'))).toBe('by name');
    expect(out(inference, tls('evil.example'))).toBe('blocked');
    expect(out(inference, tls('storage.googleapis.com', 8443))).toBe('blocked');
    expect(out(inference, tcp('203.0.113.7', 443))).toBe('blocked');
  });

  it('are nobody else’s in the namespace', () => {
    expect(out(loader, tls('huggingface.co'))).toBe('by name');
    expect(out(loader, tls('cdn.huggingface.co'))).toBe('by name');
    expect(out(inference, tls('huggingface.co'))).toBe('blocked');
    expect(out(inference, tls('cdn.huggingface.co'))).toBe('blocked');
    expect(out(loader, tls('models.s3.amazonaws.com'))).toBe('blocked');
  });

  it('leave pods alone that declare none: NetworkPolicy isolates them', () => {
    expect(out(stranger, tls('huggingface.co'))).toBe('anything');
    expect(packet(result, stranger, '203.0.113.7', 443)).toBe(false);
  });

  it('become public internet on the port for NetworkPolicy, with a note', () => {
    expect(packet(result, loader, '203.0.113.7', 443)).toBe(true);
    expect(packet(result, loader, '203.0.113.7', 80)).toBe(false);
    expect(packet(result, loader, '10.0.0.7', 443)).toBe(false);
    expect(result.waivers).toContain(
      'names are enforced at the proxy only: *.huggingface.co, huggingface.co, storage.googleapis.com is opened as public internet',
    );
  });

  it('share one entry per host, resolved where it is exact, seen in the namespace only', () => {
    expect(namesOf(result.manifests, 'ServiceEntry')).toEqual([
      'ml-serving/host-huggingface.co',
      'ml-serving/host-storage.googleapis.com',
      'ml-serving/hosts-below-huggingface.co',
      'ml-serving/hosts-below-s3.amazonaws.com',
    ]);
    expect(specOf(result.manifests, 'ServiceEntry', 'host-huggingface.co')).toEqual({
      hosts: ['huggingface.co'],
      ports: [{ number: 443, name: 'tls-443', protocol: 'TLS' }],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      exportTo: ['.'],
    });
    expect(specOf(result.manifests, 'ServiceEntry', 'hosts-below-huggingface.co')).toEqual({
      hosts: ['*.huggingface.co'],
      ports: [{ number: 443, name: 'tls-443', protocol: 'TLS' }],
      location: 'MESH_EXTERNAL',
      resolution: 'NONE',
      exportTo: ['.'],
    });
  });

  it('stand in one Sidecar per workload', () => {
    expect(namesOf(result.manifests, 'Sidecar')).toEqual([
      'ml-serving/inference-egress',
      'ml-serving/loader-egress',
    ]);
    expect(specOf(result.manifests, 'Sidecar', 'loader-egress')).toEqual({
      workloadSelector: { labels: { app: 'loader' } },
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      egress: [
        {
          hosts: [
            './*.huggingface.co',
            './*.svc.cluster.local',
            './huggingface.co',
            './storage.googleapis.com',
            'istio-system/*',
            'kube-system/*.svc.cluster.local',
          ],
        },
      ],
    });
  });

  it('tell who asked for them', () => {
    const entry = result.manifests.find(
      ({ kind, metadata }) =>
        kind === 'ServiceEntry' && metadata.name === 'host-storage.googleapis.com',
    );
    expect(entry?.metadata.annotations).toEqual({
      'cdk8s-ml-netpol/flows':
        'from ml-serving/inference: model weights\nfrom ml-serving/loader: base model download',
    });
  });

  it('are written as Istio accepts them, without a warning', () => {
    expect(result.objections).toEqual([]);
  });

  it('are the same in whatever order they are declared', () => {
    const backwards = written((chart) => {
      const { inference, loader } = serving(chart);
      loader.allowTo(
        Peer.fqdn('storage.googleapis.com', '*.huggingface.co', 'huggingface.co'),
        why,
      );
      inference.allowTo(Peer.fqdn('*.s3.amazonaws.com', 'storage.googleapis.com'), {
        reason: 'model weights',
      });
    });
    const byName = ({ manifests }: Written): string[] =>
      manifests.map((one) => JSON.stringify(one)).sort();
    expect(byName(backwards)).toEqual(byName(result));
  });

  it('are told apart by what their port speaks', () => {
    const { manifests, texts } = written((chart) => {
      serving(chart).loader.allowTo(Peer.fqdn('registry.example.com'), {
        ...why,
        ports: [Port.tcp(80), Port.grpc(50051), Port.https(8443), Port.tcp(5432)],
      });
    });
    expect(texts).toEqual([]);
    const spec = specOf(manifests, 'ServiceEntry', 'host-registry.example.com');
    expect(spec?.['ports']).toEqual([
      { number: 80, name: 'http-80', protocol: 'HTTP' },
      { number: 5432, name: 'tcp-5432', protocol: 'TCP' },
      { number: 8443, name: 'tls-8443', protocol: 'TLS' },
      { number: 50051, name: 'grpc-50051', protocol: 'GRPC' },
    ]);
  });

  it('are recorded and written nowhere for pods that nothing isolates', () => {
    const { manifests, texts, waivers } = written((chart) => {
      const namespace = new MlNamespace(chart, 'ml-serving');
      workload(chart, namespace, 'loader').allowTo(Peer.fqdn('huggingface.co'), why);
    });
    expect(texts).toEqual([]);
    expect(waivers).toEqual([]);
    expect(namesOf(manifests, 'ServiceEntry')).toEqual([]);
    expect(namesOf(manifests, 'Sidecar')).toEqual([]);
    expect(namesOf(manifests, 'NetworkPolicy')).toEqual([]);
  });
});

describe('every other declared destination of a limited proxy', () => {
  const result = written((chart) => {
    const { loader, inference } = serving(chart);
    const features = isolated(chart, 'features');
    const elsewhere = MlNamespace.fromName(chart, 'warehouse', 'warehouse');
    loader.allowTo(Peer.fqdn('huggingface.co'), why);
    loader.allowTo(workload(chart, features, 'store'), { ports: [Port.tcp(6566)] });
    loader.allowTo(elsewhere, { ports: [Port.tcp(9000)] });
    loader.allowTo(Peer.kubeApiserver());
    loader.allowTo(Peer.nodes(), { ports: [Port.tcp(10250)], reason: 'kubelet' });
    inference.allowTo(Peer.fqdn('pypi.org'), why);
    inference.allowTo(Peer.namespaces({ team: 'nlp' }), { ports: [Port.tcp(8080)] });
  });
  const knows = (caller: Caller, namespace: string, service: string): boolean =>
    knowsService(result.manifests, caller, [
      namespace,
      `${service}.${namespace}.svc.cluster.local`,
    ]);

  it('is in its registry, by the namespace of its Service', () => {
    expect(result.texts).toEqual([]);
    expect(knows(loader, 'ml-serving', 'inference')).toBe(true);
    expect(knows(loader, 'features', 'store')).toBe(true);
    expect(knows(loader, 'warehouse', 'minio')).toBe(true);
    expect(knows(loader, 'kube-system', 'kube-dns')).toBe(true);
    expect(knows(loader, 'istio-system', 'zipkin')).toBe(true);
    expect(knows(loader, 'reporting', 'grafana')).toBe(false);
  });

  it('is the API server by its Service, which clients are told of, and by its endpoints', () => {
    expect(knows(loader, 'default', 'kubernetes')).toBe(true);
    expect(knows(loader, 'default', 'stranger')).toBe(false);
    expect(letsOut(result.manifests, loader, tcp('10.0.0.10', 6443))).toBe('by address');
    expect(letsOut(result.manifests, inference, tcp('10.0.0.10', 6443))).toBe('blocked');
  });

  it('is a node by its address', () => {
    expect(letsOut(result.manifests, loader, tcp('10.0.0.77', 10250))).toBe('by address');
    expect(letsOut(result.manifests, loader, tcp('10.0.0.77', 22))).toBe('blocked');
  });

  it('is a Service of any namespace where labels choose it, and no host of others', () => {
    expect(knows(inference, 'any-team', 'service')).toBe(true);
    expect(letsOut(result.manifests, inference, tls('huggingface.co'))).toBe('blocked');
    expect(letsOut(result.manifests, inference, tls('pypi.org'))).toBe('by name');
  });

  it('is known by the names that the cluster’s domain gives it', () => {
    const { manifests } = written(
      (chart) => {
        const { loader } = serving(chart);
        loader.allowTo(Peer.fqdn('huggingface.co'), why);
        loader.allowTo(Peer.kubeApiserver());
        loader.allowTo(workload(chart, isolated(chart, 'features'), 'store'), {
          ports: [Port.tcp(6566)],
        });
      },
      { clusterDomain: 'k8s.example.com' },
    );
    expect(specOf(manifests, 'Sidecar', 'loader-egress')?.['egress']).toEqual([
      {
        hosts: [
          './*.svc.k8s.example.com',
          './huggingface.co',
          './kube-apiserver.invalid',
          'default/kubernetes.default.svc.k8s.example.com',
          'features/*.svc.k8s.example.com',
          'istio-system/*',
          'kube-system/*.svc.k8s.example.com',
        ],
      },
    ]);
    expect(JSON.stringify(manifests)).not.toContain('svc.cluster.local');
  });

  it('is imported once', () => {
    expect(result.objections).toEqual([]);
  });
});
