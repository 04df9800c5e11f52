/**
 * A synthesized folder as a mesh that can be asked: a pod for each class of pods of each workload, a
 * Service for each port, and two callers that nobody declared: one with a sidecar and the labels
 * and account name of somebody who may, and one without a sidecar.
 */

import { ask } from '../../../src/engine/ask';
import { explain } from '../../../src/engine/explain';
import type { Question } from '../../../src/engine/question';
import { World } from '../../../src/engine/world';
import type { Cluster, PodFacts, WorkloadFacts } from '../../../src/read/cluster';
import { clusterOf } from '../../../src/read/cluster-of';
import { readPaths } from '../../../src/read/files';
import type { MeshPod } from '../../naive/istio-world';
import type { NetworkPolicy } from '../../naive/world';
import type { Manifest } from '../apiserver/api-client';
import type { Ask, MeshScene } from './mesh-cluster';
import type { MeshService } from './mesh-manifests';

export interface Case {
  readonly name: string;
  readonly ask: Ask;
  readonly question: Question;
  /** Who may answer: `namespace/name`. */
  readonly servers: readonly string[];
}

export interface ExampleScene {
  readonly scene: MeshScene;
  /** Istio's objects. */
  readonly manifests: readonly Manifest[];
  readonly cases: readonly Case[];
  verdict(one: Case): string;
  evidence(one: Case): string;
}

interface Member {
  readonly id: string;
  readonly workload: WorkloadFacts;
  readonly facts: PodFacts;
  readonly pod: MeshPod;
}

type Request = Pick<Question, 'method' | 'path'>;

export interface ExampleOptions {
  /** What everybody asks of every port whose requests a proxy reads. */
  readonly requests: readonly Request[];
  /** The workload whose labels and account name the strangers have. */
  readonly impostor: string;
}

export function exampleScene(folder: string, { requests, impostor }: ExampleOptions): ExampleScene {
  const cluster = clusterOf(readPaths([folder]));
  const declared = cluster.workloads.flatMap((one) =>
    variantsOf(one).map((facts) => [one, facts] as const),
  );
  const copied = declared.find(([{ id }]) => id === impostor);
  if (copied === undefined) throw new Error(`nobody is ${impostor}`);
  const strangers = [true, false].map((inMesh) => strangerLike(copied, inMesh));
  const members = [...declared, ...strangers].map(([workload, facts], index) =>
    memberOf(workload, facts, index),
  );
  const services = servicesOf(members);
  const world = new World(withMembers(cluster, members));
  return {
    scene: {
      pods: members.map(({ pod }) => pod),
      namespaces: Object.fromEntries(
        cluster.namespaces.map(({ name, labels }) => [name, { labels }]),
      ),
      policies: cluster.networkPolicies.map(
        ({ resource }) => resource.object as unknown as NetworkPolicy,
      ),
      services,
    },
    manifests: [
      ...[...cluster.authorizationPolicies, ...cluster.peerAuthentications],
      ...[...cluster.requestAuthentications, ...cluster.istioNetworking],
    ].map(({ resource }) => resource.object as unknown as Manifest),
    cases: members.flatMap((from) =>
      services.flatMap((service) => casesOf(from, service, members, requests)),
    ),
    verdict: ({ question }) => ask(world, question).verdict,
    evidence: ({ question }) => JSON.stringify(explain(world, question).layers, undefined, 1),
  };
}

/** Pods that have a version, where some have. */
function variantsOf({ pods }: WorkloadFacts): readonly PodFacts[] {
  const most = Math.max(...pods.map(({ labels }) => Object.keys(labels).length));
  return pods.filter(({ labels }) => Object.keys(labels).length === most);
}

function strangerLike(
  [workload, facts]: readonly [WorkloadFacts, PodFacts],
  inMesh: boolean,
): readonly [WorkloadFacts, PodFacts] {
  const name = inMesh ? 'stranger' : 'plain';
  const namespace = 'strangers';
  return [
    { ...workload, namespace, name, id: `${namespace}/Pod/${name}` },
    { ...facts, inMesh, ports: [] },
  ];
}

function memberOf(workload: WorkloadFacts, facts: PodFacts, index: number): Member {
  const ip = `10.244.0.${String(index + 1)}`;
  const { namespace, name } = workload;
  const pod: MeshPod = {
    ...{ namespace, name: `${name}-${String(index)}`, labels: facts.labels, ip, ips: [ip] },
    ...{ serviceAccount: facts.serviceAccount, inMesh: facts.inMesh ?? true },
    ports: facts.ports.map(({ name: called = 'tcp', port }) => ({
      name: called,
      containerPort: port,
    })),
    httpPorts: facts.ports.filter(isHttp).map(({ port }) => port),
  };
  return { id: `${namespace}/Pod/${pod.name}`, workload, facts, pod };
}

function isHttp({ appProtocol = '' }: PodFacts['ports'][number]): boolean {
  return /^(http|grpc)$/.test(appProtocol);
}

/**
 * One for each port, the first with the workload's name: routes that an example writes for a Service
 * are about all its ports, and no Service of an example has the port of metrics.
 */
function servicesOf(members: readonly Member[]): MeshService[] {
  const owners = [...new Set(members.map(({ workload }) => workload))];
  return owners.flatMap((workload, owner) => {
    const pods = members.filter((one) => one.workload === workload).map(({ pod }) => pod);
    return (pods[0]?.ports ?? []).map(
      ({ name = 'tcp', containerPort: port }, index): MeshService => ({
        namespace: workload.namespace,
        name: index === 0 ? workload.name : `${workload.name}-${String(port)}`,
        clusterIP: `10.96.${String(owner + 1)}.${String(index + 1)}`,
        ...{ ports: [{ name, port }], pods },
      }),
    );
  });
}

/** Who has no sidecar asks a pod: nobody else would turn a Service's address into one. */
function casesOf(
  from: Member,
  { namespace, name, clusterIP, ports, pods }: MeshService,
  members: readonly Member[],
  requests: readonly Request[],
): Case[] {
  const to = members.find(({ pod }) => pod === pods[0]);
  if (to === undefined || to.workload === from.workload) return [];
  const address = from.pod.inMesh ? clusterIP : (to.pod.ip ?? '');
  return ports.flatMap(({ port }) => {
    const some = to.pod.httpPorts.includes(port) ? requests : [{}];
    return some.map((request): Case => ({
      name: `${from.id} -> ${name}.${namespace}:${String(port)} ${JSON.stringify(request)}`,
      servers: pods.map((pod) => `${namespace}/${pod.name}`),
      ask: {
        ...{ from: from.pod, to: `${address}:${String(port)}`, ...request },
        host: `${name}.${namespace}.svc.cluster.local:${String(port)}`,
      },
      question: {
        ...{ from: { kind: 'workload', id: from.id }, to: { kind: 'workload', id: to.id } },
        ...{ protocol: 'TCP', port, ...request },
      },
    }));
  });
}

/** The same cluster, with the pods that there are. */
function withMembers(cluster: Cluster, members: readonly Member[]): Cluster {
  const [like] = cluster.namespaces;
  if (like === undefined) throw new Error('there is no namespace');
  const labels = { 'kubernetes.io/metadata.name': 'strangers' };
  return {
    ...cluster,
    namespaces: [...cluster.namespaces, { ...like, name: 'strangers', labels }],
    workloads: members.map(({ id, pod, facts }) => ({
      ...{ id, namespace: pod.namespace, kind: 'Pod', name: pod.name },
      pods: [{ ...facts, openLabels: [], portsKnown: true, addresses: pod.ips ?? [] }],
    })),
  };
}
