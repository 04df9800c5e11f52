/** MLN218: pods of one distributed job that may not talk on every port among themselves. */
import type { NetworkPolicyFacts } from '../read/cluster';
import { Protocol } from '../values/port';
import type { Direction } from '../engine/compilation';
import type { PodClass } from '../engine/pods';
import type { World } from '../engine/world';
import { about, everyPlace, grouped, nameAt } from './about';
import type { Found, Rule } from './rule';

/** What pods of one job have in common, and pods of two jobs have not. */
const JOB_LABELS = [
  'training.kubeflow.org/job-name',
  'jobset.sigs.k8s.io/jobset-name',
  'leaderworkerset.sigs.k8s.io/name',
  'volcano.sh/job-name',
  'ray.io/cluster',
  'sparkoperator.k8s.io/app-name',
  'dask.org/cluster-name',
];

/** Their operators make up the label's value. */
const JOB_KINDS = ['RayJob', 'RayService', 'TrainJob', 'ScheduledSparkApplication'];

/** Sockets of NCCL, Gloo, MPI, Ray and Spark are bound to whatever port is free. */
const EPHEMERAL = [1024, 65535] as const;

export const jobPeersIncomplete: Rule = {
  code: 'MLN218',
  name: 'job-peers-incomplete',
  severity: 'error',
  summary: 'pods of one distributed job cannot talk on every port among themselves',
  why:
    'Only the first meeting has a port of its own. Then NCCL, Gloo, MPI, Ray and Spark bind ' +
    'whatever port is free, on every pod, so that a job with one open port meets and then hangs.',
  whenNot:
    'Every port is pinned by the job’s settings, as Ray in a mesh needs it. Acknowledge it on the policy.',
  sources: ['NVIDIA/nccl:src/misc/socket.cc', 'kubeflow/trainer#3120'],
  examples: {
    bad: { yaml: example('ports: [{ port: 29500 }]') },
    good: { yaml: example('') },
  },
  check: (world) => {
    const members = everyPlace(world).flatMap((place) => {
      const own = world.classes[place];
      const job = own === undefined ? undefined : jobOf(own);
      return own === undefined || job === undefined ? [] : [{ own, job }];
    });
    return [
      ...grouped(members, ({ own, job }) => `${own.workload.namespace} ${job}`).values(),
    ].flatMap((group) =>
      incomplete(
        world,
        group[0]?.job ?? '',
        group.map(({ own }) => own),
      ),
    );
  },
};

function example(ports: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: bert, namespace: ml-training }
spec:
  podSelector: { matchLabels: { training.kubeflow.org/job-name: bert } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { training.kubeflow.org/job-name: bert } } }]
      ${ports}
---
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: { name: bert, namespace: ml-training }
spec:
  pytorchReplicaSpecs:
    Worker:
      replicas: 4
      template: { spec: { containers: [{ name: pytorch, image: bert }] } }
`;
}

/** `key: value` of the job's label. */
function jobOf({ pods, workload }: PodClass): string | undefined {
  const key = JOB_LABELS.find((one) => Object.hasOwn(pods.labels, one));
  if (key !== undefined) return `${key}: ${pods.labels[key] ?? ''}`;
  return JOB_KINDS.includes(workload.kind)
    ? `pods of ${workload.kind} ${workload.name}`
    : undefined;
}

function incomplete(world: World, job: string, members: readonly PodClass[]): Found[] {
  for (const from of members) {
    for (const to of members) {
      if (from === to && (!isSeveral(from) || from.pods.hostNetwork)) continue;
      const blocked = blocker(world, from, to, 'egress') ?? blocker(world, to, from, 'ingress');
      if (blocked === undefined) continue;
      const { policy, direction, ports } = blocked;
      const [source, target] = [nameAt(world, from.index), nameAt(world, to.index)];
      const what = direction === 'egress' ? 'to' : 'from';
      return [
        {
          ...about(policy.resource, ['spec']),
          message: `pods of one job (${job}) cannot talk on every port among themselves`,
          got: `${direction} ${source} -> ${target}: ${ports}`,
          expected: 'every TCP port, in both directions',
          fix: `spec.${direction}: add {${what}: [{podSelector: {matchLabels: {${job}}}}]}, without ports`,
        },
      ];
    }
  }
  return [];
}

/** Whether there are several pods of a class, or may be: a model does not count them. */
function isSeveral({ pods: { replicas }, workload }: PodClass): boolean {
  return replicas === undefined ? workload.kind === 'Workload' : replicas > 1;
}

interface Blocked {
  readonly policy: NetworkPolicyFacts;
  readonly direction: Direction;
  readonly ports: string;
}

function blocker(
  world: World,
  own: PodClass,
  peer: PodClass,
  direction: Direction,
): Blocked | undefined {
  if (own.pods.hostNetwork || peer.pods.hostNetwork) return undefined;
  const { sure, unsure } = world.half(own.index, direction, peer.index);
  const { pool } = world.reach;
  const isOpen = pool
    .rangesOf(pool.union(sure, unsure), Protocol.TCP)
    .some(([low, high]) => low <= EPHEMERAL[0] && EPHEMERAL[1] <= high);
  if (isOpen) return undefined;
  const [policy] = world.policies.isolating(own.index, direction);
  if (policy === undefined) return undefined;
  const open = pool.rangesOf(sure, Protocol.TCP).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`));
  return {
    policy,
    direction,
    ports: open.length === 0 ? 'no port' : `only TCP ${open.join(', ')}`,
  };
}
