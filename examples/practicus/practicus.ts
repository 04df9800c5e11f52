import { ClusterProfile, Environment, Mesh, MlPlatform, PodGroup } from 'cdk8s-ml-netpol';
import { declareFlows } from './flows';
import { routeModelApi } from './model-api-routing';
import { modulesOf, workloadsOf } from './modules';

export const ENVIRONMENTS = [
  Environment.DEV,
  Environment.TEST,
  Environment.STAGING,
  Environment.PROD,
];

/** Every proxy is scraped by the platform's own Prometheus, which takes part in the mesh itself. */
const CLUSTER = ClusterProfile.generic({
  mesh: Mesh.sidecar({ trustDomain: 'cluster.local' }),
  monitoring: PodGroup.of({
    name: 'prometheus',
    namespace: 'observability',
    labels: { app: 'prometheus' },
    serviceAccount: 'prometheus',
    inMesh: true,
  }),
});

/** The platform of one environment, written below `outdir`: one description for all of them. */
export function practicus(environment: Environment, outdir: string): MlPlatform {
  const platform = new MlPlatform({ cluster: CLUSTER, environment, outdir });
  const modules = modulesOf(platform);
  const workloads = workloadsOf(modules);
  declareFlows(modules, workloads);
  routeModelApi(modules.modelServing, workloads.modelApi);
  return platform;
}

export function environmentNamed(name: string): Environment {
  const found = ENVIRONMENTS.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(`ML_ENVIRONMENT: ${name} is not one of ${ENVIRONMENTS.join(', ')}`);
}
