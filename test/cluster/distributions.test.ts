import { ClusterProfile } from '../../src/cluster/profile';

const METADATA = '169.254.169.254/32';

const DISTRIBUTIONS = [
  ClusterProfile.generic(),
  ClusterProfile.kubeadm(),
  ClusterProfile.kind(),
  ClusterProfile.eks(),
  ClusterProfile.gke(),
  ClusterProfile.aks(),
  ClusterProfile.openshift(),
  ClusterProfile.kkp(),
];

describe('distributions', () => {
  it.each([
    [ClusterProfile.generic(), 'generic', 'unknown', [443, 6443], [METADATA]],
    [ClusterProfile.kubeadm(), 'kubeadm', 'unknown', [6443], [METADATA]],
    [ClusterProfile.kind(), 'kind', 'kindnet', [6443], [METADATA]],
    [
      ClusterProfile.eks(),
      'eks',
      'aws-vpc',
      [443],
      [METADATA, '169.254.170.2/32', '169.254.170.23/32', 'fd00:ec2::23/128', 'fd00:ec2::254/128'],
    ],
    [
      ClusterProfile.gke(),
      'gke',
      'unknown',
      [443],
      ['169.254.169.252/32', METADATA, 'fd20:ce::254/128'],
    ],
    [ClusterProfile.aks(), 'aks', 'unknown', [443], ['168.63.129.16/32', METADATA]],
    [ClusterProfile.openshift(), 'openshift', 'ovn-kubernetes', [6443], [METADATA]],
    [ClusterProfile.kkp(), 'kkp', 'unknown', [6443], [METADATA]],
  ])(
    '%s has its CNI, API server port and metadata addresses',
    (profile, name, cni, ports, metadata) => {
      expect(profile._data.name).toBe(name);
      expect(profile._data.cni.name).toBe(cni);
      expect(profile._data.apiServer.ports).toEqual(ports);
      expect(profile._data.metadataAddresses).toEqual(metadata);
    },
  );

  it.each([
    [ClusterProfile.generic(), 'k8s-app', 'kube-dns', 53, []],
    [ClusterProfile.kubeadm(), 'k8s-app', 'kube-dns', 53, []],
    [ClusterProfile.kind(), 'k8s-app', 'kube-dns', 53, []],
    [ClusterProfile.eks(), 'k8s-app', 'kube-dns', 53, []],
    [ClusterProfile.gke(), 'k8s-app', 'kube-dns', 53, ['169.254.20.10/32']],
    [ClusterProfile.gke(), 'k8s-app', 'node-local-dns', 53, ['169.254.20.10/32']],
    [ClusterProfile.aks(), 'k8s-app', 'kube-dns', 53, ['169.254.10.11/32']],
    [ClusterProfile.openshift(), 'dns.operator.openshift.io/daemonset-dns', 'default', 5353, []],
    [ClusterProfile.kkp(), 'app.kubernetes.io/name', 'kube-dns', 53, ['169.254.20.10/32']],
  ])('%s resolves names with pods %s=%s', (profile, key, value, port, addresses) => {
    const { dns } = profile._data;
    expect(dns.pods.map(({ labels }) => labels)).toContainEqual({ [key]: value });
    expect(dns).toMatchObject({ port, addresses, nodeLocalInterceptsClusterIp: false });
  });

  it('calls webhooks through agents on GKE and AKS, whose labels differ, and nowhere else', () => {
    const callers = DISTRIBUTIONS.map(({ name, _data }) => [name, _data.apiServer.webhookCallers]);
    expect(callers.filter(([, agents]) => agents !== undefined)).toEqual([
      ['gke', { namespace: 'kube-system', labels: { 'k8s-app': 'konnectivity-agent' } }],
      ['aks', { namespace: 'kube-system', labels: { app: 'konnectivity-agent' } }],
    ]);
  });

  it.each(DISTRIBUTIONS)('%s guesses no address of one cluster', ({ _data }) => {
    expect(_data.apiServer.addresses).toEqual([]);
    expect(_data).toMatchObject({
      clusterDomain: 'cluster.local',
      podRanges: undefined,
      serviceRanges: undefined,
      nodeRanges: undefined,
      gateway: undefined,
      monitoring: undefined,
      ingressControllers: [],
      mesh: { mode: 'none' },
    });
  });
});
