/** MLN208: policies that name the port of a Service, where the pods behind it listen on another one. */
import type { NetworkPolicyFacts, PolicyPort, PolicyRule, ServicePort } from '../read/cluster';
import { podsBehind, targetsBehind } from '../engine/behind';
import type { World } from '../engine/world';
import { meansPods } from './admitting';
import type { Found, Rule } from './rule';
import { admitsPort, ofPolicy } from './telling';

export const servicePortNotPodPort: Rule = {
  code: 'MLN208',
  name: 'service-port-not-pod-port',
  severity: 'error',
  summary: 'a policy names a Service’s port, on which its pods do not listen',
  why:
    'Policies act on the pods’ own ports, after the Service’s address is translated. A rule for the ' +
    'Service’s port lets nothing through, though it looks like what callers use.',
  whenNot: 'The pods listen on that port without saying so: add it to their containerPorts.',
  sources: [
    'opendatahub-io/models-as-a-service#1503',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
  examples: {
    bad: { yaml: example(80) },
    good: { yaml: example(8000) },
  },
  check: (world) => {
    const listening = world.cluster.services.flatMap((service) =>
      service.ports.map((port): Listening => ({
        name: `${service.namespace}/${service.name}`,
        port,
        places: podsBehind(world, service),
        targets: targetsBehind(world, service, port),
      })),
    );
    return world.cluster.networkPolicies.flatMap((policy) => {
      if (policy.unclear.length > 0) return [];
      const own = new Set(world.policies.selected(policy));
      const ingress = (policy.ingress ?? []).flatMap((rule) =>
        judged(world, { policy, rule, listening, means: (place) => own.has(place) }),
      );
      const egress = (policy.egress ?? []).flatMap((rule) => {
        if (rule.peers === undefined) return [];
        const means = (place: number): boolean => meansPods(world, policy, rule, place);
        return judged(world, { policy, rule, listening, means });
      });
      return [...ingress, ...egress];
    });
  },
};

/** A port of a Service with the pods behind it. */
interface Listening {
  readonly name: string;
  readonly port: ServicePort;
  readonly places: readonly number[];
  readonly targets: readonly { readonly place: number; readonly port?: number }[];
}

interface Judged {
  readonly policy: NetworkPolicyFacts;
  readonly rule: PolicyRule;
  readonly listening: readonly Listening[];
  /** Whether the rule is about connections to pods of a class. */
  readonly means: (place: number) => boolean;
}

function judged(world: World, { policy, rule, listening, means }: Judged): Found[] {
  return (rule.ports ?? []).flatMap((port, index): Found[] => {
    const number = single(port);
    if (number === undefined) return [];
    const meant = listening.filter(({ places }) => places.some(means));
    if (meant.some((one) => isListenedOn(one, { ...port, number }, means))) return [];
    const service = meant.find(
      (one) =>
        one.port.port === number &&
        one.port.protocol === port.protocol &&
        // another port of the rule may be the one that counts
        !one.targets.every(
          (target) => target.port === undefined || admitsPort(rule, port.protocol, target.port),
        ),
    );
    if (service === undefined || declares(world, { ...port, number }, means)) return [];
    const target = service.targets.find((one) => one.port !== undefined && means(one.place))?.port;
    if (target === undefined) return [];
    return [
      {
        ...ofPolicy(policy, [...rule.path, 'ports', index]),
        message: `${port.protocol} ${String(number)} is the port of Service ${service.name}; its pods listen on ${String(target)}`,
        got: `port: ${String(number)}`,
        expected: `the pods’ own port, ${String(target)}`,
        fix: `port: ${String(target)}`,
      },
    ];
  });
}

function single({ range }: PolicyPort): number | undefined {
  return range !== undefined && range[0] === range[1] ? range[0] : undefined;
}

interface Numbered extends PolicyPort {
  readonly number: number;
}

/** Whether a Service leads to that port of pods that the rule means; one of unknown ports may. */
function isListenedOn(
  { port, targets }: Listening,
  { protocol, number }: Numbered,
  means: (place: number) => boolean,
): boolean {
  return (
    port.protocol === protocol &&
    targets.some((one) => means(one.place) && (one.port === undefined || one.port === number))
  );
}

/** Whether pods that the rule means say that they listen there. */
function declares(
  { classes }: World,
  { protocol, number }: Numbered,
  means: (place: number) => boolean,
): boolean {
  return classes.some(
    ({ index, pods }) =>
      pods.ports.some((one) => one.port === number && one.protocol === protocol) && means(index),
  );
}

function example(port: number): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: triton, namespace: serving }
spec: { selector: { app: triton }, ports: [{ port: 80, targetPort: 8000 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: triton, namespace: serving, labels: { app: triton } }
spec: { containers: [{ name: main, image: triton }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: triton, namespace: serving }
spec:
  podSelector: { matchLabels: { app: triton } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: ${String(port)} }] }]
`;
}
