/** MLN203: pods that may not ask for names, though their egress is isolated. */
import { Protocol } from '../values/port';
import { objectName, placeOf } from '../engine/evidence';
import type { World } from '../engine/world';
import type { Found, Rule } from './rule';
import { nameServers } from './name-servers';

export const dnsEgressMissing: Rule = {
  code: 'MLN203',
  name: 'dns-egress-missing',
  severity: 'error',
  summary: 'pods whose egress is isolated cannot resolve names',
  why:
    'A policy for egress denies whatever it does not list, the cluster’s DNS among it. Every ' +
    'connection by name then fails with a time-out that looks like anything but a policy.',
  whenNot: 'Pods that only ever connect to addresses. Acknowledge it on their policy.',
  sources: ['aws/aws-network-policy-agent#230', 'kubernetes/kubernetes#70555'],
  examples: {
    bad: {
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: ml-training }
spec: { podSelector: {}, policyTypes: [Egress] }
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
`,
    },
    good: {
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: ml-training }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
`,
    },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy): Found[] => {
      if (policy.egress === undefined) return [];
      const silent = world
        .shown(world.policies.selected(policy))
        .filter((place) => isFirst(world, place, policy.name) && !resolves(world, place));
      if (silent.length === 0) return [];
      const names = silent.map((place) => world.classes[place]?.workload.id ?? '');
      return [
        {
          at: placeOf(policy.resource),
          object: objectName(policy.resource),
          message: `${String(silent.length)} workloads are isolated for egress and cannot resolve names`,
          got: `no rule to UDP 53 for ${names.slice(0, 3).join(', ')}`,
          expected: 'UDP 53 and TCP 53 to the cluster’s DNS',
          fix: `new DnsEgress(this, 'dns', { namespace })`,
        },
      ];
    }),
};

/** Pods that several policies isolate are told of once, at the first of them. */
function isFirst(world: World, place: number, policy: string): boolean {
  return world.policies.isolating(place, 'egress')[0]?.name === policy;
}

function resolves(world: World, place: number): boolean {
  return nameServers(world).some((server) => {
    const verdict = server.verdict(place);
    return verdict !== undefined && world.word(verdict, Protocol.UDP, server.port) !== 'DENIED';
  });
}
