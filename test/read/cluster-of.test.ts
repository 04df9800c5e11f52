import { clusterOf } from '../../src/read/cluster-of';
import { clusterOfObjects } from '../../src/read/objects';
import { readText } from '../../src/read/read-text';

const object = (apiVersion: string, kind: string, spec: object = {}): object => ({
  ...{ apiVersion, kind, metadata: { name: 'one', namespace: 'ml' } },
  spec,
});

describe('a cluster', () => {
  it.each([
    ['cilium.io/v2', 'CiliumNetworkPolicy'],
    ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy'],
    ['crd.projectcalico.org/v1', 'GlobalNetworkPolicy'],
    ['projectcalico.org/v3', 'NetworkPolicy'],
    ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'],
    ['policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy'],
    ['policy.networking.k8s.io/v1beta9', 'ClusterNetworkPolicy'],
    ['networking.gke.io/v1alpha1', 'FQDNNetworkPolicy'],
    ['extensions/v1beta1', 'NetworkPolicy'],
    ['security.istio.io/v1', 'SomethingPolicy'],
    ['extensions.istio.io/v1alpha1', 'WasmPlugin'],
    ['example.com/v1', 'TenantNetworkPolicy'],
  ])('names %s %s as not analysed', (apiVersion, kind) => {
    const { notAnalyzed } = clusterOfObjects([object(apiVersion, kind)]);
    const why = expect.stringContaining('no evaluator') as unknown;
    expect(notAnalyzed).toMatchObject([{ kind, name: 'one', why }]);
  });

  it.each([
    ['v1', 'ConfigMap'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['crd.projectcalico.org/v1', 'StagedNetworkPolicy'],
    ['argoproj.io/v1alpha1', 'WorkflowTemplate'],
    ['example.com/v1', 'Model'],
  ])('is not concerned with %s %s', (apiVersion, kind) => {
    const { notAnalyzed, workloads } = clusterOfObjects([object(apiVersion, kind)]);
    expect([notAnalyzed, workloads]).toEqual([[], []]);
  });

  it('names documents that could not be read', () => {
    const read = readText('in.yaml', 'kind: NetworkPolicy\nspec: {\n');
    expect(clusterOf(read).notAnalyzed).toMatchObject([{ kind: 'NetworkPolicy' }]);
  });

  it('knows all labels of namespaces that were read, and names of the others', () => {
    const own = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'own', labels: { a: 'b' } },
    };
    const { namespaces } = clusterOfObjects([own, object('v1', 'Service')]);
    expect(namespaces.map(({ name, labels, labelsKnown }) => [name, labels, labelsKnown])).toEqual([
      ['ml', { 'kubernetes.io/metadata.name': 'ml' }, false],
      ['own', { a: 'b', 'kubernetes.io/metadata.name': 'own' }, true],
    ]);
  });

  it('reads services with their targets', () => {
    const spec = {
      selector: { app: 'api' },
      clusterIP: 'None',
      ports: [{ port: 80 }, { name: 'grpc', port: 81, targetPort: 'grpc', appProtocol: 'grpc' }],
    };
    const external = { type: 'ExternalName', externalName: 'x.org', selector: { app: 'api' } };
    const { services } = clusterOfObjects([
      object('v1', 'Service', spec),
      { ...object('v1', 'Service', external), metadata: { name: 'ext' } },
    ]);
    expect(services[0]).toMatchObject({
      selector: { app: 'api' },
      type: 'ClusterIP',
      clusterAddresses: [],
      ports: [
        { port: 80, targetPort: 80, protocol: 'TCP' },
        { name: 'grpc', port: 81, targetPort: 'grpc', protocol: 'TCP', appProtocol: 'grpc' },
      ],
    });
    expect(services[1]?.selector).toBeUndefined();
    expect(services[1]?.type).toBe('ExternalName');
  });

  it('reads nodes with their addresses', () => {
    const node = {
      ...{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { gpu: 'yes' } } },
      status: {
        addresses: [
          { type: 'InternalIP', address: '192.168.0.1' },
          { type: 'Hostname', address: 'n1' },
        ],
      },
    };
    expect(clusterOfObjects([node]).nodes).toMatchObject([
      { name: 'n1', labels: { gpu: 'yes' }, addresses: ['192.168.0.1'] },
    ]);
  });

  it('takes Istio objects, and names what Istio would refuse in them', () => {
    const good = object('security.istio.io/v1', 'AuthorizationPolicy', { action: 'DENY' });
    const bad = object('security.istio.io/v1', 'PeerAuthentication', { mtls: { mode: 'STRIKT' } });
    const { authorizationPolicies, peerAuthentications } = clusterOfObjects([good, bad]);
    expect(authorizationPolicies).toMatchObject([{ spec: { action: 'DENY' }, namespace: 'ml' }]);
    expect(peerAuthentications[0]?.unclear.map(({ path }) => path)).toEqual([
      ['spec', 'mtls', 'mode'],
    ]);
  });
});
