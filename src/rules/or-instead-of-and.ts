/** MLN211: two peers that were probably meant as one. */
import type { NetworkPolicyFacts, PolicyPeer, PolicyRule } from '../read/cluster';
import { couldSelect } from '../engine/could-select';
import type { World } from '../engine/world';
import type { SelectorData } from '../values/selector';
import { describeSelector, isEverything } from '../values/selector';
import type { Found, Rule } from './rule';
import { ofPolicy } from './telling';

export const orInsteadOfAnd: Rule = {
  code: 'MLN211',
  name: 'or-instead-of-and',
  severity: 'warning',
  summary: 'a namespaceSelector and a podSelector are two peers that look like one',
  why:
    'Items of a list are alternatives: with a dash too many, all pods of the other namespaces are ' +
    'admitted, and pods of the policy’s own namespace instead of theirs.',
  whenNot: 'Both are meant: put the podSelector first, or into a rule of its own.',
  sources: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    'ahmetb/kubernetes-network-policy-recipes#98',
  ],
  examples: {
    bad: { yaml: example('}, {') },
    good: { yaml: example(',') },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy) =>
      policy.unclear.length > 0
        ? []
        : [
            ...(policy.ingress ?? []).flatMap((rule) => judged(world, policy, rule, 'from')),
            ...(policy.egress ?? []).flatMap((rule) => judged(world, policy, rule, 'to')),
          ],
    ),
};

function judged(
  world: World,
  policy: NetworkPolicyFacts,
  { peers = [], path }: PolicyRule,
  key: 'from' | 'to',
): Found[] {
  return peers.flatMap((peer, index): Found[] => {
    const namespaces = namespacesAlone(peer);
    const pods = podsAlone(peers[index + 1]);
    if (namespaces === undefined || pods === undefined) return [];
    if (livesIn(world, policy.namespace, pods)) return [];
    const [all, some] = [describeSelector(namespaces), describeSelector(pods)];
    return [
      {
        ...ofPolicy(policy, [...path, key, index]),
        message: `two peers look like one: all pods of namespaces ${all} are meant, or pods ${some} of ${policy.namespace}`,
        got: `namespaceSelector ${all} and podSelector ${some} as two items`,
        expected: 'one item with both selectors, for such pods of such namespaces',
        fix: `remove the dash before podSelector in ${String(path[1])}[${String(path[2])}].${key}[${String(index + 1)}]`,
      },
    ];
  });
}

/** Whether a peer and the next one look like one: namespaces alone, then pods alone. */
export function looksLikeOne(peer: PolicyPeer | undefined, next: PolicyPeer | undefined): boolean {
  return peer !== undefined && namespacesAlone(peer) !== undefined && podsAlone(next) !== undefined;
}

function namespacesAlone(peer: PolicyPeer): SelectorData | undefined {
  if (peer.kind !== 'pods' || !isEverything(peer.pods)) return undefined;
  return peer.namespaces === undefined || isEverything(peer.namespaces)
    ? undefined
    : peer.namespaces;
}

function podsAlone(peer: PolicyPeer | undefined): SelectorData | undefined {
  if (peer?.kind !== 'pods' || peer.namespaces !== undefined) return undefined;
  return isEverything(peer.pods) ? undefined : peer.pods;
}

/** Pods of the policy's own namespace are meant where there are such pods. */
function livesIn(world: World, namespace: string, pods: SelectorData): boolean {
  const { start, end } = world.pods.spanOf(world.pods.placeOf(namespace));
  return world.classes.slice(start, end).some((one) => couldSelect(pods, one.pods));
}

function example(between: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: metrics, namespace: llm-serving }
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from: [{ namespaceSelector: { matchLabels: { team: ops } } ${between} podSelector: { matchLabels: { app: prometheus } } }]
`;
}
