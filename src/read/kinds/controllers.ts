/**
 * Which pods each kind of controller makes: a table, one line a kind. Kubernetes' own kinds here,
 * those of machine learning operators in ml-operators.ts, who scrapes them in monitoring-operator.ts.
 */
import type { Labels, PodFacts } from '../cluster';
import { field, numberAt, objectAt } from '../json';
import type { JsonObject, Resource } from '../resource';
import { groupOf } from '../resources';
import { ML_OPERATORS } from './ml-operators';
import { MONITORING_OPERATOR } from './monitoring-operator';
import { podOf } from './pod';

/** The pods of one object of the kind; none where it has no template. */
export type PodsOf = (resource: Resource) => readonly PodFacts[];

/** Labels that controllers make up, or that differ from pod to pod. */
const REPLICA_SET = ['pod-template-hash'];
const DAEMON_SET = ['controller-revision-hash', 'pod-template-generation'];
const STATEFUL_SET = [
  ...['controller-revision-hash', 'apps.kubernetes.io/pod-index'],
  'statefulset.kubernetes.io/pod-name',
];
const JOB = [
  ...['controller-uid', 'batch.kubernetes.io/controller-uid'],
  'batch.kubernetes.io/job-completion-index',
];
const JOB_NAME = ['batch.kubernetes.io/job-name', 'job-name'];

const CORE: Readonly<Record<string, PodsOf>> = {
  '/ReplicationController': fromTemplate,
  'apps/Deployment': fromTemplate,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': fromTemplate,
  'batch/Job': ({ object, name }) => jobPods(objectAt(object, 'spec'), name),
  'batch/CronJob': ({ object }) => jobPods(objectAt(object, 'spec', 'jobTemplate', 'spec')),
  // what stands between a Knative Service and its Deployment
  'serving.knative.dev/Configuration': () => [],
  'serving.knative.dev/Revision': () => [],
  // served up to 1.15, still in old charts; the template is the same
  'extensions/Deployment': fromTemplate,
  'extensions/DaemonSet': daemonSet,
  'extensions/ReplicaSet': fromTemplate,
};

const TABLE = new Map(
  [CORE, ML_OPERATORS, MONITORING_OPERATOR].flatMap((one) => Object.entries(one)),
);

/** How pods are made of the object; undefined where its kind makes none that are known. */
export function controllerOf({ apiVersion, kind }: Resource): PodsOf | undefined {
  return TABLE.get(`${groupOf(apiVersion)}/${kind}`);
}

/** Whether pods belong to objects of the kind. */
export function isController(apiVersion: string, kind: string): boolean {
  return TABLE.has(`${groupOf(apiVersion)}/${kind}`);
}

function fromTemplate({ object }: Resource): PodFacts[] {
  const spec = objectAt(object, 'spec');
  return templatePods(spec, numberAt(spec, 'replicas') ?? 1, REPLICA_SET);
}

function daemonSet({ object }: Resource): PodFacts[] {
  return templatePods(objectAt(object, 'spec'), undefined, DAEMON_SET);
}

function statefulSet({ object }: Resource): PodFacts[] {
  const spec = objectAt(object, 'spec');
  return templatePods(spec, numberAt(spec, 'replicas') ?? 1, STATEFUL_SET);
}

function templatePods(
  spec: JsonObject,
  replicas: number | undefined,
  openLabels: readonly string[],
): PodFacts[] {
  return hasTemplate(spec) ? [podOf(objectAt(spec, 'template'), { replicas, openLabels })] : [];
}

/** The job controller labels its pods with the job's name and its uid. */
function jobPods(spec: JsonObject, name?: string): PodFacts[] {
  if (!hasTemplate(spec)) return [];
  const known = name !== undefined && !name.endsWith('*');
  const labels: Labels = known ? Object.fromEntries(JOB_NAME.map((key) => [key, name])) : {};
  const openLabels = known ? JOB : [...JOB, ...JOB_NAME];
  const replicas = numberAt(spec, 'parallelism') ?? 1;
  return [podOf(objectAt(spec, 'template'), { labels, openLabels, replicas })];
}

function hasTemplate(spec: JsonObject): boolean {
  return field(spec, 'template') !== undefined;
}
