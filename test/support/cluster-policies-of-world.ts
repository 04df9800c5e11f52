/**
 * Manifests of ClusterNetworkPolicy, as the naive evaluator reads them, as the facts that the reader
 * hands to the engine. A rule with a peer or port of no known kind is one that is not understood.
 */
import type {
  Cluster,
  ClusterNetworkPolicyFacts,
  ClusterPeer,
  ClusterPods,
  ClusterPort,
  ClusterRule,
} from '../../src/read/cluster';
import type * as naive from '../naive/cluster-network-policy';
import { clusterOfWorld, protocolOf, resourceNamed, selectorOf } from './cluster-of-world';

export function clusterOfClusterWorld(world: naive.ClusterWorld): Cluster {
  return {
    ...clusterOfWorld(world),
    nodes: (world.nodes ?? []).map(({ labels, ips }, index) => ({
      ...{ name: `node-${String(index)}`, labels, addresses: ips },
    })),
    clusterNetworkPolicies: (world.clusterPolicies ?? []).map(clusterPolicyOf),
  };
}

function clusterPolicyOf({
  metadata: { name },
  spec,
}: naive.ClusterNetworkPolicy): ClusterNetworkPolicyFacts {
  const { tier, priority, subject, ingress, egress } = spec;
  return {
    ...{ name, tier, priority, unclear: [], subject: podsOf(subject) },
    ingress: (ingress ?? []).map((rule) => ruleOf(rule, rule.from)),
    egress: (egress ?? []).map((rule) => ruleOf(rule, rule.to)),
    resource: resourceNamed('ClusterNetworkPolicy', name),
  };
}

function podsOf({ namespaces, pods }: naive.PodsPeer): ClusterPods {
  const own = pods === undefined ? namespaces : pods.namespaceSelector;
  return { namespaces: selectorOf(own), pods: selectorOf(pods?.podSelector) };
}

function ruleOf(
  { action, protocols }: naive.ClusterRule,
  raw: readonly naive.ClusterPeer[] = [],
): ClusterRule {
  const peers = raw.map(peerOf);
  const ports = protocols?.length ? protocols.map(portOf) : undefined;
  const unclear = [...peers, ...(ports ?? [])].includes(undefined);
  return {
    action,
    unclear: unclear ? [{ path: [], why: 'unknown field' }] : [],
    path: [],
    peers: peers.filter((peer) => peer !== undefined),
    ...(ports === undefined ? {} : { ports: ports.filter((port) => port !== undefined) }),
  };
}

function peerOf(peer: naive.ClusterPeer): ClusterPeer | undefined {
  if (peer.networks) return { kind: 'networks', cidrs: peer.networks };
  if (peer.nodes) return { kind: 'nodes', nodes: selectorOf(peer.nodes) };
  if (peer.domainNames) return { kind: 'names', names: peer.domainNames };
  if (peer.namespaces || peer.pods) return { kind: 'pods', pods: podsOf(peer) };
  return undefined;
}

function portOf({
  destinationNamedPort: name,
  ...numbers
}: naive.ClusterPort): ClusterPort | undefined {
  if (name !== undefined) return { name };
  const own = numbers.tcp ?? numbers.udp ?? numbers.sctp;
  if (own === undefined) return undefined;
  const { number, range } = own.destinationPort ?? {};
  const protocol = numbers.tcp ? 'TCP' : numbers.udp ? 'UDP' : 'SCTP';
  return {
    protocol: protocolOf(protocol),
    ...(number === undefined ? {} : { range: [number, number] as const }),
    ...(range === undefined ? {} : { range: [range.start, range.end] as const }),
  };
}
