/**
 * Pods that machine learning operators make, as far as the object's own pod templates and the
 * operators' documented labels and ports tell. What depends on the operator's settings or on names
 * that it makes up is not guessed: such pods carry more labels than are known.
 * Sources: kserve/kserve:pkg/constants, ray-project/kuberay:ray-operator, kubeflow/trainer v1.9 and
 * v2, kubernetes-sigs/jobset, kubeflow/spark-operator, knative/serving:pkg/networking,
 * argoproj/argo-workflows; labels as in docs/reading.md
 */
import { Protocol } from '../../values/port';
import type { ContainerPort, Labels, PodFacts } from '../cluster';
import { field, isObject, labelsAt, numberAt, objectAt, objectsAt, textAt } from '../json';
import type { JsonObject, Resource } from '../resource';
import { inferenceService, knativeService } from './ml-serving';
import { podOf } from './pod';

type PodsOf = (resource: Resource) => readonly PodFacts[];

export const ML_OPERATORS: Readonly<Record<string, PodsOf>> = {
  'serving.kserve.io/InferenceService': inferenceService,
  'serving.knative.dev/Service': knativeService,
  'ray.io/RayCluster': ({ object, name }) => rayPods(objectAt(object, 'spec'), name),
  'ray.io/RayJob': ({ object }) => rayPods(objectAt(object, 'spec', 'rayClusterSpec')),
  'ray.io/RayService': ({ object }) => rayPods(objectAt(object, 'spec', 'rayClusterConfig')),
  'kubeflow.org/PyTorchJob': trainingJob('pytorch', 23456),
  'kubeflow.org/TFJob': trainingJob('tf', 2222),
  'kubeflow.org/MPIJob': trainingJob('mpi', 9999),
  'kubeflow.org/XGBoostJob': trainingJob('xgb', 9999, 'xgboost'),
  'kubeflow.org/PaddleJob': trainingJob('paddle', 36543),
  'kubeflow.org/JAXJob': trainingJob('jax', 6666),
  'kubeflow.org/Notebook': notebook,
  'trainer.kubeflow.org/TrainJob': trainJob,
  'jobset.x-k8s.io/JobSet': jobSet,
  'sparkoperator.k8s.io/SparkApplication': ({ object, name }) =>
    sparkPods(objectAt(object, 'spec'), name),
  'sparkoperator.k8s.io/ScheduledSparkApplication': ({ object }) =>
    sparkPods(objectAt(object, 'spec', 'template')),
  'argoproj.io/Rollout': rollout,
  'argoproj.io/Workflow': ({ object, name }) => workflowPods(objectAt(object, 'spec'), name),
  'argoproj.io/CronWorkflow': ({ object }) =>
    workflowPods(objectAt(object, 'spec', 'workflowSpec')),
};

const tcp = (name: string, port: number): ContainerPort => ({ name, port, protocol: Protocol.TCP });

/** A name that the text has; one that the API server completes is no label's value. */
function known(key: string, name: string | undefined): Labels {
  return name === undefined || name.endsWith('*') ? {} : { [key]: name };
}

function unknown(key: string, name: string | undefined): string[] {
  return Object.keys(known(key, name)).length === 0 ? [key] : [];
}

/** Labels of a job set's pods that differ from pod to pod, or hold names that it makes up. */
const JOB_SET = [
  ...['job-index', 'job-global-index', 'job-key', 'restart-attempt'].map(
    (name) => `jobset.sigs.k8s.io/${name}`,
  ),
  ...['batch.kubernetes.io/job-name', 'job-name', 'batch.kubernetes.io/job-completion-index'],
];

function rayPods(spec: JsonObject, cluster?: string): PodFacts[] {
  const groups = objectsAt(spec, 'workerGroupSpecs');
  const head = field(spec, 'headGroupSpec');
  const members = isObject(head) ? [head, ...groups] : groups;
  return members.map((member) => {
    const type = member === head ? 'head' : 'worker';
    const group = member === head ? 'headgroup' : textAt(member, 'groupName');
    const labels = {
      'ray.io/is-ray-node': 'yes',
      'ray.io/node-type': type,
      ...(group !== undefined && { 'ray.io/group': group }),
      ...known('ray.io/cluster', cluster),
      'app.kubernetes.io/name': 'kuberay',
      'app.kubernetes.io/created-by': 'kuberay-operator',
    };
    const replicas = member === head ? 1 : numberAt(member, 'replicas');
    // the cluster's name is made up where a job or service makes the cluster
    const openLabels = ['ray.io/identifier', ...unknown('ray.io/cluster', cluster)];
    const additions = { labels, openLabels, portsKnown: false, replicas };
    return podOf(objectAt(member, 'template'), additions);
  });
}

