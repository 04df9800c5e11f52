/**
 * A synthesized folder as a cluster that can be dialed: each class of pods that `ml-netpol reach` tells
 * of becomes a pod with addresses of its own, also those that no manifest shows: any other pod of each
 * namespace, and a pod that just fits each peer of a policy. The mesh is off: what is left is network policy.
 */

import { World } from '../../../src/engine/world';
import type { Cluster, PodFacts, WorkloadFacts } from '../../../src/read/cluster';
import { clusterOf } from '../../../src/read/cluster-of';
import { readPaths } from '../../../src/read/files';
import type { NetworkPolicy, Pod, World as NaiveWorld } from '../../naive/world';
import type { Cell } from './felix-cluster';
import type { Prediction } from './prediction';
import { predictionIn } from './prediction';

export interface Matrix {
  readonly world: NaiveWorld;
  readonly cells: readonly Cell[];
  readonly prediction: Prediction;
}

/** Asked of everybody: what nearly all may send to somebody, and what to others. */
const OTHER_PORTS = [
  { protocol: 'TCP', port: 443 },
  { protocol: 'UDP', port: 53 },
] as const;

interface Member {
  readonly workload: WorkloadFacts;
  readonly facts: PodFacts;
  readonly pod: Pod;
}

export function matrixOf(folder: string): Matrix {
  const shown = new World(withoutMesh(clusterOf(readPaths([folder]))), { perPeer: true }).cluster;
  const members = membersOf(shown);
  const world = {
    namespaces: Object.fromEntries(
      shown.namespaces.map(({ name, labels }) => [nameOf(name), { labels }]),
    ),
    pods: members.map(({ pod }) => pod),
    policies: shown.networkPolicies.map(
      ({ resource }) => resource.object as unknown as NetworkPolicy,
    ),
  };
  return { world, cells: cellsOf(members), prediction: predictionFor(shown, members) };
}

/** The same cluster before there were policies. */
export function before({ world, cells }: Matrix): Matrix {
  const prediction: Prediction = {
    verdict: () => 'ALLOWED',
    evidence: () => 'there is no policy',
  };
  return { world: { ...world, policies: [] }, cells, prediction };
}

function withoutMesh(cluster: Cluster): Cluster {
  const { profile } = cluster;
  return {
    ...cluster,
    ...{ authorizationPolicies: [], peerAuthentications: [], requestAuthentications: [] },
    istioNetworking: [],
    profile: { ...profile, mesh: { ...profile.mesh, mode: 'none' } },
  };
}

/** Every class of pods has two pods, so that it can be asked about its own. */
function membersOf({ workloads }: Cluster): Member[] {
  const classes = workloads.flatMap((workload) =>
    workload.pods.filter(({ hostNetwork }) => !hostNetwork).map((facts) => ({ workload, facts })),
  );
  return classes.flatMap(({ workload, facts }, index) =>
    [0, 1].map((which): Member => {
      const { namespace, kind, name } = workload;
      const number = index * 2 + which;
      const pod = {
        namespace: nameOf(namespace),
        name: nameOf(`${kind}-${name}-${String(number)}`),
        labels: facts.labels,
        ports: facts.ports.map(({ name: called, port, protocol }) => ({
          ...(called === undefined ? {} : { name: called }),
          ...{ containerPort: port, protocol },
        })),
        ips: addressesAt(number),
      };
      return { workload, facts, pod };
    }),
  );
}

/** Where pods of many clusters are. */
function addressesAt(number: number): string[] {
  const [high, low] = [Math.floor(number / 250), (number % 250) + 1];
  return [`10.244.${String(high)}.${String(low)}`, `fd00:10:244::${(number + 1).toString(16)}`];
}

/** From the first pod of each class to the first of all others, and to the second of its own. */
function cellsOf(members: readonly Member[]): Cell[] {
  const firsts = members.filter((_, index) => index % 2 === 0);
  return firsts.flatMap((from) => {
    const targets = members.filter((to, index) =>
      index % 2 === 0 ? to !== from : to.facts === from.facts,
    );
    return targets.flatMap((to) =>
      portsOf(to).map((port): Cell => ({ from: from.pod, to: to.pod, ...port })),
    );
  });
}

function portsOf({ facts }: Member): readonly Pick<Cell, 'protocol' | 'port'>[] {
  const own = facts.ports.map(({ port, protocol }) => ({ port, protocol }));
  const all = new Map([...own, ...OTHER_PORTS].map((one) => [JSON.stringify(one), one]));
  return [...all.values()];
}

/** What reach says; where it does not know, what it says as soon as the pods have addresses and ports. */
function predictionFor(shown: Cluster, members: readonly Member[]): Prediction {
  const ids = new Map(members.map(({ pod, workload }) => [pod, workload.id]));
  const said = predictionIn(shown, (pod) => ids.get(pod) ?? '');
  const filled = predictionIn(withPods(shown, members), (pod) => podId(pod));
  const knowing = (cell: Cell): Prediction => (said.verdict(cell) === 'UNKNOWN' ? filled : said);
  return {
    verdict: (cell) => knowing(cell).verdict(cell),
    evidence: (cell) => knowing(cell).evidence(cell),
  };
}

function withPods(cluster: Cluster, members: readonly Member[]): Cluster {
  return {
    ...cluster,
    namespaces: cluster.namespaces.map((one) => ({
      ...one,
      name: nameOf(one.name),
      labels: { ...one.labels, 'kubernetes.io/metadata.name': nameOf(one.name) },
      labelsKnown: true,
    })),
    workloads: members.map(({ pod, facts }) => ({
      ...{ id: podId(pod), namespace: pod.namespace, kind: 'Pod', name: pod.name },
      pods: [{ ...facts, openLabels: [], portsKnown: true, addresses: pod.ips ?? [] }],
    })),
  };
}

function podId({ namespace, name }: Pod): string {
  return `${namespace}/Pod/${name}`;
}

/** Names of pods and namespaces that nobody wrote are none that an API server takes. */
function nameOf(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return plain.slice(-60).replace(/^-|-$/g, '');
}
