/**
 * Random clusters of which not everything is known: namespaces without labels, pods without addresses
 * or ports, policies that nobody understands. With what each unknown fact may turn out to be.
 */
import type { Cluster, PodFacts } from '../../src/read/cluster';
import type { ClusterWorld } from '../naive/cluster-network-policy';
import type { ContainerPort, Pod } from '../naive/world';
import { clusterOfClusterWorld } from '../support/cluster-policies-of-world';
import type { Dice } from './dice';
import { ADDRESSES, labels, NAMESPACES, PORT_NAMES, PORTS, protocol } from './l4-pools';
import { clusterNetworkPolicy, networkPolicy } from './l4-policies';

/** A world, and what of it is not known. */
export interface Partial4 {
  readonly world: ClusterWorld;
  /** Namespaces whose labels nobody tells. */
  readonly namespaces: ReadonlySet<string>;
  /** Pods whose ports nobody tells: by name. */
  readonly ports: ReadonlySet<string>;
  /** Policies that are not understood: by name. */
  readonly policies: ReadonlySet<string>;
  /** Pods of one controller: pod by controller. */
  readonly owners: ReadonlyMap<string, string>;
  readonly podRanges?: readonly string[];
  readonly nodeRanges?: readonly string[];
}

export function partialWorld(dice: Dice): Partial4 {
  const names = NAMESPACES.slice(0, 2 + dice.below(3));
  const unknown = names.filter(() => dice.chance(0.2));
  const nodes = someNodes(dice);
  const pods = dice.list(3, 7, (index) => pod(dice, { names, nodes }, index));
  const policies = dice.list(1, 5, (index) => networkPolicy(dice, names, index));
  const clusterPolicies = dice.chance(0.5)
    ? dice.list(1, 3, (index) => clusterNetworkPolicy(dice, index))
    : [];
  const namespaces = Object.fromEntries(
    names.map((name) => [
      name,
      { labels: unknown.includes(name) ? {} : labels(dice, 'namespaces') },
    ]),
  );
  if (unknown.length > 0) dice.has('namespace without labels', unknown);
  return {
    world: { namespaces, pods, policies, clusterPolicies, nodes },
    namespaces: new Set(unknown),
    ports: some(
      dice,
      pods.map(({ name }) => name),
      0.08,
      'ports not known',
    ),
    policies: some(
      dice,
      [...policies, ...clusterPolicies].map(({ metadata }) => metadata.name),
      0.03,
      'policy not understood',
    ),
    owners: owners(dice, pods),
    ...ranges(dice),
  };
}

function some(dice: Dice, names: string[], share: number, feature: string): Set<string> {
  const found = names.filter(() => dice.chance(share));
  return found.length > 0 ? dice.has(feature, new Set(found)) : new Set();
}

interface Places {
  readonly names: readonly string[];
  readonly nodes: readonly Node[];
}

type Node = NonNullable<ClusterWorld['nodes']>[number];

function pod(dice: Dice, { names, nodes }: Places, index: number): Pod {
  const base = {
    namespace: dice.from(names) ?? 'ml',
    name: `pod-${String(index)}`,
    labels: labels(dice, 'pods'),
    ports: dice.list(0, 2, () => containerPort(dice)),
  };
  if (dice.chance(0.12)) {
    // of a node that is listed, or of one that is not
    const { ips } = (dice.chance(0.6) ? dice.from(nodes) : undefined) ?? {
      ips: dice.chance(0.3) ? ['192.0.2.9'] : [],
    };
    const own = ips.length === 0 ? 'without address' : 'with address';
    return dice.has(`hostNetwork ${own}`, { ...base, hostNetwork: true, ips, ...hostIp(ips) });
  }
  const known = dice.chance(0.75);
  const ips = known ? addresses(dice, ADDRESSES.pods4, ADDRESSES.pods6) : [];
  dice.has(['address not known', 'one address', 'dual stack'][ips.length] ?? '', ips);
  if (ips.length === 1 && ips[0]?.includes(':')) dice.has('IPv6 only', ips);
  return { ...base, ips, ...(dice.chance(0.3) ? hostIp([dice.pick(ADDRESSES.nodes4)]) : {}) };
}

