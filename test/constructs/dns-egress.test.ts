import { Cni } from '../../src/cluster/cni';
import { ClusterDns } from '../../src/cluster/dns';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny, IsolationDirections } from '../../src/constructs/default-deny';
import { DnsEgress } from '../../src/constructs/dns-egress';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { Workload } from '../../src/constructs/workload';
import { chartOf, names, policy } from '../support/synth';

const KUBE_DNS = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

function portsOf(port: number): object[] {
  return ['TCP', 'UDP'].map((protocol) => ({ port, protocol }));
}

function egressUnder(profile: ClusterProfile): unknown {
  const chart = chartOf(profile);
  const namespace = new MlNamespace(chart, 'llm-serving');
  new DefaultDeny(chart, 'deny', { namespace });
  new DnsEgress(chart, 'dns', { namespace });
  return policy(chart, 'allow-dns').spec?.['egress'];
}

describe('DnsEgress', () => {
  test('opens UDP and TCP 53 to the DNS pods, not to their namespace', () => {
    expect(egressUnder(ClusterProfile.generic())).toEqual([{ to: [KUBE_DNS], ports: portsOf(53) }]);
  });

  test('writes nothing where nothing isolates egress: it isolates nobody', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    new DnsEgress(chart, 'dns', { namespace });
    expect(names(chart)).toEqual(['Namespace/llm-serving']);
    new DefaultDeny(chart, 'deny', { namespace, directions: IsolationDirections.INGRESS });
    expect(names(chart)).not.toContain('NetworkPolicy/allow-dns');
  });

  test('serves one workload alone', () => {
    const chart = chartOf();
    const namespace = new MlNamespace(chart, 'llm-serving');
    const workload = new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' } });
    new DefaultDeny(chart, 'deny', { namespace });
    new DnsEgress(chart, 'dns', { namespace, workload });
    expect(policy(chart, 'allow-dns-model-api').spec).toMatchObject({
      podSelector: { matchLabels: { app: 'model-api' } },
    });
  });

  test('asks the pod port 5353 on OpenShift', () => {
    const [rule] = egressUnder(ClusterProfile.openshift()) as { to: object[]; ports: object[] }[];
    expect(rule?.ports).toEqual(portsOf(5353));
    expect(rule?.to).toEqual([
      expect.objectContaining({
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } },
      }),
    ]);
  });

  test('adds the node-local cache by address, and the cluster IP where the cache intercepts it', () => {
    const dns = ClusterDns.kubeDns().withNodeLocal({ clusterIp: '10.96.0.10' });
    expect(egressUnder(ClusterProfile.kubeadm({ dns }))).toEqual([
      {
        to: expect.arrayContaining([
          { ipBlock: { cidr: '169.254.20.10/32' } },
          { ipBlock: { cidr: '10.96.0.10/32' } },
          KUBE_DNS,
        ]) as unknown,
        ports: portsOf(53),
      },
    ]);
  });

  test('leaves out the cluster IP where policy acts after DNAT', () => {
    const dns = ClusterDns.kubeDns().withClusterIp('10.96.0.10');
    const after = egressUnder(ClusterProfile.kubeadm({ cni: Cni.CALICO, dns }));
    expect(JSON.stringify(after)).not.toContain('10.96.0.10');
    const before = egressUnder(ClusterProfile.eks({ cni: Cni.AWS_VPC, dns }));
    expect(JSON.stringify(before)).toContain('10.96.0.10/32');
  });

  test('reaches GKE’s Cloud DNS on the metadata address, on port 53 alone', () => {
    const dns = ClusterDns.gkeCloudDns();
    expect(egressUnder(ClusterProfile.gke({ dns }))).toContainEqual({
      to: [{ ipBlock: { cidr: '169.254.169.254/32' } }],
      ports: portsOf(53),
    });
  });
});
