/** What does the cluster itself need of isolated pods that nobody declares? The kubelet's probes. */

import { Cni } from '../../src/cluster/cni';
import { Mesh } from '../../src/cluster/mesh';
import { PodGroup } from '../../src/cluster/pod-group';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { TrafficModel } from '../../src/constructs/traffic-model';
import { Workload } from '../../src/constructs/workload';
import { Port, PortPurpose } from '../../src/values/port';
import { clusterOf, inEveryOrder, pod, sortedYaml } from '../support/cluster';
import { allowed } from '../naive/network-policy';
import type { World } from '../naive/world';
import { chartOf, names, problemsOf, refusal } from '../support/synth';

const NODES = ['172.20.0.0/24'];
const STRICT = Cni.of({ name: 'homegrown', nodeTrafficImplicit: false });
const HEALTH = Port.http(8081, { purpose: PortPurpose.HEALTH });
const { end: api } = pod('llm-serving/model-api', { app: 'model-api' });

function serving(cni: Cni, ports: Port[], nodeRanges = NODES) {
  const chart = chartOf(ClusterProfile.kubeadm({ cni, nodeRanges }));
  const namespace = new MlNamespace(chart, 'llm-serving');
  new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' }, ports });
  return { chart, namespace };
}

/** Ports that a node (not the pod's own, as far as policy can see) reaches. */
function probed(cni: Cni, ports: Port[], from = '172.20.0.7'): number[] {
  const { chart, namespace } = serving(cni, ports);
  new DefaultDeny(chart, 'deny', { namespace });
  const world = { ...clusterOf(chart), pods: [] };
  return [8080, 8081, 9090].filter((port) => allowed(world, { ip: from }, api, 'TCP', port));
}

describe('probes', () => {
  it('need no rule where the CNI lets the own node through, or nothing says that it does not', () => {
    for (const cni of [Cni.CALICO, Cni.UNKNOWN]) {
      const { chart, namespace } = serving(cni, [Port.http(8080), HEALTH]);
      new DefaultDeny(chart, 'deny', { namespace });
      expect(names(chart)).toEqual(['Namespace/llm-serving', 'NetworkPolicy/default-deny']);
    }
  });

  it('reach the health ports where the CNI does not', () => {
    expect(probed(STRICT, [Port.http(8080), HEALTH])).toEqual([8081]);
    expect(probed(STRICT, [Port.http(8080), HEALTH], '172.20.1.7')).toEqual([]);
  });

  it('reach every port of a workload that declares none for health', () => {
    const metrics = Port.http(9090, { purpose: PortPurpose.METRICS });
    expect(probed(STRICT, [Port.http(8080), metrics])).toEqual([8080, 9090]);
  });

  it('isolate nobody, and are told in the model', () => {
    const { chart } = serving(STRICT, [HEALTH]);
    expect(names(chart)).toEqual(['Namespace/llm-serving']);
    const flows = TrafficModel.of(chart).lines.filter((line) => line.includes('"record":"flow"'));
    expect(flows.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({
        fromName: 'nodes',
        toName: 'llm-serving/model-api',
        origin: 'implied',
        reasons: [{ reason: 'kubelet probes', by: 'serving/model-api' }],
      }),
    ]);
  });

  it('fail where nobody knows the nodes, rather than to be closed', () => {
    const { chart } = serving(STRICT, [HEALTH], []);
    expect(problemsOf(chart)).toEqual([
      expect.stringContaining(
        'serving/model-api: nodes -> llm-serving/model-api: got "kubeadm", expected a cluster profile that knows the ranges of the nodes',
      ),
    ]);
  });

  it('are opened whether profile, workload or isolation comes first', () => {
    inEveryOrder(['profile', 'workload', 'deny'] as const, (order) => {
      const chart = chartOf();
      const namespace = new MlNamespace(chart, 'llm-serving');
      const labels = { app: 'model-api' };
      const steps = {
        profile: () => {
          const profile = ClusterProfile.kubeadm({ cni: STRICT, nodeRanges: NODES });
          ClusterProfile.provide(chart, profile);
        },
        workload: () => new Workload(chart, 'api', { namespace, labels, ports: [HEALTH] }),
        deny: () => new DefaultDeny(chart, 'deny', { namespace }),
      };
      for (const step of order) steps[step]();
      const text = sortedYaml(chart);
      expect(text).toContain('name: api-ingress');
      return text;
    });
  });
});

describe('proxies', () => {
  const otel = PodGroup.of({
    name: 'otel',
    namespace: 'observability',
    labels: { app: 'otel' },
    ports: [Port.grpc(4317)],
  });
  const { end: collector } = pod('observability/otel', { app: 'otel' });
  const { end: istiod } = pod('istio-system/istiod', { app: 'istiod' });
  const { end: prometheus } = pod('monitoring/prometheus', {
    'app.kubernetes.io/name': 'prometheus',
  });

  function isolated(mesh: Mesh): World {
    const monitoring = PodGroup.kubePrometheus();
    const chart = chartOf(ClusterProfile.kubeadm({ mesh, monitoring }));
    const namespace = new MlNamespace(chart, 'llm-serving');
    new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' } });
    new DefaultDeny(chart, 'deny', { namespace });
    expect(problemsOf(chart)).toEqual([]);
    return { ...clusterOf(chart), pods: [] };
  }

  it('beside the containers reach their control plane and what they report to, and are scraped', () => {
    const world = isolated(Mesh.sidecar({ telemetry: [otel] }));
    expect(allowed(world, api, istiod, 'TCP', 15012)).toBe(true);
    expect(allowed(world, api, istiod, 'TCP', 15010)).toBe(false);
    expect(allowed(world, api, collector, 'TCP', 4317)).toBe(true);
    expect(allowed(world, api, collector, 'TCP', 4318)).toBe(false);
    expect(allowed(world, prometheus, api, 'TCP', 15020)).toBe(true);
    expect(allowed(world, prometheus, api, 'TCP', 8080)).toBe(false);
    expect(allowed(world, collector, api, 'TCP', 15020)).toBe(false);
  });

  it('of the node need nothing of the pods but the kubelet’s probes, which come from an address', () => {
    const world = isolated(Mesh.ambient({ telemetry: [otel] }));
    expect(allowed(world, api, istiod, 'TCP', 15012)).toBe(false);
    expect(allowed(world, api, collector, 'TCP', 4317)).toBe(false);
    expect(allowed(world, { ip: '169.254.7.127' }, api, 'TCP', 8080)).toBe(true);
    expect(allowed(world, { ip: '169.254.169.254' }, api, 'TCP', 8080)).toBe(false);
  });

  it('report to somebody only on ports that are known', () => {
    const silent = PodGroup.of({
      name: 'otel',
      namespace: 'observability',
      labels: { app: 'otel' },
    });
    expect(refusal(() => Mesh.sidecar({ telemetry: [silent] }))).toMatchObject({
      code: 'telemetry-ports',
      where: 'Mesh.sidecar: telemetry[0]',
      got: 'otel',
    });
  });
});
