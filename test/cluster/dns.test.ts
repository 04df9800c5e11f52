import { ClusterDns } from '../../src/cluster/dns';
import { problemOf } from './problem-of';

const KUBE_DNS = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };

describe('ClusterDns', () => {
  it.each([
    ['kube-dns', ClusterDns.kubeDns(), 'kube-system k8s-app=kube-dns on 53'],
    ['the CoreDNS chart', ClusterDns.coreDnsChart(), 'kube-system k8s-app=coredns on 53'],
    [
      'the CoreDNS chart elsewhere',
      ClusterDns.coreDnsChart({ namespace: 'dns' }),
      'dns k8s-app=coredns on 53',
    ],
    [
      'OpenShift, on its pod port',
      ClusterDns.openshift(),
      'openshift-dns dns.operator.openshift.io/daemonset-dns=default on 5353',
    ],
    ['Cloud DNS for GKE, by address', ClusterDns.gkeCloudDns(), '169.254.169.254/32'],
    [
      'servers by address, of both families',
      ClusterDns.addresses('10.0.0.2', '2001:DB8::53'),
      '10.0.0.2/32, 2001:db8::53/128',
    ],
    [
      'NodeLocal DNSCache',
      ClusterDns.kubeDns().withNodeLocal(),
      'kube-system k8s-app=kube-dns on 53, 169.254.20.10/32',
    ],
    [
      'NodeLocal DNSCache as kubespray sets it up',
      ClusterDns.kubeDns().withNodeLocal({ address: '169.254.25.10' }),
      'kube-system k8s-app=kube-dns on 53, 169.254.25.10/32',
    ],
    [
      'pods of your own',
      ClusterDns.pods({ namespace: 'kube-system', labels: { app: 'dns' }, port: 8053 }),
      'kube-system app=dns on 8053',
    ],
  ])('names %s', (_what, dns, text) => expect(dns.toString()).toBe(text));

  it('unites several, whatever their order', () => {
    const [a, b] = [ClusterDns.kubeDns(), ClusterDns.coreDnsChart()];
    const cloud = ClusterDns.gkeCloudDns();
    expect(ClusterDns.union(a, b, cloud)._data).toEqual(ClusterDns.union(cloud, b, a, b)._data);
    expect(ClusterDns.union(a, b, cloud)._data).toMatchObject({
      pods: [{ labels: { 'k8s-app': 'coredns' } }, KUBE_DNS],
      port: 53,
      addresses: ['169.254.169.254/32'],
    });
  });

  it('takes the port of the pods, not that of addresses, into a union', () => {
    const dns = ClusterDns.union(ClusterDns.gkeCloudDns(), ClusterDns.openshift());
    expect(dns._data.port).toBe(5353);
  });

  it('says when a node-local cache listens on the cluster IP, and only then', () => {
    const apart = ClusterDns.kubeDns().withNodeLocal()._data;
    expect(apart.clusterIp).toBeUndefined();
    expect(apart.nodeLocalInterceptsClusterIp).toBe(false);
    expect(ClusterDns.kubeDns().withNodeLocal({ clusterIp: '10.96.0.10' })._data).toMatchObject({
      clusterIp: '10.96.0.10',
      nodeLocalInterceptsClusterIp: true,
    });
    expect(ClusterDns.kubeDns().withClusterIp('10.96.0.10')._data).toMatchObject({
      clusterIp: '10.96.0.10',
      nodeLocalInterceptsClusterIp: false,
    });
  });

  it.each([
    ['no address', () => ClusterDns.addresses(), 'dns-empty', []],
    ['a block', () => ClusterDns.addresses('10.0.0.0/8'), 'address', '10.0.0.0/8'],
    ['a host name', () => ClusterDns.addresses('dns.local'), 'address', 'dns.local'],
    [
      'an address that is none',
      () => ClusterDns.kubeDns().withNodeLocal({ address: '169.254.20' }),
      'address',
      '169.254.20',
    ],
    [
      'a bad cluster IP',
      () => ClusterDns.kubeDns().withClusterIp('300.0.0.1'),
      'address',
      '300.0.0.1',
    ],
    [
      'no labels',
      () => ClusterDns.pods({ namespace: 'kube-system', labels: {} }),
      'empty-selector',
      {},
    ],
    [
      'a bad namespace',
      () => ClusterDns.coreDnsChart({ namespace: 'Kube_System' }),
      'namespace-name',
      'Kube_System',
    ],
    [
      'port 0',
      () => ClusterDns.pods({ namespace: 'kube-system', labels: { app: 'dns' }, port: 0 }),
      'port-number',
      0,
    ],
    ['an empty union', () => ClusterDns.union(), 'dns-empty', []],
    [
      'pods on two ports',
      () => ClusterDns.union(ClusterDns.kubeDns(), ClusterDns.openshift()),
      'dns-ports',
      [53, 5353],
    ],
    [
      'two cluster IPs',
      () =>
        ClusterDns.union(
          ClusterDns.kubeDns().withClusterIp('10.96.0.10'),
          ClusterDns.coreDnsChart().withClusterIp('10.96.0.11'),
        ),
      'dns-cluster-ips',
      ['10.96.0.10', '10.96.0.11'],
    ],
  ])('fails for %s', (_what, action, code, got) => {
    expect(problemOf(action)).toMatchObject({ code, got });
  });
});
