/** MLN220: rules that are meant for the API server and mean nobody, or an address that no packet has. */
import type { NetworkPolicyFacts, PolicyPeer, PolicyRule } from '../read/cluster';
import type { FieldPath } from '../read/resource';
import { Protocol } from '../values/port';
import { addressOf, blockOf, textOf } from '../engine/addresses';
import { NAME_LABEL } from '../engine/pods';
import type { World } from '../engine/world';
import { about } from './about';
import type { Found, Rule } from './rule';

export const apiserverEgressWrongForm: Rule = {
  code: 'MLN220',
  name: 'apiserver-egress-wrong-form',
  severity: 'error',
  summary: 'a rule for the Kubernetes API has a form that cannot mean it',
  why:
    'The Service `kubernetes` in `default` has no pods, and its endpoints run in the host’s network. A ' +
    'rule for pods never means them, and its cluster address is gone when policy is asked.',
  whenNot:
    'The CNI asks policy before the Service’s address is replaced. Say so with `cni.name` of the ' +
    'profile (aws-vpc), or acknowledge it.',
  sources: ['kubernetes-sigs/agent-sandbox#1425', 'cilium/cilium#33525'],
  examples: {
    bad: {
      yaml: example('namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: default } }'),
    },
    good: { yaml: example('ipBlock: { cidr: 172.18.0.2/32 }') },
  },
  check: (world) => {
    const addresses = serviceAddresses(world);
    return world.cluster.networkPolicies.flatMap((policy) =>
      (policy.egress ?? []).flatMap((rule) => {
        if (!isForApiServer(rule)) return [];
        return (rule.peers ?? []).flatMap((peer, index): Found[] => {
          const wrong = wrongForm(world, policy, peer, addresses);
          if (wrong === undefined) return [];
          return [found(world, policy, [...rule.path, 'to', index], wrong)];
        });
      }),
    );
  },
};

interface Wrong {
  readonly message: string;
  readonly got: string;
}

function found(
  { cluster: { profile } }: World,
  policy: NetworkPolicyFacts,
  path: FieldPath,
  { message, got }: Wrong,
): Found {
  const { addresses, ports } = profile.apiServer;
  const cidr = addresses[0] ?? '<address of an endpoint, from kubectl get endpoints kubernetes>';
  return {
    ...about(policy.resource, path),
    message,
    got,
    expected: 'an ipBlock of the API server’s endpoints',
    fix: `{to: [{ipBlock: {cidr: ${cidr}}}], ports: [{protocol: TCP, port: ${String(ports.find((one) => one !== 443) ?? 6443)}}]}`,
  };
}

/** Ports of the API server, and no others besides: a rule for them alone is meant for it. */
function isForApiServer({ ports = [] }: PolicyRule): boolean {
  return (
    ports.length > 0 &&
    ports.every(
      ({ protocol, range }) =>
        protocol === Protocol.TCP &&
        range !== undefined &&
        range[0] === range[1] &&
        [443, 6443, 8443].includes(range[0]),
    )
  );
}

function wrongForm(
  world: World,
  policy: NetworkPolicyFacts,
  peer: PolicyPeer,
  addresses: readonly string[],
): Wrong | undefined {
  if (peer.kind === 'block') {
    if (!addresses.includes(peer.cidr.replace(/\/(32|128)$/, ''))) return undefined;
    if (/aws|amazon/.test(world.cluster.profile.cni.name)) return undefined;
    return {
      message: 'the address of the Service `kubernetes` is replaced before policy is asked',
      got: `ipBlock ${peer.cidr}`,
    };
  }
  const { namespaces, pods } = peer;
  const labels = { ...pods.matchLabels };
  const home = namespaces === undefined ? policy.namespace : namespaces.matchLabels[NAME_LABEL];
  if (labels['component'] === 'kube-apiserver' || labels['k8s-app'] === 'kube-apiserver') {
    return {
      message: 'the API server runs in the host’s network, which a selector for pods does not mean',
      got: `podSelector ${JSON.stringify(labels)}`,
    };
  }
  if (home !== 'default' || namespaces === undefined) return undefined;
  const isServiceOfApi = labels['component'] === 'apiserver' || Object.keys(labels).length === 0;
  const place = world.pods.placeOf('default');
  const own = place < 0 ? [] : world.shown(world.pods.selectedIn(place, pods));
  // somebody may run pods there and mean them
  if (!isServiceOfApi || own.length > 0) return undefined;
  return {
    message: 'the Service `kubernetes` of namespace default has no pods that a selector could mean',
    got: 'namespaceSelector for default, where no pod is',
  };
}

/** Addresses of the Service `kubernetes`: the first of the Services’ range, unless somebody says. */
function serviceAddresses({ cluster }: World): string[] {
  const { apiServer, serviceRanges = [] } = cluster.profile;
  const shown = cluster.services.filter(
    ({ namespace, name }) => namespace === 'default' && name === 'kubernetes',
  );
  return [
    ...(apiServer.clusterAddress === undefined ? [] : [apiServer.clusterAddress]),
    ...shown.flatMap(({ clusterAddresses }) => clusterAddresses),
    ...serviceRanges.flatMap(firstAddress),
  ];
}

function firstAddress(range: string): string[] {
  const [first] = blockOf(range)?.intervals ?? [];
  const family = addressOf(range.split('/')[0] ?? '')?.family;
  return first === undefined || family === undefined ? [] : [textOf(family, first[0] + 1n)];
}

function example(peer: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: operator, namespace: kuberay }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{ ${peer} }]
      ports: [{ protocol: TCP, port: 443 }]
`;
}
