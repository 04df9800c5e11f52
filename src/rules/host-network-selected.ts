/** MLN221: policies that mean pods of the host's network. */
import type { NetworkPolicyFacts, PolicyPeer } from '../read/cluster';
import type { FieldPath } from '../read/resource';
import type { World } from '../engine/world';
import { about, namesOf } from './about';
import type { Found, Rule } from './rule';

export const hostNetworkSelected: Rule = {
  code: 'MLN221',
  name: 'host-network-selected',
  severity: 'warning',
  summary: 'a policy means pods of the host’s network',
  why:
    'Pods with `hostNetwork: true` have their node’s address. Most CNIs neither apply policies to them ' +
    'nor know their traffic by labels: a policy for them holds nothing, a rule for them admits nobody.',
  whenNot: 'The CNI is known to select them. Acknowledge it on the policy.',
  sources: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods',
  ],
  examples: {
    bad: { yaml: example('hostNetwork: true, ') },
    good: { yaml: example('') },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy): Found[] => [
      ...selected(world, policy),
      ...peersOf(policy).flatMap(({ peer, path }) => reliedOn(world, policy, peer, path)),
    ]),
};

function example(host: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: exporter, namespace: monitoring }
spec:
  podSelector: { matchLabels: { app: node-exporter } }
  ingress: [{ ports: [{ port: 9100 }] }]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: node-exporter, namespace: monitoring }
spec:
  selector: { matchLabels: { app: node-exporter } }
  template:
    metadata: { labels: { app: node-exporter } }
    spec: { ${host}containers: [{ name: main, image: node-exporter }] }
`;
}

/** Pods that several policies select are told of once, at the first of them. */
function selected(world: World, policy: NetworkPolicyFacts): Found[] {
  const places = world
    .shown(world.policies.selected(policy))
    .filter((place) => isHost(world, place) && firstOf(world, place) === policy);
  if (places.length === 0) return [];
  return [
    {
      ...about(policy.resource, ['spec', 'podSelector']),
      message: 'the policy selects pods of the host’s network, to which most CNIs do not apply it',
      got: `hostNetwork: true of ${namesOf(world, places)}`,
      expected: 'pods with addresses of their own',
      fix: 'hostNetwork: false for these pods; if they need it, protect their nodes instead',
    },
  ];
}

function firstOf(world: World, place: number): NetworkPolicyFacts | undefined {
  return (
    world.policies.isolating(place, 'ingress')[0] ?? world.policies.isolating(place, 'egress')[0]
  );
}

function reliedOn(
  world: World,
  policy: NetworkPolicyFacts,
  peer: PolicyPeer,
  path: FieldPath,
): Found[] {
  if (peer.kind === 'block') return [];
  const { pods } = world;
  const homes =
    peer.namespaces === undefined
      ? [pods.placeOf(policy.namespace)]
      : pods.namespacesSelected(peer.namespaces).sure;
  const places = homes
    .filter((place) => place >= 0)
    .flatMap((place) => world.shown(pods.selectedIn(place, peer.pods)));
  // one pod with an address of its own is reason enough for the rule
  if (places.length === 0 || places.some((place) => !isHost(world, place))) return [];
  return [
    {
      ...about(policy.resource, path),
      message:
        'the rule means pods of the host’s network only, which most CNIs do not know by labels',
      got: `hostNetwork: true of ${namesOf(world, places)}`,
      expected: 'an ipBlock of their nodes',
      fix: `{ipBlock: {cidr: ${world.cluster.profile.nodeRanges?.[0] ?? '<addresses of the nodes>'}}} instead of the selector`,
    },
  ];
}

function isHost(world: World, place: number): boolean {
  return world.classes[place]?.pods.hostNetwork === true;
}

function peersOf({ ingress = [], egress = [] }: NetworkPolicyFacts) {
  const of = (rules: typeof ingress, key: string) =>
    rules.flatMap(({ peers = [], path }) =>
      peers.map((peer, index) => ({ peer, path: [...path, key, index] })),
    );
  return [...of(ingress, 'from'), ...of(egress, 'to')];
}
