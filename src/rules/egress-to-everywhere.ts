/** MLN207: egress rules that name nobody, or every address. */
import type { NetworkPolicyFacts, PolicyRule } from '../read/cluster';
import type { Found, Rule } from './rule';
import { ofPolicy } from './telling';

export const egressToEverywhere: Rule = {
  code: 'MLN207',
  name: 'egress-to-everywhere',
  severity: 'warning',
  summary: 'an egress rule goes to every address',
  why:
    'A rule without peers, or with all addresses and no exception, goes to the internet, to every pod ' +
    'of the cluster, to nodes, the API server and the metadata service alike: data leaves by it.',
  whenNot: 'A proxy or crawler whose purpose that is. Acknowledge it on its policy.',
  sources: [
    'kubernetes/api:networking/v1/types.go',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
  examples: {
    bad: { yaml: example('[{ ports: [{ port: 443 }] }]') },
    good: {
      yaml: example('[{ to: [{ ipBlock: { cidr: 151.101.0.0/16 } }], ports: [{ port: 443 }] }]'),
    },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy): Found[] =>
      policy.unclear.length > 0
        ? []
        : (policy.egress ?? []).flatMap((rule) => everywhere(policy, rule)),
    ),
};

function everywhere(policy: NetworkPolicyFacts, rule: PolicyRule): Found[] {
  // without peers and ports it isolates nobody: ineffective-isolation tells of it
  if (rule.peers === undefined && rule.ports === undefined) return [];
  const ports = portsText(rule);
  if (rule.peers === undefined) {
    return [
      {
        ...ofPolicy(policy, rule.path),
        message: 'an egress rule without peers goes to every pod and every address',
        got: `no to, ${ports}`,
        expected: 'the peers that are meant',
        fix: isDns(rule)
          ? `to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }, podSelector: { matchLabels: { k8s-app: kube-dns } } }]`
          : `to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [${PRIVATE.join(', ')}] } }] for the internet alone`,
        ...(isDns(rule) ? { severity: 'info' as const } : {}),
      },
    ];
  }
  return rule.peers.flatMap((peer, index): Found[] => {
    if (peer.kind !== 'block' || peer.except.length > 0) return [];
    const isFour = peer.cidr === '0.0.0.0/0';
    if (!isFour && peer.cidr !== '::/0') return [];
    const except = isFour ? PRIVATE : ['fc00::/7', 'fe80::/10'];
    return [
      {
        ...ofPolicy(policy, [...rule.path, 'to', index]),
        message: `an egress rule goes to every ${isFour ? 'IPv4' : 'IPv6'} address`,
        got: `${peer.cidr} without except, ${ports}`,
        expected: 'the addresses that are meant, or private and link-local ones excepted',
        fix: `ipBlock: { cidr: ${JSON.stringify(peer.cidr)}, except: [${except.join(', ')}] }`,
      },
    ];
  });
}

/** Everything that is not the internet's: RFC 1918 and link-local, where metadata services live. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'];

function portsText({ ports }: PolicyRule): string {
  if (ports === undefined) return 'all ports';
  return ports
    .map(({ protocol, range, name }) => {
      if (range === undefined)
        return name === undefined ? `all ${protocol}` : `${protocol} ${name}`;
      return `${protocol} ${range[0] === range[1] ? String(range[0]) : range.join('-')}`;
    })
    .join(', ');
}

function isDns({ ports = [] }: PolicyRule): boolean {
  return ports.every(
    ({ range }) => range?.[0] === range?.[1] && [53, 5353].includes(range?.[0] ?? 0),
  );
}

function example(egress: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: internet, namespace: training }
spec: { podSelector: {}, policyTypes: [Egress], egress: ${egress} }
`;
}
