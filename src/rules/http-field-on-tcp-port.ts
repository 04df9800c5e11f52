/** MLN402: rules about requests where the proxy sees bytes. */
import type { IstioFacts } from '../read/cluster';
import type { PortRange } from '../values/port-ranges';
import { ALL_PORTS, holdsPort, mergeRanges } from '../values/port-ranges';
import { appliesTo } from '../engine/istio/attachment';
import { compileAuthorization } from '../engine/istio/authorization';
import { compileRule, isHttpOnly, onBytes, positive } from '../engine/istio/rules';
import type { AuthorizationRule } from '../engine/istio/spec';
import { actionOf, isDryRun, rulesOf } from '../engine/istio/spec';
import { httpPorts, Ways } from '../engine/mesh/http-ports';
import type { HttpPorts } from '../engine/mesh/http-ports';
import type { World } from '../engine/world';
import { about, everyPlace, namesOf } from './about';
import type { Found, Rule } from './rule';

export const httpFieldOnTcpPort: Rule = {
  code: 'MLN402',
  name: 'http-field-on-tcp-port',
  severity: 'warning',
  summary: 'a rule about requests applies where the proxy sees bytes',
  why:
    'On a port that is not HTTP an ALLOW rule with paths, methods or tokens is dropped as a whole, and ' +
    'a DENY rule loses them: it denies every connection. In an ambient mesh no port is HTTP without ' +
    'a waypoint.',
  whenNot: 'Denying the whole port is meant. Acknowledge it.',
  sources: [
    'istio/istio#24845',
    'istio/istio#25832',
    'istio/istio:pilot/pkg/security/authz/model/model.go',
  ],
  examples: {
    bad: { yaml: example('tcp-model') },
    good: { yaml: example('http-model') },
  },
  check: (world) => {
    const ways = new Ways(world.cluster.services);
    const pods = everyPlace(world).flatMap((place): PodsBehind[] => {
      const [own, point] = [world.classes[place], world.pointOf(place)];
      if (own === undefined || point === undefined) return [];
      return [{ place, point, http: httpPorts(own, ways.to(own)) }];
    });
    return world.cluster.authorizationPolicies
      .filter((policy) => policy.unclear.length === 0 && !isDryRun(policy))
      .flatMap((policy) => {
        const own = pods.filter(({ point }) => appliesTo(policy, point));
        return [...atSidecars(world, policy, own), ...atZtunnels(world, policy, own)];
      });
  },
};

function example(port: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: triton, namespace: llm-serving, labels: { app: triton, sidecar.istio.io/inject: 'true' } }
spec: { containers: [{ name: main, image: triton, ports: [{ containerPort: 8001 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: triton, namespace: llm-serving }
spec: { selector: { app: triton }, ports: [{ name: ${port}, port: 8001 }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: triton, namespace: llm-serving }
spec:
  action: DENY
  rules: [{ to: [{ operation: { paths: ['/v2/repository/*'] } }] }]
`;
}

interface PodsBehind {
  readonly place: number;
  readonly point: NonNullable<ReturnType<World['pointOf']>>;
  readonly http: HttpPorts;
}

function atSidecars(world: World, policy: IstioFacts, pods: readonly PodsBehind[]): Found[] {
  const action = actionOf(policy);
  if (action === 'AUDIT' || action === 'CUSTOM') return [];
  const own = pods.filter(({ point }) => point.proxy === 'sidecar');
  return rulesOf(policy).flatMap((rule, index): Found[] => {
    const left = onBytes(rule, action);
    if (left === rule) return [];
    const ports = portsOf(rule, policy);
    const met = own.flatMap(({ place, http }) => {
      const bytes = [...http].filter(([port, seen]) => !seen && holdsPort(ports, port));
      const seesRequests = [...http].some(([port, seen]) => seen && holdsPort(ports, port));
      // an ALLOW rule for every port is meant for those that are HTTP, where there are some
      const isMeant = action === 'DENY' || isLimited(ports) || !seesRequests;
      return isMeant && bytes.length > 0 ? [{ place, ports: bytes.map(([port]) => port) }] : [];
    });
    if (met.length === 0) return [];
    const numbers = [...new Set(met.flatMap((one) => one.ports))].sort((a, b) => a - b).join(', ');
    const names = namesOf(
      world,
      met.map(({ place }) => place),
    );
    return [
      {
        ...about(policy.resource, ['spec', 'rules', index]),
        ...(action === 'DENY' && { severity: 'error' as const }),
        message:
          action === 'DENY'
            ? 'the rule denies every connection to these ports, whatever is in it'
            : 'the rule is dropped on these ports: it allows nothing there',
        got: `${fieldsOf(rule)} on TCP ${numbers} of ${names}`,
        expected: 'HTTP ports, by the name or appProtocol of their Service port',
        fix: `name the Service port http-…, or list the HTTP ports in spec.rules[${String(index)}].to[].operation.ports`,
      },
    ];
  });
}

/** ztunnel sees bytes only: what it drops of a rule is dropped for every port. */
function atZtunnels(world: World, policy: IstioFacts, pods: readonly PodsBehind[]): Found[] {
  const own = pods.filter(({ point }) => point.proxy === 'ztunnel');
  const [first] = own;
  if (first === undefined) return [];
  const names = namesOf(
    world,
    own.map(({ place }) => place),
  );
  return compileAuthorization([policy], first.point).dropped.map(({ index, why }): Found => ({
    ...about(policy.resource, index === undefined ? ['spec', 'action'] : ['spec', 'rules', index]),
    message: 'ztunnel sees no requests: it does not hold what is written',
    got: `${why}, at ${names}`,
    expected: 'callers and ports alone, or a waypoint',
    fix: 'spec.targetRefs: [{kind: Service, group: "", name: <Service behind a waypoint>}] instead of the selector',
  }));
}

function portsOf(rule: AuthorizationRule, policy: IstioFacts): readonly PortRange[] {
  return mergeRanges(compileRule(rule, policy.namespace).parts.flatMap(({ ports }) => ports));
}

function isLimited(ports: readonly PortRange[]): boolean {
  return JSON.stringify(ports) !== JSON.stringify(ALL_PORTS);
}

function fieldsOf({ sources, operations, when }: AuthorizationRule): string {
  const names = [
    ...[...sources, ...operations].flatMap((one) => Object.keys(one)),
    ...when.map(({ key }) => key),
  ];
  return [...new Set(names.filter((name) => isHttpOnly(positive(name))))].sort().join(', ');
}
