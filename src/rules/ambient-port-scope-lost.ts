/** MLN304: the tunnel of an ambient mesh is open, and with it every port. */
import type { NetworkPolicyFacts, PolicyRule } from '../read/cluster';
import { ALL_PORTS } from '../values/port-ranges';
import { Protocol } from '../values/port';
import { compileAuthorization } from '../engine/istio/authorization';
import { HBONE } from '../engine/mesh/mesh';
import type { World } from '../engine/world';
import { about, namesOf } from './about';
import type { Found, Rule } from './rule';

export const ambientPortScopeLost: Rule = {
  code: 'MLN304',
  name: 'ambient-port-scope-lost',
  severity: 'warning',
  summary: 'a rule opens the ambient mesh’s tunnel, and nothing limits the ports inside it',
  why:
    'Network policy sees TCP 15008 and not the port inside. Whoever may send to the tunnel reaches ' +
    'every port of the pods, unless an AuthorizationPolicy at ztunnel lists ports.',
  whenNot: 'Every port of these pods is meant. Acknowledge it on the policy.',
  sources: ['istio/istio#56659'],
  examples: {
    bad: { yaml: example('') },
    good: {
      yaml: example(`---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: mlflow, namespace: mlflow }
spec: { rules: [{ to: [{ operation: { ports: ['5000'] } }] }] }
`),
    },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy) =>
      (policy.ingress ?? []).flatMap((rule): Found[] => {
        if (!opensTunnel(rule)) return [];
        const places = lostAt(world, policy);
        if (places.length === 0) return [];
        return [
          {
            ...about(policy.resource, rule.path),
            message: 'the tunnel of the mesh is open, and every port with it',
            got: `TCP 15008 to ${namesOf(world, places)}, and no AuthorizationPolicy that lists ports`,
            expected: 'an AuthorizationPolicy with ports for these pods',
            fix: 'an AuthorizationPolicy for these pods with action: ALLOW and spec.rules[].to[].operation.ports, as flows with ports write it',
          },
        ];
      }),
    ),
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
  ingress: [{ ports: [{ port: 15008 }] }]
---
apiVersion: v1
kind: Pod
metadata: { name: mlflow, namespace: mlflow, labels: { app: mlflow } }
spec: { containers: [{ name: main, image: mlflow }] }
${more}`;
}

/** A rule that lists ports wants to limit them. */
function opensTunnel({ ports }: PolicyRule): boolean {
  return (
    ports?.some(
      ({ protocol, range }) =>
        protocol === Protocol.TCP && range !== undefined && range[0] <= HBONE && HBONE <= range[1],
    ) === true
  );
}

/** Pods at whose ztunnel nothing tells ports apart. */
function lostAt(world: World, policy: NetworkPolicyFacts): number[] {
  return world.shown(world.policies.selected(policy)).filter((place) => {
    const point = world.pointOf(place);
    if (point?.proxy !== 'ztunnel') return false;
    const { authorizationPolicies } = world.cluster;
    const { http: rules, hasAllow, unclear } = compileAuthorization(authorizationPolicies, point);
    if (unclear.length > 0) return false;
    if (rules.some(({ ports }) => JSON.stringify(ports) !== JSON.stringify(ALL_PORTS)))
      return false;
    // whoever must come through the waypoint is limited there, by the Service's ports
    const isBehind = (world.reach.mesh?.waypointOf(place) ?? -1) >= 0;
    const allows = rules.filter(({ action }) => action === 'ALLOW');
    return !(hasAllow && (allows.length === 0 || isBehind));
  });
}
