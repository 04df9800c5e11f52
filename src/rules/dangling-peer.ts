/** MLN210: peers that are none of the pods that the input shows. */
import type { NetworkPolicyFacts, PolicyPeer } from '../read/cluster';
import type { FieldPath } from '../read/resource';
import { couldSelect } from '../engine/could-select';
import type { World } from '../engine/world';
import { describeSelector, isEverything, selectorMatches } from '../values/selector';
import { likelyLabel } from './likely';
import { looksLikeOne } from './or-instead-of-and';
import type { Found, Rule } from './rule';
import { listed, ofPolicy, podsShownIn } from './telling';

export const danglingPeer: Rule = {
  code: 'MLN210',
  name: 'dangling-peer',
  severity: 'warning',
  summary: 'a peer of a policy is no pod of the namespaces it names',
  why:
    'A mistyped label of a peer is no error to the API server: the rule is there and lets nobody ' +
    'through. The same happens where a peer of another namespace lacks its namespaceSelector.',
  whenNot:
    'The pods come from elsewhere: read them too, or acknowledge it. Nothing is said of namespaces ' +
    'whose pods no manifest shows.',
  sources: ['projectcalico/calico#5170', 'akash-network/node#1546'],
  examples: {
    bad: { yaml: example('podSelector: { matchLabels: { app: gateway } }') },
    good: {
      yaml: example(
        'namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: llm-api } }, podSelector: { matchLabels: { app: gateway } }',
      ),
    },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy): Found[] => {
      if (policy.unclear.length > 0) return [];
      return peersOf(policy).flatMap(({ peer, previous, path }) =>
        // or-instead-of-and tells of it
        looksLikeOne(previous, peer) ? [] : dangling(world, policy, peer, path),
      );
    }),
};

interface PlacedPeer {
  readonly peer: PolicyPeer & { readonly kind: 'pods' };
  /** The item before it. */
  readonly previous?: PolicyPeer;
  readonly path: FieldPath;
}

/** All peers by labels, with their places. */
export function peersOf({ ingress = [], egress = [] }: NetworkPolicyFacts): PlacedPeer[] {
  const ofRules = (rules: typeof ingress, key: string): PlacedPeer[] =>
    rules.flatMap(({ peers = [], path }) =>
      peers.flatMap((peer, index): PlacedPeer[] => {
        if (peer.kind !== 'pods') return [];
        const previous = peers[index - 1];
        return [{ peer, ...(previous && { previous }), path: [...path, key, index] }];
      }),
    );
  return [...ofRules(ingress, 'from'), ...ofRules(egress, 'to')];
}

function dangling(
  world: World,
  policy: NetworkPolicyFacts,
  { namespaces, pods }: PlacedPeer['peer'],
  path: FieldPath,
): Found[] {
  if (isEverything(pods)) return [];
  const { sure, maybe } =
    namespaces === undefined
      ? { sure: [world.pods.placeOf(policy.namespace)], maybe: [] }
      : world.pods.namespacesSelected(namespaces);
  // an empty selector of namespaces means those that nobody showed as well
  if (sure.length === 0 || maybe.length > 0) return [];
  if (namespaces !== undefined && isEverything(namespaces)) return [];
  if (sure.some((place) => selects(world, place, pods))) return [];
  const shown = sure.map((place) => podsShownIn(world, place));
  if (shown.some((list) => list.length === 0)) return [];
  const labels = shown.flat().map((one) => one.labels);
  const elsewhere = namespaces === undefined ? others(world, pods) : [];
  const likely = likelyLabel(pods, labels);
  return [
    {
      ...ofPolicy(policy, path),
      message: `the peer is none of the pods that the input shows in ${listed(sure.map((place) => world.pods.namespaces[place]?.name ?? ''))}`,
      got: describeSelector(pods),
      expected:
        elsewhere.length > 0
          ? `a namespaceSelector: such pods are in ${listed(elsewhere)}`
          : 'labels of a pod of these namespaces',
      fix: fixOf(likely, elsewhere),
    },
  ];
}

function fixOf(likely: ReturnType<typeof likelyLabel>, [elsewhere]: readonly string[]): string {
  if (elsewhere !== undefined) {
    return `namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${elsewhere} } } beside podSelector`;
  }
  return likely === undefined
    ? 'correct the labels of podSelector, or remove the peer'
    : `${likely.right} instead of ${likely.wrong}`;
}

/** Whether any pod of a namespace is meant, strangers of the platform among them. */
function selects(world: World, namespace: number, pods: PlacedPeer['peer']['pods']): boolean {
  const { start, end } = world.pods.spanOf(namespace);
  return world.classes.slice(start, end).some((one) => couldSelect(pods, one.pods));
}

/** Namespaces with such pods. */
function others(world: World, pods: PlacedPeer['peer']['pods']): string[] {
  const found = world.classes.filter((one) => selectorMatches(pods, one.pods.labels));
  const places = world.shown(found.map(({ index }) => index));
  return [...new Set(places.map((place) => world.classes[place]?.workload.namespace ?? ''))];
}

function example(peer: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: gateway, namespace: llm-api, labels: { app: gateway } }
spec: { containers: [{ name: main, image: gateway }] }
---
apiVersion: v1
kind: Pod
metadata: { name: triton, namespace: llm-serving, labels: { app: triton } }
spec: { containers: [{ name: main, image: triton }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: triton, namespace: llm-serving }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ ${peer} }] }] }
`;
}
