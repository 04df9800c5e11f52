import { Cni } from '../../src/cluster/cni';
import { ClusterDns } from '../../src/cluster/dns';
import { Mesh } from '../../src/cluster/mesh';
import { PodGroup } from '../../src/cluster/pod-group';
import { ClusterProfile } from '../../src/cluster/profile';
import type { ClusterProfileOptions } from '../../src/cluster/profile-options';
import { problemOf } from './problem-of';

const PROMETHEUS = PodGroup.kubePrometheus();
const NGINX = PodGroup.ingressNginx({ namespace: 'nginx' });
const INTERNAL = PodGroup.ingressNginx({ name: 'internal-nginx', namespace: 'internal' });

describe('ClusterProfile', () => {
  it('lays the facts of one cluster over those of its distribution', () => {
    const profile = ClusterProfile.eks({
      cni: Cni.CILIUM,
      dns: ClusterDns.coreDnsChart(),
      clusterDomain: 'k8s.example.com',
      mesh: Mesh.ambient({ rootNamespace: 'istio-control' }),
      apiServer: {
        addresses: ['10.0.1.0/28', '10.0.0.0/28', '10.0.1.0/28'],
        clusterIp: '172.20.0.1',
      },
      podRanges: ['10.1.0.0/16'],
      serviceRanges: ['172.20.0.0/16'],
      nodeRanges: ['10.0.0.0/16', '2001:DB8::/64'],
      monitoring: PROMETHEUS,
      ingressControllers: [NGINX, INTERNAL],
    });
    expect(profile._data).toMatchObject({
      name: 'eks',
      cni: Cni.CILIUM._data,
      dns: ClusterDns.coreDnsChart()._data,
      clusterDomain: 'k8s.example.com',
      apiServer: {
        addresses: ['10.0.0.0/28', '10.0.1.0/28'],
        ports: [443],
        clusterIp: '172.20.0.1',
      },
      podRanges: ['10.1.0.0/16'],
      serviceRanges: ['172.20.0.0/16'],
      nodeRanges: ['10.0.0.0/16', '2001:db8::/64'],
      monitoring: PROMETHEUS._data,
      ingressControllers: [{ name: 'ingress-nginx' }, { name: 'internal-nginx' }],
    });
    expect(profile.mesh._data).toEqual(profile._data.mesh);
    expect(profile.toString()).toBe('eks (cilium, ambient mesh)');
  });

  it('keeps the metadata addresses of the distribution closed when others are added', () => {
    const profile = ClusterProfile.generic({ metadataAddresses: ['100.100.100.200'] });
    expect(profile._data.metadataAddresses).toEqual(['100.100.100.200/32', '169.254.169.254/32']);
  });

  it('takes an empty list of ranges for unknown', () => {
    expect(ClusterProfile.generic({ podRanges: [] })._data.podRanges).toBeUndefined();
  });

  it('takes other pods, or none, for the callers of webhooks', () => {
    const webhookCallers = { namespace: 'kube-system', labels: { app: 'tunnel' } };
    const { apiServer } = ClusterProfile.gke({ apiServer: { webhookCallers } })._data;
    expect(apiServer.webhookCallers).toEqual(webhookCallers);
    const direct = ClusterProfile.aks({ apiServer: { callsWebhooksItself: true } })._data;
    expect(direct.apiServer.webhookCallers).toBeUndefined();
  });

  describe('peers', () => {
    it('are the pods of the platform', () => {
      const profile = ClusterProfile.kubeadm({
        gateway: PodGroup.istioGatewayChart(),
        monitoring: PROMETHEUS,
        ingressControllers: [NGINX],
      });
      expect(profile.gateway.peerName).toBe('gateway pods in istio-ingress');
      expect(profile.gateway._peer()).toMatchObject({
        kind: 'pods',
        namespaces: { kind: 'names', names: ['istio-ingress'] },
        serviceAccount: 'istio-ingress/istio-ingressgateway',
        inMesh: true,
      });
      expect(profile.monitoring._peer()).toMatchObject({
        namespaces: { kind: 'names', names: ['monitoring'] },
        inMesh: undefined,
      });
      expect(profile.ingressController('ingress-nginx').peerName).toBe(
        'ingress-nginx pods in nginx',
      );
      expect(profile.ingressController('ingress-nginx')._peer()).toMatchObject({
        namespaces: { kind: 'names', names: ['nginx'] },
      });
    });

    it('have a gateway with every mesh, in its root namespace, unless another is named', () => {
      const profile = ClusterProfile.eks({ mesh: Mesh.sidecar({ rootNamespace: 'mesh' }) });
      expect(profile.gateway._peer()).toMatchObject({
        namespaces: { kind: 'names', names: ['mesh'] },
        pods: { matchLabels: { app: 'istio-ingressgateway', istio: 'ingressgateway' } },
      });
    });

    it('fail where the profile does not say who they are, with the line to add', () => {
      const profile = ClusterProfile.eks();
      expect(problemOf(() => profile.gateway)).toMatchObject({
        code: 'profile-gateway',
        where: 'ClusterProfile.eks: gateway',
        fix: 'ClusterProfile.eks({ gateway: PodGroup.istioIngressGateway() })',
      });
      expect(problemOf(() => profile.monitoring)).toMatchObject({
        code: 'profile-monitoring',
        where: 'ClusterProfile.eks: monitoring',
        fix: 'ClusterProfile.eks({ monitoring: PodGroup.kubePrometheus() })',
      });
    });

    it('fail for an ingress controller of another name, and suggest the nearest', () => {
      const profile = ClusterProfile.kind({ ingressControllers: [NGINX, INTERNAL] });
      expect(problemOf(() => profile.ingressController('ingres-nginx'))).toMatchObject({
        code: 'profile-ingress-controller',
        got: 'ingres-nginx',
        expected: 'one of ingress-nginx, internal-nginx',
        fix: `did you mean 'ingress-nginx'?`,
      });
      const none = problemOf(() => ClusterProfile.kind().ingressController('traefik'));
      expect(none.expected).toContain('the profile has none');
      expect(none.fix).toContain(`PodGroup.ingressNginx({ name: "traefik" })`);
    });
  });

  it.each<[string, ClusterProfileOptions, string, string, unknown]>([
    ['host bits', { podRanges: ['10.0.0.1/8'] }, 'podRanges', 'cidr-host-bits', '10.0.0.1/8'],
    ['no mask', { serviceRanges: ['10.0.0.0'] }, 'serviceRanges', 'cidr', '10.0.0.0'],
    ['every address', { nodeRanges: ['0.0.0.0/0'] }, 'nodeRanges', 'range-everything', '0.0.0.0/0'],
    [
      'every address of the API server',
      { apiServer: { addresses: ['::/0'] } },
      'apiServer.addresses',
      'range-everything',
      '::/0',
    ],
    ['no domain', { clusterDomain: '' }, 'clusterDomain', 'cluster-domain', ''],
    ['capitals', { clusterDomain: 'K8s' }, 'clusterDomain', 'cluster-domain', 'K8s'],
    ['a dot at the end', { clusterDomain: 'a.b.' }, 'clusterDomain', 'cluster-domain', 'a.b.'],
    [
      'the domain of Services',
      { clusterDomain: 'svc.cluster.local' },
      'clusterDomain',
      'cluster-domain',
      'svc.cluster.local',
    ],
    ['port 65536', { apiServer: { ports: [65536] } }, 'apiServer.ports', 'port-number', 65536],
    ['no port', { apiServer: { ports: [] } }, 'apiServer.ports', 'api-server-ports', []],
    [
      'a cluster IP with a mask',
      { apiServer: { clusterIp: '10.96.0.1/32' } },
      'apiServer.clusterIp',
      'address',
      '10.96.0.1/32',
    ],
    [
      'webhook callers in no namespace',
      { apiServer: { webhookCallers: { namespace: '', labels: { app: 'agent' } } } },
      'apiServer.webhookCallers.namespace',
      'namespace-name',
      '',
    ],
    [
      'webhook callers without labels',
      { apiServer: { webhookCallers: { namespace: 'kube-system', labels: {} } } },
      'apiServer.webhookCallers.labels',
      'empty-selector',
      {},
    ],
    [
      'webhook callers that do not call',
      {
        apiServer: {
          webhookCallers: { namespace: 'kube-system', labels: { app: 'agent' } },
          callsWebhooksItself: true,
        },
      },
      'apiServer.callsWebhooksItself',
      'webhook-callers',
      true,
    ],
    [
      'a metadata block',
      { metadataAddresses: ['169.254.0.0/16'] },
      'metadataAddresses',
      'address',
      '169.254.0.0/16',
    ],
    [
      'two controllers of one name',
      { ingressControllers: [NGINX, PodGroup.ingressNginx()] },
      'ingressControllers',
      'ingress-controller-twice',
      'ingress-nginx',
    ],
  ])('fails for %s', (_what, options, field, code, got) => {
    const problem = problemOf(() => ClusterProfile.gke(options));
    expect(problem.where).toContain(`ClusterProfile.gke: ${field}`);
    expect(problem).toMatchObject({ code, got });
  });
});
