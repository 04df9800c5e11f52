import { ApiObject, App, Chart } from 'cdk8s';
import { HttpIngressPathType, Ingress, IngressBackend, Service } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import {
  ClusterProfile,
  DefaultDeny,
  IsolationDirections,
  MlNamespace,
  PodGroup,
  Port,
  TrafficModel,
  Workload,
} from 'cdk8s-ml-netpol';

const LABELS = { 'app.kubernetes.io/name': 'local-ai' };
const SERVICE = { name: 'local-ai-local-ai', port: 8080 };

/** LocalAI behind ingress-nginx on a user cluster of the Kubermatic Kubernetes Platform. */
export function localAi(outdir: string): App {
  const app = new App({ outdir });
  ClusterProfile.provide(
    app,
    ClusterProfile.kkp({
      ingressControllers: [
        PodGroup.ingressNginx({
          namespace: 'nginx',
          labels: { 'app.kubernetes.io/name': 'ingress-nginx' },
        }),
      ],
    }),
  );
  new LocalAi(app, 'local-ai');
  return app;
}

/** Writes the app's YAML, and its traffic model beside it. */
export function synth(app: App): void {
  app.synth();
  TrafficModel.of(app).save(app.outdir);
}

class LocalAi extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'local-ai' });
    const namespace = new MlNamespace(this, 'local-ai-namespace', {
      name: 'local-ai',
      module: 'serving',
      labels: { assurance: 'demonstration' },
    });
    const localAi = new Workload(this, 'local-ai', {
      namespace,
      labels: LABELS,
      ports: [Port.http(8080, { name: 'http' })],
      services: [{ name: SERVICE.name, ports: [{ port: SERVICE.port, name: 'http' }] }],
    });
    // these pods only: others of the namespace stay as open as they were
    new DefaultDeny(this, 'default-deny', {
      namespace,
      workload: localAi,
      directions: IsolationDirections.INGRESS,
    });
    localAi.allowFrom(ClusterProfile.of(this).ingressController('ingress-nginx'), {
      reason: 'users come in through the ingress controller',
    });
    this.exposed();
  }

  private exposed(): void {
    const service = new Service(this, 'service', {
      metadata: { name: SERVICE.name },
      ports: [{ port: SERVICE.port, targetPort: 8080, name: 'http' }],
    });
    for (const [label, value] of Object.entries(LABELS)) service.selectLabel(label, value);
    const ingress = new Ingress(this, 'ingress', {
      metadata: {
        name: 'localai-ingress',
        annotations: { 'nginx.ingress.kubernetes.io/rewrite-target': '/' },
      },
      className: 'nginx',
    });
    ingress.addHostRule(
      'localai.local',
      '/',
      IngressBackend.fromService(service),
      HttpIngressPathType.PREFIX,
    );
    ApiObject.of(ingress).metadata.addLabel('assurance', 'demonstration');
  }
}