/** Jobs of the training operator v1: `<framework>ReplicaSpecs`, by replica type. */
function trainingJob(framework: string, port: number, operator = framework): PodsOf {
  return ({ object, name }) => {
    const specs = objectAt(object, 'spec', `${framework}ReplicaSpecs`);
    return Object.entries(specs).flatMap(([type, spec]) => {
      if (!isObject(spec)) return [];
      const labels = {
        ...known('training.kubeflow.org/job-name', name),
        'training.kubeflow.org/replica-type': type.toLowerCase(),
        'training.kubeflow.org/operator-name': `${operator}job-controller`,
        ...(type === 'Master' && { 'training.kubeflow.org/job-role': 'master' }),
      };
      const ports = [tcp(`${operator}job-port`, port)];
      const openLabels = [
        'training.kubeflow.org/replica-index',
        ...unknown('training.kubeflow.org/job-name', name),
      ];
      const additions = { labels, openLabels, ports, replicas: numberAt(spec, 'replicas') };
      return [podOf(objectAt(spec, 'template'), additions)];
    });
  };
}

/** The runtime that the job refers to holds the template; the job's name is all that is known. */
function trainJob({ object, name }: Resource): PodFacts[] {
  const trainer = objectAt(object, 'spec', 'trainer');
  const labels = {
    ...labelsAt(objectAt(object, 'spec'), 'labels'),
    ...known('jobset.sigs.k8s.io/jobset-name', name),
  };
  const replicas = numberAt(trainer, 'numNodes');
  return [podOf({}, { labels, openLabels: ['*'], portsKnown: false, replicas })];
}

function jobSet({ object, name }: Resource): PodFacts[] {
  return objectsAt(objectAt(object, 'spec'), 'replicatedJobs').map((job) => {
    const spec = objectAt(job, 'template', 'spec');
    const labels = {
      ...known('jobset.sigs.k8s.io/jobset-name', name),
      ...known('jobset.sigs.k8s.io/replicatedjob-name', textAt(job, 'name')),
    };
    const replicas = (numberAt(job, 'replicas') ?? 1) * (numberAt(spec, 'parallelism') ?? 1);
    return podOf(objectAt(spec, 'template'), { labels, openLabels: JOB_SET, replicas });
  });
}

function sparkPods(spec: JsonObject, name?: string): PodFacts[] {
  return ['driver', 'executor'].map((role) => {
    const part = objectAt(spec, role);
    const labels = {
      ...labelsAt(part, 'labels'),
      'spark-role': role,
      ...known('sparkoperator.k8s.io/app-name', name),
    };
    const ports =
      role === 'driver'
        ? [tcp('driver-rpc-port', 7078), tcp('blockmanager', 7079), tcp('spark-ui', 4040)]
        : [];
    const account = textAt(part, 'serviceAccount');
    return podOf(objectAt(part, 'template'), {
      labels,
      openLabels: ['spark-app-selector', 'spark-app-name', 'spark-exec-id', 'spark-version'],
      annotations: labelsAt(part, 'annotations'),
      ports,
      // executors' block managers listen on any port
      portsKnown: false,
      ...(account !== undefined && { serviceAccount: account }),
      replicas: role === 'driver' ? 1 : numberAt(part, 'instances'),
    });
  });
}

/** A rollout may borrow a Deployment's template; the Deployment is read as what it is. */
function rollout({ object }: Resource): PodFacts[] {
  const spec = objectAt(object, 'spec');
  if (field(spec, 'template') === undefined) return [];
  const replicas = numberAt(spec, 'replicas') ?? 1;
  return [
    podOf(objectAt(spec, 'template'), { replicas, openLabels: ['rollouts-pod-template-hash'] }),
  ];
}

/** One pod a step that runs a container; steps and dags of steps run none themselves. */
function workflowPods(spec: JsonObject, name?: string): PodFacts[] {
  const common = objectAt(spec, 'podMetadata');
  const account = textAt(spec, 'serviceAccountName');
  return objectsAt(spec, 'templates').flatMap((template) => {
    const [container, script] = [field(template, 'container'), field(template, 'script')];
    const set = objectsAt(objectAt(template, 'containerSet'), 'containers');
    const containers = [container, script, ...set].filter((one) => isObject(one ?? null));
    if (containers.length === 0) return [];
    const own = objectAt(template, 'metadata');
    const labels = {
      ...labelsAt(common, 'labels'),
      ...labelsAt(own, 'labels'),
      ...known('workflows.argoproj.io/workflow', name),
    };
    const annotations = { ...labelsAt(common, 'annotations'), ...labelsAt(own, 'annotations') };
    const podSpec = { ...template, containers: containers as JsonObject[] };
    return [
      podOf(
        { spec: podSpec },
        {
          labels,
          openLabels: [
            'workflows.argoproj.io/completed',
            ...unknown('workflows.argoproj.io/workflow', name),
          ],
          annotations,
          ...(account !== undefined && { serviceAccount: account }),
        },
      ),
    ];
  });
}

function notebook({ object, name }: Resource): PodFacts[] {
  const metadata = objectAt(object, 'metadata');
  const labels = { ...labelsAt(metadata, 'labels'), ...known('notebook-name', name) };
  const template = objectAt(object, 'spec', 'template');
  return [podOf(template, { labels, openLabels: ['statefulset'], replicas: 1 })];
}
