/**
 * Pods of model servers that operators make: KServe's InferenceService and Knative's Service.
 * Whether KServe makes Deployments or Knative Services is a setting of its controller, unless the
 * object's annotation says so; labels that depend on it are then not known.
 * Sources: kserve/kserve:pkg/constants/constants.go, knative/serving:pkg/networking/constants.go
 */
import { Protocol } from '../../values/port';
import type { ContainerPort, Labels, PodFacts } from '../cluster';
import { field, isObject, labelsAt, numberAt, objectAt, objectsAt, textAt } from '../json';
import type { JsonObject, Resource } from '../resource';
import { podOf } from './pod';

/** Ports of Knative's queue-proxy, which stands in every pod. */
const QUEUE_PROXY: readonly ContainerPort[] = [
  { name: 'http-queueadm', port: 8022, protocol: Protocol.TCP },
  { name: 'http-autometric', port: 9090, protocol: Protocol.TCP },
  { name: 'http-usermetric', port: 9091, protocol: Protocol.TCP },
  { name: 'queue-port', port: 8012, protocol: Protocol.TCP },
  { name: 'https-port', port: 8112, protocol: Protocol.TCP },
];

/** Labels that hold the revision's name or uid, which the controller makes up. */
const REPLICA_SET = ['pod-template-hash'];
const REVISION = [
  'app',
  ...['configuration', 'configurationGeneration', 'configurationUID'].map(knative),
  ...['revision', 'revisionUID', 'service', 'serviceUID'].map(knative),
  ...REPLICA_SET,
];

const COMPONENTS = ['predictor', 'transformer', 'explainer'];

/** Where a predictor may write its container besides `containers`. */
const FRAMEWORKS = [
  ...['model', 'sklearn', 'xgboost', 'tensorflow', 'pytorch', 'triton', 'onnx'],
  ...['huggingface', 'pmml', 'lightgbm', 'paddle'],
];

export function inferenceService({ object, name }: Resource): PodFacts[] {
  const metadata = objectAt(object, 'metadata');
  const annotations = labelsAt(metadata, 'annotations');
  const mode = annotations['serving.kserve.io/deploymentMode'];
  return COMPONENTS.flatMap((component) => {
    const part = field(objectAt(object, 'spec'), component);
    if (!isObject(part)) return [];
    const labels = {
      ...labelsAt(metadata, 'labels'),
      ...labelsAt(part, 'labels'),
      'serving.kserve.io/inferenceservice': name,
      component,
      ...appLabel(mode, `${name}-${component}`),
    };
    const spec = withServer(part);
    return [
      podOf(
        { spec },
        {
          labels,
          openLabels: isRaw(mode) ? REPLICA_SET : REVISION,
          annotations: { ...annotations, ...labelsAt(part, 'annotations') },
          ports: mode === 'Serverless' || mode === 'Knative' ? QUEUE_PROXY : [],
          // the serving runtime declares the server's own ports
          portsKnown: false,
          replicas: numberAt(part, 'minReplicas'),
        },
      ),
    ];
  });
}

export function knativeService({ object, name }: Resource): PodFacts[] {
  const template = objectAt(object, 'spec', 'template');
  const labels: Labels = {
    'serving.knative.dev/service': name,
    'serving.knative.dev/configuration': name,
  };
  const containers = objectsAt(objectAt(template, 'spec'), 'containers');
  const declares = containers.some((container) => objectsAt(container, 'ports').length > 0);
  const user: ContainerPort[] = declares
    ? []
    : [{ name: 'user-port', port: 8080, protocol: Protocol.TCP }];
  return [podOf(template, { labels, openLabels: REVISION, ports: [...user, ...QUEUE_PROXY] })];
}

function knative(name: string): string {
  return `serving.knative.dev/${name}`;
}

function appLabel(mode: string | undefined, part: string): Labels {
  return isRaw(mode) ? { app: `isvc.${part}` } : {};
}

function isRaw(mode: string | undefined): boolean {
  return mode === 'RawDeployment' || mode === 'Standard';
}

/** The part's pod spec, with the model server's container where it stands apart. */
function withServer(part: JsonObject): JsonObject {
  const server = FRAMEWORKS.map((name) => field(part, name)).find(
    (one) => one !== undefined && isObject(one),
  );
  if (server === undefined || !isObject(server)) return part;
  const named = { name: textAt(server, 'name') ?? 'kserve-container', ...server };
  return { ...part, containers: [...objectsAt(part, 'containers'), named] };
}
