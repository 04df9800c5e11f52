/**
 * Who may reach whom, and why. What does not stand here is closed.
 */
import { Http, ModuleIngress, Port } from 'cdk8s-ml-netpol';
import { METRICS } from './modules';
import type { Modules, Workloads } from './modules';

export function declareFlows(modules: Modules, workloads: Workloads): void {
  fromDataToReports(modules, workloads);
  toSensitiveEnds(modules, workloads);
  toTheModelApi(workloads);
  toMetrics(workloads);
}

function fromDataToReports(modules: Modules, workloads: Workloads): void {
  const { dataPrep, trainer, llmApi, reporting } = workloads;
  new ModuleIngress(modules.mlPlatform, 'from-data-prep', {
    to: modules.mlPlatform,
    from: [modules.dataPrep],
    ports: [Port.http(8080)],
    reason: 'prepared data is registered',
  });
  trainer.allowFrom(dataPrep, { reason: 'prepared data starts a training run' });
  llmApi.allowFrom(trainer, { reason: 'trained models are evaluated' });
  llmApi.allowFrom(reporting, { reason: 'reports are summarized' });
}

/** Ends with one module of callers each. */
function toSensitiveEnds(
  { apiGateway, modelServing }: Modules,
  { llmInternal, featureDb }: Workloads,
): void {
  llmInternal.allowFrom(apiGateway, { reason: 'the gateway is the only way to internal LLMs' });
  featureDb.allowFrom(modelServing, { reason: 'features of a prediction' });
}

/** Roles are service accounts: batch jobs and notebooks share a namespace, and no permission. */
function toTheModelApi({ modelApi, job, notebook }: Workloads): void {
  modelApi.allowFrom(job, {
    http: [Http.post('/v1/predict')],
    reason: 'batch jobs ask for predictions',
  });
  modelApi.allowFrom(notebook, {
    http: [Http.get('/v1/models')],
    reason: 'notebooks look up which models there are',
  });
}

/** Monitoring sees the metrics of all others, and no application port. */
function toMetrics({ prometheus, ...others }: Workloads): void {
  for (const workload of Object.values(others)) {
    workload.allowFrom(prometheus, { ports: [METRICS], reason: 'metrics' });
  }
}
