/**
 * The conformance suite of ClusterNetworkPolicy (kubernetes-sigs/network-policy-api:conformance), as
 * data in ../shared/oracles, as worlds of the naive evaluator.
 */
import { readFileSync } from 'node:fs';
import type { ClusterNetworkPolicy, ClusterWorld } from '../naive/cluster-network-policy';
import type { ContainerPort, NetworkPolicy, Protocol } from '../naive/world';
import { sharedPath } from '../shared';

interface Suite {
  readonly pods: readonly {
    ns: string;
    name: string;
    labels: Record<string, string>;
    ip: string;
    hostNetwork: boolean;
    ports: ContainerPort[];
  }[];
  readonly nodes: readonly { labels: Record<string, string>; ip: string }[];
  readonly states: readonly {
    namespaces: Readonly<Record<string, Record<string, string>>>;
    policies: readonly { readonly kind: string }[];
  }[];
  readonly cases: readonly Case[];
}

export interface Case {
  readonly test: string;
  readonly subtest: string;
  /** `namespace/name` */
  readonly src: string;
  readonly dst: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly expected: boolean;
  /** Index of the world. */
  readonly state: number;
}

export function clusterPolicySuite(): { worlds: ClusterWorld[]; cases: readonly Case[] } {
  const text = readFileSync(sharedPath('oracles', 'cnp-conformance.json'), 'utf8');
  const { pods, nodes, states, cases } = JSON.parse(text) as Suite;
  const worlds = states.map(({ namespaces, policies }): ClusterWorld => {
    const cluster = policies.filter(({ kind }) => kind === 'ClusterNetworkPolicy');
    const others = policies.filter(({ kind }) => kind === 'NetworkPolicy');
    return {
      namespaces: Object.fromEntries(
        Object.entries(namespaces).map(([name, labels]) => [name, { labels }]),
      ),
      pods: pods.map(({ ns: namespace, ...pod }) => ({ ...pod, namespace })),
      nodes: nodes.map(({ labels, ip }) => ({ labels, ips: [ip] })),
      policies: others as unknown as NetworkPolicy[],
      clusterPolicies: cluster as unknown as ClusterNetworkPolicy[],
    };
  });
  return { worlds, cases };
}
