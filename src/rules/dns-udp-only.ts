/** MLN204: pods that may ask for names over UDP alone. */
import type { NetworkPolicyFacts, PolicyRule } from '../read/cluster';
import type { World } from '../engine/world';
import { Protocol } from '../values/port';
import type { NameServer } from './name-servers';
import { nameServers } from './name-servers';
import type { Found, Rule } from './rule';
import { admitsPort, counted, namesOf, ofPolicy, workloadCount } from './telling';

export const dnsUdpOnly: Rule = {
  code: 'MLN204',
  name: 'dns-udp-only',
  severity: 'warning',
  summary: 'pods may ask for names over UDP, not over TCP',
  why:
    'Answers that do not fit into a datagram (long CNAME chains, many addresses) are asked for again ' +
    'over TCP. Some names then never resolve, and only those.',
  whenNot: 'The DNS server is known to answer over UDP only. Acknowledge it on the policy.',
  sources: ['cilium/cilium#31197', 'https://www.rfc-editor.org/rfc/rfc7766'],
  examples: {
    bad: { yaml: example('[{ protocol: UDP, port: 53 }]') },
    good: { yaml: example('[{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]') },
  },
  check: (world) => {
    const servers = nameServers(world);
    return world.cluster.networkPolicies.flatMap((policy): Found[] => {
      const rule = ruleOf(policy, servers);
      if (rule === undefined) return [];
      const places = world
        .shown(world.policies.selected(policy))
        .filter((place) => servers.some((server) => isHalf(world, place, server)));
      if (places.length === 0) return [];
      const port = String(servers.find((server) => lacksTcp(rule, server.port))?.port);
      return [
        {
          ...ofPolicy(policy, [...rule.path, 'ports']),
          message: `${counted(workloadCount(world, places), 'workload')} may ask for names over UDP, not over TCP`,
          got: `UDP ${port} without TCP ${port} for ${namesOf(world, places)}`,
          expected: `UDP ${port} and TCP ${port}`,
          fix: `add { protocol: TCP, port: ${port} } to ports`,
        },
      ];
    });
  },
};

/** The first rule that admits a server's UDP port and not its TCP port. */
function ruleOf(
  { egress = [] }: NetworkPolicyFacts,
  servers: readonly NameServer[],
): PolicyRule | undefined {
  return egress.find((rule) => servers.some(({ port }) => lacksTcp(rule, port)));
}

function lacksTcp(rule: PolicyRule, port: number): boolean {
  return (
    rule.ports?.some(({ protocol, range }) => protocol === Protocol.UDP && range?.[0] === port) ===
      true && !admitsPort(rule, Protocol.TCP, port)
  );
}

function isHalf(world: World, place: number, server: NameServer): boolean {
  const verdict = server.verdict(place);
  if (verdict === undefined) return false;
  return (
    world.word(verdict, Protocol.UDP, server.port) === 'ALLOWED' &&
    world.word(verdict, Protocol.TCP, server.port) === 'DENIED'
  );
}

function example(ports: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: ml-training }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{ namespaceSelector: {}, podSelector: { matchLabels: { k8s-app: kube-dns } } }]
      ports: ${ports}
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
`;
}
