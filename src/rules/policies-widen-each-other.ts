/** MLN215: policies that allow the same peers what another one of the same pods seems to limit. */
import type { NetworkPolicyFacts, PolicyRule } from '../read/cluster';
import type { FieldPath } from '../read/resource';
import { evidenceOf } from '../engine/evidence';
import type { Direction } from '../engine/compilation';
import type { World } from '../engine/world';
import type { Grant } from './policy-covers';
import { covered, grantsOf, peerKey } from './policy-covers';
import type { Found, Rule } from './rule';
import { namesOf, ofPolicy } from './telling';

export const policiesWidenEachOther: Rule = {
  code: 'MLN215',
  name: 'policies-widen-each-other',
  severity: 'info',
  summary: 'a policy lets the same peers do more than another policy of the same pods',
  why:
    'Policies add up: a rule for some ports does not limit peers that another policy lets in on more. ' +
    'Whoever reads the narrow one alone takes the rest for closed.',
  whenNot: 'The wide policy is meant. Remove the narrow rule: it has no effect.',
  sources: ['kubernetes/api:networking/v1/types.go', 'akash-network/node#1546'],
  examples: {
    bad: { yaml: example('') },
    good: { yaml: example(', ports: [{ port: 8001 }]') },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy) =>
      policy.unclear.length > 0
        ? []
        : (['ingress', 'egress'] as const).flatMap((direction) =>
            (policy[direction] ?? []).flatMap((rule) => judged(world, policy, rule, direction)),
          ),
    ),
};

function judged(
  world: World,
  policy: NetworkPolicyFacts,
  rule: PolicyRule,
  direction: Direction,
): Found[] {
  if (rule.ports === undefined) return [];
  const places = world.shown(world.policies.selected(policy));
  const others = new Set(places.flatMap((place) => world.policies.isolating(place, direction)));
  others.delete(policy);
  for (const narrow of grantsOf(rule)) {
    for (const other of others) {
      const wide = wider(narrow, other[direction] ?? []);
      if (wide === undefined) continue;
      const both = places.filter((place) => world.policies.selected(other).includes(place));
      return [
        {
          ...ofPolicy(policy, rule.path),
          message: `${other.name} allows the same peers more than this rule of ${policy.name} seems to limit them to`,
          got: `the same peers in ${pathText(wide)} of ${other.name}, for ${namesOf(world, both)}`,
          expected: 'one rule for the same peers and pods',
          fix: `remove ${pathText(rule.path)} from ${policy.name}, or the ports beyond it from ${pathText(wide)} of ${other.name}`,
          evidence: [evidenceOf(other.resource, wide)],
        },
      ];
    }
  }
  return [];
}

/** The rule that allows one of the same peers more, and all of it. */
function wider(narrow: Grant, rules: readonly PolicyRule[]): FieldPath | undefined {
  return rules.find((rule) =>
    grantsOf(rule).some(
      (wide) =>
        peerKey(wide.peer) === peerKey(narrow.peer) &&
        covered(narrow, [wide]) &&
        !covered(wide, [narrow]),
    ),
  )?.path;
}

function pathText([, direction, index]: FieldPath): string {
  return `${String(direction)}[${String(index)}]`;
}

function example(ports: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: triton, namespace: serving, labels: { app: triton } }
spec: { containers: [{ name: main, image: triton }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: baseline, namespace: serving }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ podSelector: {} }]${ports} }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: triton, namespace: serving }
spec:
  podSelector: { matchLabels: { app: triton } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8000 }] }]
`;
}
