/** MLN102: namespaces in which some pods are left as open as without any policy. */
import type { World } from '../engine/world';
import type { Direction } from '../engine/compilation';
import { isOpen } from '../engine/outside';
import { objectName, placeOf } from '../engine/evidence';
import type { Found, Rule } from './rule';
import type { Subject } from './telling';
import { namesOf, ofPolicy, ofWorkload } from './telling';

export const noDefaultDeny: Rule = {
  code: 'MLN102',
  name: 'no-default-deny',
  severity: 'warning',
  summary: 'pods of a namespace are not isolated, though others are',
  why:
    'A pod that no policy selects for a direction lets everything through in it, whatever the other ' +
    'policies say. Only a policy for all pods keeps that from happening to the next workload.',
  whenNot: 'The pods are open on purpose. Acknowledge it on their namespace.',
  sources: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies',
    'https://www.cisecurity.org/benchmark/kubernetes',
  ],
  examples: {
    bad: { yaml: example('matchLabels: { app: triton }') },
    good: { yaml: example('') },
  },
  check: (world) => {
    const isolating = new Set<Direction>(
      world.cluster.networkPolicies.flatMap((policy) =>
        DIRECTIONS.filter((direction) => policy[direction] !== undefined),
      ),
    );
    if (isolating.size === 0) return [];
    return world.pods.namespaces.flatMap((_, namespace) => judged(world, namespace));
  },
};

const DIRECTIONS = ['ingress', 'egress'] as const;

function judged(world: World, namespace: number): Found[] {
  const { start, end } = world.pods.spanOf(namespace);
  const places = world
    .shown(world.classes.slice(start, end).map(({ index }) => index))
    .filter((place) => world.classes[place]?.pods.hostNetwork !== true);
  const open = DIRECTIONS.map((direction) => ({
    direction,
    // what a ClusterNetworkPolicy denies is not open, and what a policy opens is another rule's
    places: places.filter(
      (place) =>
        world.policies.isolating(place, direction).length === 0 && isOpen(world, place, direction),
    ),
  })).filter((one) => one.places.length > 0);
  const name = world.pods.namespaces[namespace]?.name ?? '';
  const subject = subjectOf(world, namespace, open[0]?.places[0] ?? -1);
  if (open.length === 0 || subject === undefined) return [];
  const isAll = open.length === 2 && open.every((one) => one.places.length === places.length);
  const [first] = open;
  const directions =
    open.length === 2
      ? ''
      : `, directions: IsolationDirections.${first?.direction === 'ingress' ? 'INGRESS' : 'EGRESS'}`;
  return [
    {
      ...subject,
      message: isAll
        ? `no policy holds any pod of ${name}`
        : `some pods of ${name} are not isolated`,
      got: open.map((one) => `not for ${one.direction}: ${namesOf(world, one.places)}`).join('; '),
      expected: 'a default deny for all pods of the namespace, and policies for what they need',
      fix: `new DefaultDeny(this, 'default-deny-${name}', { namespace${directions} })`,
    },
  ];
}

/** The namespace where it was read, else its first policy, else the workload. */
function subjectOf(world: World, namespace: number, place: number): Subject | undefined {
  const { name, resource } = world.pods.namespaces[namespace] ?? {};
  if (resource !== undefined) return { at: placeOf(resource), object: objectName(resource) };
  const policy = world.cluster.networkPolicies.find((one) => one.namespace === name);
  return policy === undefined ? ofWorkload(world, place) : ofPolicy(policy);
}

function example(selector: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: triton, namespace: llm-serving, labels: { app: triton } }
spec: { containers: [{ name: main, image: triton }] }
---
apiVersion: v1
kind: Pod
metadata: { name: cache, namespace: llm-serving, labels: { app: cache } }
spec: { containers: [{ name: main, image: redis }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: llm-serving }
spec: { podSelector: { ${selector} }, policyTypes: [Ingress, Egress] }
`;
}
