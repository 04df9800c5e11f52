/** MLN303: pods of an ambient mesh between which the ports are open, but not the tunnel. */
import { Protocol } from '../values/port';
import type { NetworkPolicyFacts } from '../read/cluster';
import type { Direction } from '../engine/compilation';
import { HBONE } from '../engine/mesh/mesh';
import type { World } from '../engine/world';
import { about, everyPlace, grouped, nameAt } from './about';
import type { Found, Rule } from './rule';

export const hboneBlocked: Rule = {
  code: 'MLN303',
  name: 'hbone-blocked',
  severity: 'error',
  summary: 'network policy opens a port between pods of an ambient mesh, and blocks their tunnel',
  why:
    'The nodes of an ambient mesh carry TCP between its pods over port 15008. A policy sees that port ' +
    'and never the one inside: with the inner port open alone nothing passes.',
  whenNot: 'One of the two leaves the mesh. Say so with istio.io/dataplane-mode: none.',
  sources: ['istio/istio#52742', 'istio/istio#51034'],
  examples: {
    bad: { yaml: example('') },
    good: { yaml: example(', { port: 15008 }') },
  },
  check: (world) => {
    const places = everyPlace(world).filter((place) => world.proxyAt(place) === 'ambient');
    const blocked = places.flatMap((from) =>
      places.flatMap((to) => (from === to ? [] : blockedBy(world, from, to))),
    );
    const keyOf = ({ policy, direction }: Blocked): string =>
      `${policy.namespace}/${policy.name} ${direction}`;
    return [...grouped(blocked, keyOf).values()].flatMap((group): Found[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { policy, direction, ports } = first;
      const pairs = group.map(({ from, to }) => `${nameAt(world, from)} -> ${nameAt(world, to)}`);
      return [
        {
          ...about(policy.resource, ['spec', direction]),
          message: `pods of the ambient mesh are cut off, though ports between them are open (${String(pairs.length)} pairs)`,
          got: `TCP ${ports} without 15008 for ${pairs.slice(0, 3).join(', ')}`,
          expected: 'TCP 15008 for the same peers',
          fix: `spec.${direction}: add {protocol: TCP, port: 15008} to the ports of the rule, and limit ports with an AuthorizationPolicy`,
        },
      ];
    });
  },
};

function example(more: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: mlflow, labels: { istio.io/dataplane-mode: ambient } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: mlflow, namespace: mlflow }
spec:
  podSelector: { matchLabels: { app: mlflow } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: bert } } }]
      ports: [{ port: 5000 }${more}]
---
apiVersion: v1
kind: Pod
metadata: { name: mlflow, namespace: mlflow, labels: { app: mlflow } }
spec: { containers: [{ name: main, image: mlflow }] }
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: mlflow, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
`;
}

interface Blocked {
  readonly from: number;
  readonly to: number;
  readonly policy: NetworkPolicyFacts;
  readonly direction: Direction;
  readonly ports: string;
}

function blockedBy(world: World, from: number, to: number): Blocked[] {
  // most pairs: nobody holds either end
  if (!world.isIsolated(to, 'ingress') && !world.isIsolated(from, 'egress')) return [];
  const { pool, network, mesh } = world.reach;
  const { sure, unsure } = network.between({ place: from }, { place: to });
  const open = pool.rangesOf(sure, Protocol.TCP);
  if (open.length === 0 || pool.has(pool.union(sure, unsure), Protocol.TCP, HBONE)) return [];
  const waypoint = mesh?.waypointOf(to) ?? -1;
  // whoever goes through a waypoint needs the tunnel to it
  if (waypoint >= 0) {
    const way = network.between({ place: from }, { place: waypoint });
    if (world.word(way, Protocol.TCP, HBONE) !== 'DENIED') return [];
  }
  const ports = open.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(', ');
  const sides: [Direction, number, number][] = [
    ['ingress', to, from],
    ['egress', from, to],
  ];
  for (const [direction, own, peer] of sides) {
    const isOpen = world.word(world.half(own, direction, peer), Protocol.TCP, HBONE) !== 'DENIED';
    const [policy] = world.policies.isolating(own, direction);
    if (!isOpen && policy !== undefined) return [{ from, to, policy, direction, ports }];
  }
  return [];
}
