import {
  ClusterProfile,
  Environment,
  MlPlatform,
  PodGroup,
  Port,
  PortPurpose,
} from 'cdk8s-ml-netpol';
import type { MlModule, Workload } from 'cdk8s-ml-netpol';

/** No environment may reach the internet, so development is one of its own. */
const DEVELOPMENT = Environment.of({ name: 'dev', withinNamespace: true });

export const ENVIRONMENTS = [DEVELOPMENT, Environment.TEST, Environment.STAGING, Environment.PROD];

const METRICS = Port.http(9090, { name: 'metrics', purpose: PortPurpose.METRICS });

/** The platform of one environment, written below `outdir`. */
export function altLas(environment: Environment, outdir: string): MlPlatform {
  const platform = new MlPlatform({
    cluster: ClusterProfile.generic({
      ingressControllers: [
        PodGroup.ingressNginx({ labels: { 'app.kubernetes.io/name': 'ingress-nginx' } }),
      ],
      monitoring: PodGroup.kubePrometheus(),
    }),
    environment,
    outdir,
    suffixNamespaces: true,
    suffixPolicies: true,
  });
  const services = platform.module('alt-las', { team: 'alt-las' });

  const gateway = services.workload('api-gateway', {
    labels: { app: 'api-gateway' },
    ports: [Port.http(3000, { name: 'http' }), METRICS],
  });
  const orchestrator = backend(services, 'ai-orchestrator', 8000);
  const runner = backend(services, 'runner-service', 8080);
  const segmentation = backend(services, 'segmentation-service', 8001);
  const archive = backend(services, 'archive-service', 9000);

  const ingressNginx = platform.cluster.ingressController('ingress-nginx');
  gateway.allowFrom(ingressNginx, { reason: 'the gateway is the only way in' });
  orchestrator.allowFrom(gateway, { reason: 'AI requests of users' });
  runner.allowFrom(gateway, { reason: 'task runs of users' });
  segmentation.allowFrom(orchestrator, { reason: 'image segmentation' });
  runner.allowFrom(orchestrator, { reason: 'orchestrated task runs' });
  archive.allowFrom(runner, { reason: 'results are archived' });

  for (const workload of [gateway, orchestrator, runner, segmentation, archive]) {
    workload.allowFrom(platform.cluster.monitoring, { ports: [METRICS], reason: 'metrics' });
  }
  return platform;
}

function backend(module: MlModule, app: string, port: number): Workload {
  return module.workload(app, {
    labels: { app, 'app.kubernetes.io/component': 'backend' },
    ports: [Port.http(port, { name: 'http' }), METRICS],
  });
}
