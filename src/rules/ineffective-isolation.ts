/** MLN213: policies that isolate pods and then admit everything. */
import type { NetworkPolicyFacts, PolicyRule } from '../read/cluster';
import type { ConnectionPool, ConnectionsId } from '../engine/connections';
import { EVERY, NONE } from '../engine/connections';
import type { Direction } from '../engine/compilation';
import { rulePorts } from '../engine/ports-of';
import type { World } from '../engine/world';
import { isEverything } from '../values/selector';
import type { Found, Rule } from './rule';
import { listed, namesOf, ofPolicy } from './telling';

export const ineffectiveIsolation: Rule = {
  code: 'MLN213',
  name: 'ineffective-isolation',
  severity: 'warning',
  summary: 'a policy admits everything, so that its pods are as open as without any',
  why:
    'Policies add up: a rule that admits everything undoes every other policy of the same pods. Whoever ' +
    'counts policies takes the pods for protected. Charts write such policies by default.',
  whenNot: 'The pods are open on purpose, and a policy has to say so. Acknowledge it there.',
  sources: [
    'bitnami/charts:bitnami/mlflow/values.yaml',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
  examples: {
    bad: { yaml: example('[{}]') },
    good: { yaml: example('[{ from: [{ podSelector: {} }] }]') },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy): Found[] =>
      policy.unclear.length > 0
        ? []
        : (['ingress', 'egress'] as const).flatMap((direction) => judged(world, policy, direction)),
    ),
};

function judged(world: World, policy: NetworkPolicyFacts, direction: Direction): Found[] {
  const rules = policy[direction] ?? [];
  const open = rules.find((rule) => meansAll(rule) && isEvery(world, [rule]));
  const together = rules.filter(meansAll);
  if (open === undefined && !isEvery(world, together)) return [];
  const [rule = open] = open === undefined ? together : [open];
  const places = world.shown(world.policies.selected(policy));
  const others = new Set(
    places
      .flatMap((place) => world.policies.isolating(place, direction))
      .filter((one) => one !== policy),
  );
  const undone = [...others].filter(
    (one) => !(one[direction] ?? []).some((own) => isEvery(world, [own]) && meansAll(own)),
  );
  const pods = places.length === 0 ? '' : ` for ${namesOf(world, places)}`;
  return [
    {
      ...ofPolicy(policy, rule?.path),
      message:
        undone.length === 0
          ? `the policy isolates for ${direction} and admits everything`
          : `the policy admits all ${direction}, so that ${listed(undone.map(({ name }) => name))} hold${undone.length === 1 ? 's' : ''} nothing back`,
      got: `${direction === 'ingress' ? 'from' : 'to'} everybody on every port${pods}`,
      expected: 'the peers and ports that are meant',
      fix: `${direction}: [{ ${direction === 'ingress' ? 'from' : 'to'}: [{ podSelector: {} }] }] for pods of the namespace alone`,
    },
  ];
}

/** Whether a rule is about everybody: nobody is named, or all pods and all addresses are. */
function meansAll({ peers }: PolicyRule): boolean {
  if (peers === undefined) return true;
  const isBlock = (all: string): boolean =>
    peers.some((peer) => peer.kind === 'block' && peer.cidr === all && peer.except.length === 0);
  const hasPods = peers.some(
    (peer) =>
      peer.kind === 'pods' &&
      isEverything(peer.pods) &&
      peer.namespaces !== undefined &&
      isEverything(peer.namespaces),
  );
  return hasPods && isBlock('0.0.0.0/0');
}

function isEvery({ reach: { pool } }: World, rules: readonly PolicyRule[]): boolean {
  return portsOf(pool, rules) === EVERY;
}

function portsOf(pool: ConnectionPool, rules: readonly PolicyRule[]): ConnectionsId {
  return rules.reduce<ConnectionsId>(
    (all, { ports }) => pool.union(all, rulePorts(pool, ports).numbers),
    NONE,
  );
}

function example(ingress: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: mlflow, namespace: mlflow }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: ${ingress} }
`;
}
