/** MLN212: directions of a policy that do not say what its rules say. */
import type { NetworkPolicyFacts } from '../read/cluster';
import { field, listAt, objectAt } from '../read/json';
import type { World } from '../engine/world';
import type { Found, Rule } from './rule';
import { ofPolicy } from './telling';

export const policyTypesMissing: Rule = {
  code: 'MLN212',
  name: 'policy-types-missing',
  severity: 'warning',
  summary: 'policyTypes and rules of a policy do not agree, or there are no policyTypes',
  why:
    'Rules of a direction that is not listed are accepted and do nothing. Without policyTypes a policy ' +
    'always isolates for ingress, and for egress only where it has egress rules: egress: [] does not.',
  whenNot: 'Never: saying the directions costs a line.',
  sources: [
    'kubernetes/kubernetes:pkg/apis/networking/v1/defaults.go',
    'kubernetes/api:networking/v1/types.go',
  ],
  examples: {
    bad: { yaml: example('[Ingress]') },
    good: { yaml: example('[Egress]') },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy): Found[] => {
      if (policy.unclear.length > 0) return [];
      const spec = objectAt(policy.resource.object, 'spec');
      const types = listAt(spec, 'policyTypes');
      if (types.length === 0) return [withoutTypes(policy)];
      return DIRECTIONS.flatMap((direction): Found[] => {
        const rules = listAt(spec, direction.field);
        const isListed = types.includes(direction.type);
        if (!isListed && rules.length > 0) return [dead(policy, direction, types)];
        const other = DIRECTIONS.some((one) => listAt(spec, one.field).length > 0);
        const isSilent = isListed && other && field(spec, direction.field) === undefined;
        return isSilent && isAlone(world, policy, direction) ? [silent(policy, direction)] : [];
      });
    }),
};

const DIRECTIONS = [
  { type: 'Ingress', field: 'ingress' },
  { type: 'Egress', field: 'egress' },
] as const;

type DirectionOf = (typeof DIRECTIONS)[number];

function withoutTypes(policy: NetworkPolicyFacts): Found {
  const types = policy.egress === undefined ? 'Ingress' : 'Ingress, Egress';
  const isLost =
    policy.egress === undefined &&
    field(objectAt(policy.resource.object, 'spec'), 'egress') !== undefined;
  return {
    ...ofPolicy(policy, ['spec']),
    message: isLost
      ? 'the policy has an empty egress list and no policyTypes: it does not isolate for egress'
      : `the policy has no policyTypes: it isolates for ${types === 'Ingress' ? 'ingress' : 'ingress and egress'}`,
    got: 'no policyTypes',
    expected: 'the directions that are meant',
    fix: `policyTypes: [${isLost ? 'Ingress, Egress' : types}]`,
    ...(isLost ? {} : { severity: 'info' as const }),
  };
}

function dead(
  policy: NetworkPolicyFacts,
  { type, field: name }: DirectionOf,
  types: readonly unknown[],
): Found {
  return {
    ...ofPolicy(policy, ['spec', name]),
    message: `the ${name} rules of the policy do nothing: policyTypes does not list ${type}`,
    got: `policyTypes: [${types.join(', ')}]`,
    expected: `${type} in policyTypes, or no ${name} rules`,
    fix: `policyTypes: [Ingress, Egress]`,
  };
}

/** Perhaps meant, but nobody who reads it can tell. */
function silent(policy: NetworkPolicyFacts, { type, field: name }: DirectionOf): Found {
  return {
    ...ofPolicy(policy, ['spec', 'policyTypes']),
    severity: 'info',
    message: `the policy lists ${type} without a rule for it: it denies all ${name}`,
    got: `policyTypes with ${type}, no ${name}`,
    expected: `${name} rules, or ${name}: [] where nothing is meant`,
    fix: `${name}: []`,
  };
}

/** Whether no other policy lets the same pods do anything in that direction. */
function isAlone(world: World, policy: NetworkPolicyFacts, { field: name }: DirectionOf): boolean {
  const places = world.shown(world.policies.selected(policy));
  return places.some((place) =>
    world.policies.isolating(place, name).every((one) => (one[name] ?? []).length === 0),
  );
}

function example(types: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: hub, namespace: ml-training }
spec:
  podSelector: {}
  policyTypes: ${types}
  egress: [{ to: [{ ipBlock: { cidr: 151.101.0.0/16 } }], ports: [{ port: 443 }] }]
`;
}
