import {
  ClusterProfile,
  Http,
  IstioMtls,
  L7AccessRule,
  Mesh,
  MlPlatform,
  ModuleIngress,
  PodGroup,
  Port,
} from 'cdk8s-ml-netpol';
import type { Environment } from 'cdk8s-ml-netpol';
import { modelApiRouting } from './model-api-routing';
import { module, service } from './modules';

/** The platform of one environment, written below `outdir`. */
export function practicus(environment: Environment, outdir: string): MlPlatform {
  const platform = new MlPlatform({
    environment,
    outdir,
    cluster: ClusterProfile.generic({
      mesh: Mesh.sidecar({ trustDomain: 'cluster.local' }),
      monitoring: PodGroup.of({
        name: 'prometheus',
        namespace: 'observability',
        labels: { app: 'prometheus' },
      }),
    }),
  });

  const dataIngestion = module(platform, 'data-ingestion');
  const dataPrep = module(platform, 'data-prep');
  const mlPlatform = module(platform, 'ml-platform');
  const mlTraining = module(platform, 'ml-training');
  const llmServing = module(platform, 'llm-serving');
  const apiGateway = module(platform, 'api-gateway');
  const featureStore = module(platform, 'feature-store');
  const reportingModule = module(platform, 'reporting');
  const observability = module(platform, 'observability');
  const mlJobs = module(platform, 'ml-jobs');
  const modelServing = module(platform, 'model-serving');
  const modules = [
    ...[dataIngestion, dataPrep, mlPlatform, mlTraining, llmServing, apiGateway],
    ...[featureStore, reportingModule, observability, mlJobs, modelServing],
  ];

  const ingestion = service(dataIngestion, 'data-ingestion');
  const prep = service(dataPrep, 'data-prep');
  const platformApi = service(mlPlatform, 'platform-api', { ports: [Port.http(8080)] });
  const trainer = service(mlTraining, 'trainer', { ports: [Port.http(8080)] });
  const llmInternal = service(llmServing, 'llm-internal', { ports: [Port.https(8443)] });
  const llmApi = service(llmServing, 'llm-api', { ports: [Port.http(8080)] });
  const gateway = service(apiGateway, 'api-gateway', { ports: [Port.https(8443)] });
  const featureDb = service(featureStore, 'feature-db', { ports: [Port.tcp(5432)] });
  const reporting = service(reportingModule, 'reporting', { ports: [Port.http(8080)] });
  const prometheus = service(observability, 'prometheus');
  const job = service(mlJobs, 'job', { serviceAccount: 'job-runner' });
  const notebook = service(mlJobs, 'notebook');
  const modelApi = service(modelServing, 'model-api', {
    ports: [Port.http(8080)],
    services: [{ name: 'model-api', ports: [{ name: 'http', port: 80, targetPort: 8080 }] }],
    variants: { stable: { version: 'v1-stable' }, canary: { version: 'v2-canary' } },
  });
  const workloads = [
    ...[ingestion, prep, platformApi, trainer, llmInternal, llmApi, gateway],
    ...[featureDb, reporting, prometheus, job, notebook, modelApi],
  ];

  // every connection between services is encrypted and authenticated
  for (const one of modules) {
    for (const namespace of one.namespaces) new IstioMtls(one, 'mtls', { namespace });
  }

  // the product: data becomes models, models answer, answers are reported
  new ModuleIngress(mlPlatform, 'from-data-prep', {
    ...{ to: mlPlatform, from: [dataPrep], ports: [Port.http(8080)] },
    reason: 'prepared data is registered',
  });
  trainer.allowFrom(prep, { reason: 'training sets' });
  llmApi.allowFrom(trainer, { reason: 'trained models are evaluated' });
  llmApi.allowFrom(reporting, { reason: 'answers are reported' });

  // sensitive ends have one module of callers each
  llmInternal.allowFrom(apiGateway, { reason: 'public requests come through the gateway only' });
  featureDb.allowFrom(modelServing, { reason: 'features of a prediction' });

  // roles are service accounts: batch jobs predict, notebooks look
  new L7AccessRule(modelServing, 'predictions', {
    ...{ to: modelApi, from: [job], http: [Http.post('/v1/predict')] },
    reason: 'batch predictions',
  });
  new L7AccessRule(modelServing, 'catalogue', {
    ...{ to: modelApi, from: [notebook], http: [Http.get('/v1/models')] },
    reason: 'notebooks list models',
  });
  modelApiRouting(modelServing, modelApi);

  // monitoring sees metrics, and no application port
  for (const workload of workloads.filter((one) => one !== prometheus)) {
    workload.allowFrom(prometheus, { ports: [Port.http(9090)], reason: 'metrics' });
  }
  return platform;
}
