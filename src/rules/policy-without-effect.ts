/** MLN214: policies without which everything stays as it is. */
import type { NetworkPolicyFacts } from '../read/cluster';
import { evidenceOf } from '../engine/evidence';
import type { World } from '../engine/world';
import type { Grant } from './policy-covers';
import { covered, grantsOf } from './policy-covers';
import type { Found, Rule } from './rule';
import { listed, ofPolicy } from './telling';

export const policyWithoutEffect: Rule = {
  code: 'MLN214',
  name: 'policy-without-effect',
  severity: 'info',
  summary: 'a policy isolates nobody and allows nothing that other policies do not',
  why:
    'Whoever narrows such a policy believes to have narrowed something: the other policies still allow ' +
    'it. Each one more has to be read, and is evaluated by the CNI.',
  whenNot: 'It stands for pods that other policies may not select one day. Acknowledge it there.',
  sources: ['kubernetes/api:networking/v1/types.go', 'akash-network/node#1546'],
  examples: {
    bad: { yaml: example('[]') },
    good: { yaml: example('[8000]') },
  },
  check: (world) => {
    const removed = new Set<NetworkPolicyFacts>();
    const found = [...world.cluster.networkPolicies].reverse().flatMap((policy): Found[] => {
      const others = shadowing(world, policy, removed);
      if (others === undefined) return [];
      // of two that say the same, one has an effect
      removed.add(policy);
      return [
        {
          ...ofPolicy(policy),
          message: `without the policy everything stays as it is: ${listed(others.map(({ name }) => name))} say${others.length === 1 ? 's' : ''} all of it`,
          got: 'nothing that others do not say as well',
          expected: 'a policy that isolates pods, or allows something that no other one does',
          fix: `kubectl delete networkpolicy ${policy.name} --namespace ${policy.namespace}`,
          evidence: others.map(({ resource }) => evidenceOf(resource)),
        },
      ];
    });
    return found.reverse();
  },
};

/** The policies that say all of one; undefined: it has an effect, or selects nobody. */
function shadowing(
  world: World,
  policy: NetworkPolicyFacts,
  removed: ReadonlySet<NetworkPolicyFacts>,
): NetworkPolicyFacts[] | undefined {
  const places = world.policies.selected(policy);
  if (policy.unclear.length > 0 || world.shown(places).length === 0) return undefined;
  const used = new Set<NetworkPolicyFacts>();
  for (const direction of ['ingress', 'egress'] as const) {
    if (policy[direction] === undefined) continue;
    const own = policy[direction].flatMap(grantsOf);
    for (const place of places) {
      const others = world.policies
        .isolating(place, direction)
        .filter((one) => one !== policy && !removed.has(one) && one.unclear.length === 0)
        // what only denies is there for the day when the others go
        .filter((one) => !isDeny(policy) || isDeny(one));
      const grants = others.flatMap((one): Grant[] => (one[direction] ?? []).flatMap(grantsOf));
      if (others.length === 0 || !own.every((grant) => covered(grant, grants))) return undefined;
      for (const one of others) used.add(one);
    }
  }
  return [...used];
}

function isDeny({ ingress = [], egress = [] }: NetworkPolicyFacts): boolean {
  return ingress.length === 0 && egress.length === 0;
}

function example(ports: string): string {
  const own = ports === '[]' ? '' : ', ports: [{ port: 8000 }]';
  const rest = ports === '[]' ? ', ports: [{ port: 8000 }]' : ', ports: [{ port: 8001 }]';
  return `
apiVersion: v1
kind: Pod
metadata: { name: triton, namespace: serving, labels: { app: triton } }
spec: { containers: [{ name: main, image: triton }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: all, namespace: serving }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ podSelector: {} }]${own} }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: triton, namespace: serving }
spec:
  podSelector: { matchLabels: { app: triton } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: {} }]${rest} }]
`;
}
