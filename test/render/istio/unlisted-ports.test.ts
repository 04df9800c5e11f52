import { App, Chart } from 'cdk8s';
import {
  ClusterProfile,
  DefaultDeny,
  Http,
  Identity,
  L7AccessRule,
  Mesh,
  MlNamespace,
  Port,
  Workload,
} from '../../../src';
import { treeOf } from '../../../src/constructs/tree';
import { modelProblems } from '../../../src/render/problems';

/** Problems where a runner may use a range, and POST on one more port. */
function codes(range: Port, limited: number): readonly string[] {
  const app = new App();
  ClusterProfile.provide(app, ClusterProfile.kubeadm({ mesh: Mesh.sidecar() }));
  const chart = new Chart(app, 'serving');
  const namespace = new MlNamespace(chart, 'llm-serving');
  new DefaultDeny(chart, 'default-deny', { namespace });
  const to = new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    ports: [Port.http(limited)],
  });
  const runner = Identity.serviceAccount('ml-jobs', 'job-runner');
  to.allowFrom(runner, { ports: [range], reason: 'worker ports' });
  new L7AccessRule(chart, 'predict', {
    ...{ to, from: [runner], ports: [Port.http(limited)], http: [Http.post('/v1/predict')] },
  });
  const context = { model: treeOf(app).model, profile: ClusterProfile.of(app)._data };
  return modelProblems(context, '2026-01-01').map(({ code }) => code);
}

test('a range that no rule can list is refused where it would void a limit on another port', () => {
  expect(codes(Port.tcpRange(9000, 9500), 8080)).toContain('ports-unlisted');
});

test('a range that a rule can list voids nothing', () => {
  expect(codes(Port.tcpRange(9000, 9100), 8080)).not.toContain('ports-unlisted');
});