function hostIp([hostIP]: readonly string[]): { hostIP?: string } {
  return hostIP === undefined ? {} : { hostIP };
}

function addresses(
  dice: Dice,
  v4: readonly [string, ...string[]],
  v6: readonly [string, ...string[]],
): string[] {
  const which = dice.below(4);
  if (which === 0) return [dice.pick(v6)];
  return which === 1 ? [dice.pick(v4), dice.pick(v6)] : [dice.pick(v4)];
}

function containerPort(dice: Dice): ContainerPort {
  const named = dice.chance(0.8) ? { name: dice.pick(PORT_NAMES) } : {};
  return { ...named, containerPort: dice.pick(PORTS), protocol: protocol(dice) };
}

function someNodes(dice: Dice): Node[] {
  return dice.list(0, 2, (index) => ({
    labels: Object.fromEntries(dice.chance(0.7) ? [['pool', dice.pick(['gpu', 'cpu'])]] : []),
    ips: [ADDRESSES.nodes4, ADDRESSES.nodes6].flatMap((pool) =>
      dice.chance(0.8) ? [pool[index] ?? pool[0]] : [],
    ),
  }));
}

/** Pods of one namespace in one workload; the rest stand alone. */
function owners(dice: Dice, pods: readonly Pod[]): Map<string, string> {
  const owned = pods.filter(() => dice.chance(0.4));
  return new Map(owned.map(({ name }) => [name, dice.pick(['a', 'b'])]));
}

function ranges(dice: Dice): Pick<Partial4, 'podRanges' | 'nodeRanges'> {
  const podRanges = dice.pick([['10.1.0.0/16'], ['10.1.0.0/24', 'fd00::/32']]);
  return {
    ...(dice.chance(0.3) ? dice.has('podRanges', { podRanges }) : {}),
    ...(dice.chance(0.2) ? dice.has('nodeRanges', { nodeRanges: ['192.0.2.0/24'] }) : {}),
  };
}

/** What the engine is given, and which pod each of its classes is. */
export function clusterOf(partial: Partial4): { cluster: Cluster; pods: Map<PodFacts, Pod> } {
  const { world, namespaces, ports, policies, owners: owned, podRanges, nodeRanges } = partial;
  const cluster = clusterOfClusterWorld(world);
  const unclear = (name: string): { unclear: { path: []; why: string }[] } => ({
    unclear: policies.has(name) ? [{ path: [], why: 'unknown field' }] : [],
  });
  const pods = new Map<PodFacts, Pod>();
  const workloads = new Map<string, Cluster['workloads'][number] & { pods: PodFacts[] }>();
  world.pods.forEach((pod, index) => {
    const alone = cluster.workloads[index];
    if (alone === undefined) return;
    const facts = alone.pods.map((one) => ({ ...one, portsKnown: !ports.has(pod.name) }));
    facts.forEach((one) => pods.set(one, pod));
    const id = `${pod.namespace}/Pod/${owned.get(pod.name) ?? pod.name}`;
    const workload = workloads.get(id);
    if (workload === undefined) workloads.set(id, { ...alone, id, pods: facts });
    else workload.pods.push(...facts);
  });
  return {
    cluster: {
      ...cluster,
      namespaces: cluster.namespaces.filter(({ name }) => !namespaces.has(name)),
      workloads: [...workloads.values()],
      networkPolicies: cluster.networkPolicies.map((one) => ({ ...one, ...unclear(one.name) })),
      clusterNetworkPolicies: cluster.clusterNetworkPolicies.map((one) => ({
        ...one,
        ...unclear(one.name),
      })),
      profile: {
        ...cluster.profile,
        ...(podRanges === undefined ? {} : { podRanges }),
        ...(nodeRanges === undefined ? {} : { nodeRanges }),
      },
    },
    pods,
  };
}
