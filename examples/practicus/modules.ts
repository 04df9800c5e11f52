/**
 * What there is: eleven modules, each a namespace of its own, and the workloads in them.
 */
import { IstioMtls, Port, PortPurpose } from 'cdk8s-ml-netpol';
import type { MlModule, MlPlatform, Workload } from 'cdk8s-ml-netpol';

export const METRICS = Port.http(9090, { name: 'http-metrics', purpose: PortPurpose.METRICS });

const HTTP = Port.http(8080, { name: 'http' });
const HTTPS = Port.https(8443, { name: 'https' });
const POSTGRES = Port.tcp(5432, { name: 'tcp-postgres' });

export type Modules = ReturnType<typeof modulesOf>;
export type Workloads = ReturnType<typeof workloadsOf>;

export function modulesOf(platform: MlPlatform) {
  return {
    dataIngestion: moduleOf(platform, 'data-ingestion'),
    dataPrep: moduleOf(platform, 'data-prep'),
    mlPlatform: moduleOf(platform, 'ml-platform'),
    mlTraining: moduleOf(platform, 'ml-training'),
    llmServing: moduleOf(platform, 'llm-serving'),
    apiGateway: moduleOf(platform, 'api-gateway'),
    featureStore: moduleOf(platform, 'feature-store'),
    reporting: moduleOf(platform, 'reporting'),
    observability: moduleOf(platform, 'observability'),
    mlJobs: moduleOf(platform, 'ml-jobs'),
    modelServing: moduleOf(platform, 'model-serving'),
  };
}

/** A namespace, isolated both ways, whose pods speak mutual TLS only. */
function moduleOf(platform: MlPlatform, name: string): MlModule {
  const module = platform.module(name, { labels: { 'practicus-module': name } });
  for (const namespace of module.namespaces) new IstioMtls(module, 'mtls', { namespace });
  return module;
}

export function workloadsOf(modules: Modules) {
  return {
    dataIngestion: workloadOf(modules.dataIngestion, 'data-ingestion'),
    dataPrep: workloadOf(modules.dataPrep, 'data-prep'),
    platformApi: workloadOf(modules.mlPlatform, 'platform-api', { serves: HTTP }),
    trainer: workloadOf(modules.mlTraining, 'trainer', { serves: HTTP }),
    llmInternal: workloadOf(modules.llmServing, 'llm-internal', { serves: HTTPS }),
    llmApi: workloadOf(modules.llmServing, 'llm-api', { serves: HTTP }),
    apiGateway: workloadOf(modules.apiGateway, 'api-gateway', { serves: HTTPS }),
    featureDb: workloadOf(modules.featureStore, 'feature-db', { serves: POSTGRES }),
    reporting: workloadOf(modules.reporting, 'reporting', { serves: HTTP }),
    prometheus: modules.observability.workload('prometheus', {
      labels: { app: 'prometheus' },
      serviceAccount: 'prometheus',
    }),
    job: workloadOf(modules.mlJobs, 'job', { serviceAccount: 'job-runner' }),
    notebook: workloadOf(modules.mlJobs, 'notebook'),
    modelApi: modules.modelServing.workload('model-api', {
      labels: { app: 'model-api' },
      serviceAccount: 'model-api',
      ports: [HTTP, METRICS],
      services: [{ name: 'model-api', ports: [{ port: 8080, name: 'http' }] }],
      variants: {
        'v1-stable': { version: 'v1-stable' },
        'v2-canary': { version: 'v2-canary' },
      },
    }),
  };
}

interface What {
  /** @default - it answers nobody but Prometheus */
  readonly serves?: Port;
  /** @default - as the app */
  readonly serviceAccount?: string;
}

/** A workload that is known by its label `app`, and scraped by Prometheus. */
function workloadOf(
  module: MlModule,
  app: string,
  { serves, serviceAccount = app }: What = {},
): Workload {
  const ports = serves === undefined ? [METRICS] : [serves, METRICS];
  return module.workload(app, { labels: { app }, serviceAccount, ports });
}
