/** MLN208: policies that name the port of a Service, where the pods behind it listen on another one. */
import type { NetworkPolicyFacts, PolicyPeer, PolicyRule, ServicePort } from '../read/cluster';
import { targetsBehind } from '../engine/behind';
import type { Places } from '../engine/pods';
import { remember } from '../engine/pods';
import type { World } from '../engine/world';
import type { Protocol } from '../values/port';
import { isEverything } from '../values/selector';
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
    const listening = new Listening(world);
    return world.cluster.networkPolicies.flatMap((policy) => {
      if (policy.unclear.length > 0) return [];
      const ingress = (policy.ingress ?? []).flatMap((rule) =>
        judged(policy, rule, listening.of(world.policies.selected(policy))),
      );
      const egress = (policy.egress ?? []).flatMap((rule) => {
        // who is not shown may listen there: other pods of every namespace, and addresses
        if (rule.peers === undefined || rule.peers.some(isOpenEnded)) return [];
        const peers = rule.peers.flatMap((peer) => placesOf(world, policy, peer));
        return judged(policy, rule, listening.ofAll(peers));
      });
      return [...ingress, ...egress];
    });
  },
};

function isOpenEnded(peer: PolicyPeer): boolean {
  if (peer.kind === 'block') return true;
  return peer.namespaces !== undefined && isEverything(peer.namespaces) && isEverything(peer.pods);
}

/** Pods of a peer by labels: equal peers have one list. */
function placesOf(world: World, { namespace }: NetworkPolicyFacts, peer: PolicyPeer): Places[] {
  if (peer.kind !== 'pods') return [];
  if (peer.namespaces === undefined) {
    return [world.pods.selectedIn(world.pods.placeOf(namespace), peer.pods)];
  }
  const { sure, maybe } = world.reach.network.compilation.sets.ofPods(peer.namespaces, peer.pods);
  return maybe.length === 0 ? [sure] : [sure, maybe];
}

/** A Service port with what stands behind it. */
interface Way {
  readonly service: string;
  readonly port: ServicePort;
  /** Absent: the pods may have a port of the target's name, nobody says which. */
  readonly target?: number;
}

/** Ports of some pods: what Services lead to, and what the pods declare. */
interface Ports {
  readonly ways: readonly Way[];
  readonly declared: ReadonlySet<string>;
}

class Listening {
  private readonly ways = new Map<number, Way[]>();
  private readonly known = new Map<Places, Ports>();

  constructor(private readonly world: World) {
    for (const service of world.cluster.services) {
      for (const port of service.ports) {
        for (const { place, port: target } of targetsBehind(world, service, port)) {
          const way: Way = {
            service: `${service.namespace}/${service.name}`,
            port,
            ...(target !== undefined && { target }),
          };
          const known = this.ways.get(place);
          if (known === undefined) this.ways.set(place, [way]);
          else known.push(way);
        }
      }
    }
  }

  of(places: Places): Ports {
    return remember(this.known, places, () => ({
      ways: places.flatMap((place) => this.ways.get(place) ?? []),
      declared: new Set(
        places.flatMap((place) =>
          (this.world.classes[place]?.pods.ports ?? []).map(({ protocol, port }) =>
            portKey(protocol, port),
          ),
        ),
      ),
    }));
  }

  ofAll(lists: readonly Places[]): Ports {
    const [first, ...more] = lists.map((places) => this.of(places));
    if (first === undefined) return { ways: [], declared: new Set() };
    if (more.length === 0) return first;
    const all = [first, ...more];
    return {
      ways: all.flatMap(({ ways }) => ways),
      declared: new Set(all.flatMap(({ declared }) => [...declared])),
    };
  }
}

function judged(policy: NetworkPolicyFacts, rule: PolicyRule, { ways, declared }: Ports): Found[] {
  return (rule.ports ?? []).flatMap((port, index): Found[] => {
    const { protocol, range: [low, high] = [] } = port;
    if (low === undefined || low !== high || declared.has(portKey(protocol, low))) return [];
    const own = ways.filter((way) => way.port.protocol === protocol);
    if (own.some(({ target }) => target === low)) return [];
    const named = own.filter((way) => way.port.port === low);
    // a target of unknown number may be this one, and another port of the rule the one that counts
    if (named.some(({ target }) => target === undefined)) return [];
    const wrong = named.find(({ target }) => !admitsPort(rule, protocol, target ?? low));
    if (wrong?.target === undefined) return [];
    const [number, target] = [String(low), String(wrong.target)];
    return [
      {
        ...ofPolicy(policy, [...rule.path, 'ports', index]),
        message: `${protocol} ${number} is the port of Service ${wrong.service}; its pods listen on ${target}`,
        got: `port: ${number}`,
        expected: `the pods’ own port, ${target}`,
        fix: `port: ${target}`,
      },
    ];
  });
}

function portKey(protocol: Protocol, port: number): string {
  return `${protocol} ${String(port)}`;
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
