/**
 * One Job for each source, with the labels, the service account and the namespace of its pods, so that
 * the same policies hold it. It is never ready, so that no Service sends it traffic; it ends by itself
 * and is removed by the cluster.
 */
import { createHash } from 'node:crypto';
import { dump } from 'js-yaml';
import type { PodFacts } from '../read/cluster';
import type { World } from '../engine/world';
import { Protocol } from '../values/port';
import type { Probe } from './probes';
import { PROGRAM } from './program';

/** On every object of a verification, and on its pods. */
export const VERIFY = 'cdk8s-ml-netpol/verify';

/** For one attempt: the program's limit, and its start. */
const SECONDS_EACH = 6;
const SECONDS_TO_START = 120;

/** Set by the Job controller for its own pods. */
const OF_JOBS = /^(controller-uid|job-name|batch\.kubernetes\.io\/.*)$/;

export interface ProbeJob {
  readonly namespace: string;
  readonly name: string;
  readonly probes: readonly Probe[];
  /** After which it is ended. */
  readonly seconds: number;
}

export function jobsOf(probes: readonly Probe[]): ProbeJob[] {
  const bySource = new Map<string, Probe[]>();
  for (const one of probes) bySource.set(one.from, [...(bySource.get(one.from) ?? []), one]);
  return [...bySource].map(([from, own]) => {
    const [namespace = ''] = from.split('/');
    const seconds = SECONDS_TO_START + SECONDS_EACH * own.length;
    return { namespace, name: nameFor(from), probes: own, seconds };
  });
}

/** The objects as YAML, one document each. */
export function probeYaml(world: World, probes: readonly Probe[], image: string): string {
  const pods = new Map(
    world.cluster.workloads.map(({ id, pods: [first] }) => [id, first] as const),
  );
  const jobs = jobsOf(probes).flatMap((job) => {
    const own = pods.get(job.probes[0]?.from ?? '');
    return own === undefined ? [] : [configMapOf(job), jobOf(job, own, image)];
  });
  const objects = [...servicesFor(world, probes), ...jobs];
  return objects.map((object) => `---\n${dump(object, { lineWidth: -1, noRefs: true })}`).join('');
}

function configMapOf(job: ProbeJob): object {
  return {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(job) },
    data: {
      'probe.js': PROGRAM,
      'probes.json': JSON.stringify(job.probes.map((one) => ({ ...one, address: addressOf(one) }))),
    },
  };
}

/** `model-api.llm-serving.svc`: the pods' own search list adds the cluster's domain. */
function addressOf({ to }: Probe): string {
  const [namespace = '', kind, name = ''] = to.split('/');
  return `${kind === 'Service' ? name : nameFor(to)}.${namespace}.svc`;
}

/** For pods that have no Service: a headless one, for as long as the probes run. */
function servicesFor(world: World, probes: readonly Probe[]): object[] {
  const alone = new Set(probes.map(({ to }) => to));
  return world.cluster.workloads.flatMap(({ id, namespace, pods: [pods] }) => {
    if (!alone.has(id) || pods === undefined) return [];
    const ports = pods.ports.filter(({ protocol }) => protocol !== Protocol.SCTP);
    return [
      {
        ...{ apiVersion: 'v1', kind: 'Service' },
        metadata: metadataOf({ namespace, name: nameFor(id) }),
        spec: {
          clusterIP: 'None',
          selector: pods.labels,
          ports: ports.map(({ port, protocol, name, appProtocol }) => ({
            ...{ name: name ?? `port-${port}`, port, protocol },
            ...(appProtocol !== undefined && { appProtocol }),
          })),
        },
      },
    ];
  });
}

/** `verify-trainer-1a2b3c4d`: short enough for a label, one for each workload. */
function nameFor(id: string): string {
  const name = (id.split('/')[2] ?? '').slice(0, 40).replace(/[^a-z0-9]+/g, '-');
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 8);
  return `verify-${name.replace(/-+$/, '')}-${hash}`;
}

function jobOf(job: ProbeJob, { labels, serviceAccount }: PodFacts, image: string): object {
  const own = Object.entries(labels).filter(([key]) => !OF_JOBS.test(key));
  return {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: metadataOf(job) },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: job.seconds,
      ttlSecondsAfterFinished: 600,
      template: {
        metadata: {
          labels: { ...Object.fromEntries(own), [VERIFY]: 'probe' },
          annotations: {
            // else the proxy of the mesh keeps the Job from ending, or starts after the probe
            'sidecar.istio.io/nativeSidecar': 'true',
            'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}',
          },
        },
        spec: {
          serviceAccountName: serviceAccount,
          automountServiceAccountToken: false,
          restartPolicy: 'Never',
          securityContext: {
            ...{ runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532 },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'probe',
              image,
              command: ['node', '/probe/probe.js', '/probe/probes.json'],
              // never ready: the Services of these labels must not send it traffic
              readinessProbe: { exec: { command: ['false'] } },
              resources: {
                requests: { cpu: '10m', memory: '64Mi' },
                limits: { memory: '128Mi' },
              },
              securityContext: {
                ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'probe', mountPath: '/probe', readOnly: true }],
            },
          ],
          volumes: [{ name: 'probe', configMap: { name: job.name } }],
        },
      },
    },
  };
}

function metadataOf({ namespace, name }: Pick<ProbeJob, 'namespace' | 'name'>): object {
  return { name, namespace, labels: { [VERIFY]: 'probe' } };
}
