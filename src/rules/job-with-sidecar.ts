/** MLN301: jobs that never end because their proxy does not. */
import type { PodClass } from '../engine/pods';
import { about, everyPlace } from './about';
import type { Found, Rule } from './rule';

/** Pods of these kinds end, and the owner waits for every container of them. */
const ENDING = [
  ...['Job', 'CronJob', 'JobSet', 'TrainJob', 'PyTorchJob', 'TFJob', 'MPIJob'],
  ...['XGBoostJob', 'PaddleJob', 'JAXJob', 'SparkApplication', 'ScheduledSparkApplication'],
];

export const jobWithSidecar: Rule = {
  code: 'MLN301',
  name: 'job-with-sidecar',
  severity: 'warning',
  summary: 'a job in the mesh does not end',
  why:
    'A classic sidecar runs beside the job’s container and does not stop with it: the pod never ends, ' +
    'the job never succeeds, and whoever waits for it waits for ever.',
  whenNot:
    'Sidecars are native throughout the cluster (Kubernetes 1.29 with ENABLE_NATIVE_SIDECARS, the ' +
    'default from Istio 1.27). Switch the rule off.',
  sources: ['kubeflow/katib#1042', 'kubeflow/katib#1638'],
  examples: {
    bad: { yaml: example('') },
    good: { yaml: example('annotations: { sidecar.istio.io/nativeSidecar: "true" }') },
  },
  check: (world) =>
    everyPlace(world).flatMap((place): Found[] => {
      const own = world.classes[place];
      const resource = own?.workload.resource;
      if (own === undefined || resource === undefined || !ENDING.includes(own.workload.kind))
        return [];
      if (world.proxyAt(place) !== 'sidecar' || isNative(own) || endsProxy(own)) return [];
      return [
        {
          ...about(resource),
          message: 'the job’s pods run beside a proxy that does not end',
          got: 'a classic sidecar',
          expected: 'a native sidecar, or pods outside the mesh',
          fix: 'annotation sidecar.istio.io/nativeSidecar: "true" on the pod template, or label sidecar.istio.io/inject: "false"',
        },
      ];
    }),
};

function example(annotations: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: ml-training, labels: { istio-injection: enabled } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: bert, namespace: ml-training }
spec:
  template:
    metadata: { ${annotations} }
    spec: { containers: [{ name: main, image: bert }], restartPolicy: Never }
`;
}

function isNative({ pods: { annotations, containers } }: PodClass): boolean {
  if (annotations['sidecar.istio.io/nativeSidecar'] === 'true') return true;
  // injected by hand, as an init container
  return containers.some(({ name, init }) => name === 'istio-proxy' && init);
}

/** The job’s own command stops the proxy. */
function endsProxy({ pods: { containers } }: PodClass): boolean {
  return containers.some(({ command }) => command.some((text) => text.includes('quitquitquit')));
}
