import { PodGroup, podGroupPeer } from '../../src/cluster/pod-group';
import { describePort, Port } from '../../src/values/port';
import { problemOf } from './problem-of';

function portsOf(group: PodGroup): string[] {
  return group._data.ports.map((port) => `${describePort(port)} ${port.purpose}`);
}

describe('PodGroup', () => {
  it('knows the gateway of istioctl', () => {
    const gateway = PodGroup.istioIngressGateway();
    expect(gateway._data).toMatchObject({
      namespace: 'istio-system',
      labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
      serviceAccount: 'istio-ingressgateway-service-account',
      inMesh: true,
    });
    expect(portsOf(gateway)).toEqual([
      'TCP 8080 service',
      'TCP 8443 service',
      'TCP 15020 metrics',
      'TCP 15021 health',
      'TCP 15090 metrics',
    ]);
  });

  it('knows the gateway of the Helm chart, whose labels follow the release', () => {
    expect(PodGroup.istioGatewayChart()._data).toMatchObject({
      namespace: 'istio-ingress',
      labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
      serviceAccount: 'istio-ingressgateway',
    });
    const edge = PodGroup.istioGatewayChart({ name: 'edge', namespace: 'edge' });
    expect(edge._data).toMatchObject({
      namespace: 'edge',
      labels: { app: 'edge', istio: 'edge' },
      serviceAccount: 'edge',
    });
    expect(portsOf(edge).slice(0, 2)).toEqual(['TCP 80 service', 'TCP 443 service']);
  });

  it('knows ingress-nginx, and does not take the jobs of its installation for it', () => {
    const nginx = PodGroup.ingressNginx();
    expect(nginx._data).toMatchObject({
      namespace: 'ingress-nginx',
      labels: {
        'app.kubernetes.io/name': 'ingress-nginx',
        'app.kubernetes.io/component': 'controller',
      },
    });
    expect(nginx._data.inMesh).toBeUndefined();
    expect(portsOf(nginx)).toEqual([
      'TCP 80 service',
      'TCP 443 service',
      'TCP 8443 webhook',
      'TCP 10254 metrics',
    ]);
  });

  it('knows Prometheus of kube-prometheus', () => {
    expect(PodGroup.kubePrometheus()._data).toMatchObject({
      namespace: 'monitoring',
      labels: { 'app.kubernetes.io/name': 'prometheus' },
      serviceAccount: 'prometheus-k8s',
    });
  });

  it('replaces what a cluster does differently, and nothing else', () => {
    const labels = { 'app.kubernetes.io/name': 'ingress-nginx' };
    const nginx = PodGroup.ingressNginx({ namespace: 'nginx', labels, inMesh: false });
    expect(nginx._data).toEqual({
      ...PodGroup.ingressNginx()._data,
      namespace: 'nginx',
      labels,
      inMesh: false,
    });
    expect(nginx.toString()).toBe('ingress-nginx in namespace nginx');
  });

  it('stands at one end of a connection as pods with ports, account and mesh', () => {
    const group = PodGroup.of({
      name: 'edge',
      namespace: 'edge',
      labels: { app: 'edge' },
      serviceAccount: 'proxy',
      ports: [Port.http(8080)],
      inMesh: true,
    });
    expect(podGroupPeer(group._data)).toMatchObject({
      kind: 'pods',
      namespaces: { kind: 'names', names: ['edge'] },
      pods: { matchLabels: { app: 'edge' }, matchExpressions: [] },
      ports: [{ protocol: 'TCP', port: 8080 }],
      serviceAccount: 'edge/proxy',
      inMesh: true,
    });
  });

  it.each([
    ['name', 'Edge', { name: 'Edge' }, 'component-name'],
    ['namespace', 'edge/a', { namespace: 'edge/a' }, 'namespace-name'],
    ['labels', {}, { labels: {} }, 'empty-selector'],
    ['serviceAccount', 'a b', { serviceAccount: 'a b' }, 'service-account'],
  ])('fails for a bad %s', (field, got, change, code) => {
    const props = { name: 'edge', namespace: 'edge', labels: { app: 'edge' }, ...change };
    const problem = problemOf(() => PodGroup.of(props));
    expect(problem).toMatchObject({ code, where: `PodGroup.of: ${field}`, got });
  });
});
