/** MLN205: rules for DNS that name the Service's port, where the pods listen on another one. */
import type { NetworkPolicyFacts, PolicyPeer, PolicyRule } from '../read/cluster';
import { NAME_LABEL } from '../engine/pods';
import { dnsPods } from '../engine/strangers';
import type { World } from '../engine/world';
import { Protocol } from '../values/port';
import { meansPods } from './admitting';
import type { Found, Rule } from './rule';
import { admitsPort, counted, namesOf, ofPolicy, workloadCount } from './telling';

export const dnsWrongPort: Rule = {
  code: 'MLN205',
  name: 'dns-wrong-port',
  severity: 'error',
  summary: 'a rule for DNS names a port on which the DNS pods do not listen',
  why:
    'Policies act on the pods’ own ports, after the Service’s address is translated. The DNS pods of ' +
    'OpenShift listen on 5353 behind a Service on 53: a rule for 53 lets nothing through.',
  whenNot: 'The profile is of another cluster: state dns.port of yours.',
  sources: [
    'opendatahub-io/models-as-a-service#1503',
    'openshift/cluster-dns-operator:assets/dns/daemonset.yaml',
  ],
  examples: {
    bad: { yaml: example(53) },
    good: { yaml: example(5353) },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy) =>
      policy.unclear.length > 0
        ? []
        : (policy.egress ?? []).flatMap((rule) => judged(world, policy, rule)),
    ),
};

/** The port behind which name servers stand, and where OpenShift's do. */
const SERVICE = 53;
const OPENSHIFT = { namespace: 'openshift-dns', port: 5353 };

function judged(world: World, policy: NetworkPolicyFacts, rule: PolicyRule): Found[] {
  const port = portOf(world, policy, rule);
  if (port === undefined || admitsPort(rule, Protocol.UDP, port)) return [];
  const wrong = port === SERVICE ? OPENSHIFT.port : SERVICE;
  if (!admitsPort(rule, Protocol.UDP, wrong)) return [];
  const places = world
    .shown(world.policies.selected(policy))
    .filter((place) => !isAdmitted(world, place, port));
  if (places.length === 0) return [];
  return [
    {
      ...ofPolicy(policy, [...rule.path, 'ports']),
      message: `${counted(workloadCount(world, places), 'workload')} cannot resolve names: the DNS pods listen on ${String(port)}`,
      got: `UDP ${String(wrong)} to the DNS pods, for ${namesOf(world, places)}`,
      expected: `UDP ${String(port)} and TCP ${String(port)}, the pods’ own port`,
      fix: `ports: [{ protocol: UDP, port: ${String(port)} }, { protocol: TCP, port: ${String(port)} }]`,
    },
  ];
}

/** Where the DNS pods that a rule names listen; undefined: it names none. */
function portOf(world: World, policy: NetworkPolicyFacts, rule: PolicyRule): number | undefined {
  const { peers = [] } = rule;
  const named = { ...rule, peers };
  const { dns } = world.cluster.profile;
  const isDns = dnsPods(world.cluster.profile).some((group) =>
    world.group(group).some(({ index }) => meansPods(world, policy, named, index)),
  );
  if (isDns) return dns.port;
  return peers.some(isOpenShift) ? OPENSHIFT.port : undefined;
}

function isOpenShift(peer: PolicyPeer): boolean {
  return peer.kind === 'pods' && peer.namespaces?.matchLabels[NAME_LABEL] === OPENSHIFT.namespace;
}

/** Whether some policy of the pods lets them ask anybody on that port. */
function isAdmitted(world: World, place: number, port: number): boolean {
  return world.policies
    .isolating(place, 'egress')
    .some(
      ({ egress = [], unclear }) =>
        unclear.length > 0 || egress.some((rule) => admitsPort(rule, Protocol.UDP, port)),
    );
}

function example(port: number): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: ml-training }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: openshift-dns } } }]
      ports: [{ protocol: UDP, port: ${String(port)} }, { protocol: TCP, port: ${String(port)} }]
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
`;
}
