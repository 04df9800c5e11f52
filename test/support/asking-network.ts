/**
 * Small clusters in the form of manifests, and what the engine says of a connection in them.
 */
import type { End } from '../../src/engine/network';
import { Network } from '../../src/engine/network';
import { addressOf } from '../../src/engine/addresses';
import type { Cluster, ClusterFacts } from '../../src/read/cluster';
import { Protocol } from '../../src/values/port';
import type { ClusterNetworkPolicy, ClusterWorld } from '../naive/cluster-network-policy';
import type { NetworkPolicy, Pod } from '../naive/world';
import { clusterOfClusterWorld } from './cluster-policies-of-world';

/** `namespace/name` of a pod, or an address. */
export type Name = string;

export interface Answer {
  readonly verdict: 'ALLOWED' | 'DENIED' | 'UNKNOWN';
  readonly facts: readonly string[];
}

export interface Story extends Partial<ClusterWorld> {
  readonly pods: readonly Pod[];
  readonly profile?: Partial<ClusterFacts>;
  /** What the manifests cannot say. */
  readonly change?: (cluster: Cluster) => Cluster;
}

export function clusterOf({ profile, change = (it) => it, ...world }: Story): Cluster {
  const names = world.pods.map(({ namespace }) => namespace);
  const namespaces = Object.fromEntries(names.map((name) => [name, {}]));
  const cluster = clusterOfClusterWorld({
    policies: [],
    ...world,
    namespaces: { ...namespaces, ...world.namespaces },
  });
  return change({ ...cluster, profile: { ...cluster.profile, ...profile } });
}

/** Port 80 of TCP, where nothing else is asked. */
export function asking(story: Story) {
  const network = new Network(clusterOf(story));
  const { pods, pool } = network.compilation;
  const endOf = (name: Name): End => {
    const address = addressOf(name);
    if (address !== undefined) return address;
    const place = pods.classes.findIndex(
      ({ workload }) => `${workload.namespace}/${workload.name}` === name,
    );
    if (place < 0) throw new Error(`there is no pod ${name}`);
    return { place };
  };
  return (from: Name, to: Name, port = 80, protocol = Protocol.TCP): Answer => {
    const { sure, unsure, facts } = network.between(endOf(from), endOf(to));
    if (pool.has(sure, protocol, port)) return { verdict: 'ALLOWED', facts: [] };
    const unknown = pool.has(unsure, protocol, port);
    return unknown ? { verdict: 'UNKNOWN', facts } : { verdict: 'DENIED', facts: [] };
  };
}

export function policy(
  namespace: string,
  spec: NetworkPolicy['spec'],
  name = 'policy',
): NetworkPolicy {
  return { metadata: { namespace, name }, spec };
}

export function clusterPolicy(
  name: string,
  spec: Partial<ClusterNetworkPolicy['spec']>,
): ClusterNetworkPolicy {
  return {
    metadata: { name },
    spec: { tier: 'Admin', priority: 5, subject: { namespaces: {} }, ...spec },
  };
}
