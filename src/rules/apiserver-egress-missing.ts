/** MLN219: operators and other clients of the Kubernetes API that cannot reach it. */
import type { World } from '../engine/world';
import { about, counted, everyPlace, grouped, nameAt } from './about';
import { boundAccounts, isBeyondUs, mayReachApiServer, needsApiServer } from './api-server-callers';
import type { Found, Rule } from './rule';

export const apiserverEgressMissing: Rule = {
  code: 'MLN219',
  name: 'apiserver-egress-missing',
  severity: 'error',
  summary: 'pods that use the Kubernetes API cannot reach it',
  why:
    'The API server is no pod: no selector means it, only addresses do. An operator that is isolated ' +
    'for egress without a rule for them stops reconciling, and says no more than “i/o timeout”.',
  whenNot:
    'The account’s rights are for others than these pods, or another kind of policy allows it. ' +
    'Acknowledge it on the policy.',
  sources: ['cilium/cilium#20550', 'ray-project/kuberay#4638', 'kube-rs/controller-rs#62'],
  examples: {
    bad: { yaml: example('') },
    good: {
      yaml: example(`
    - to: [{ ipBlock: { cidr: 172.18.0.2/32 } }]
      ports: [{ protocol: TCP, port: 6443 }]`),
    },
  },
  check: (world) => {
    const bound = boundAccounts(world);
    const lost = everyPlace(world).flatMap((place) => {
      const own = world.classes[place];
      const why = own === undefined ? undefined : needsApiServer(own, bound);
      const [policy] = world.policies.isolating(place, 'egress');
      if (own === undefined || why === undefined || policy === undefined) return [];
      if (own.pods.hostNetwork || !world.isIsolated(place, 'egress')) return [];
      if (isBeyondUs(world, own.workload.namespace) || mayReachApiServer(world, place)) return [];
      return [{ place, why, policy }];
    });
    return [
      ...grouped(lost, ({ policy }) => `${policy.namespace}/${policy.name}`).values(),
    ].flatMap((group): Found[] => {
      const [first] = group;
      if (first === undefined) return [];
      const names = [...new Set(group.map(({ place }) => nameAt(world, place)))];
      return [
        {
          ...about(first.policy.resource),
          message: `${counted(names.length, 'workload')} cannot reach the Kubernetes API`,
          got: `no rule to its addresses for ${names.slice(0, 3).join(', ')} (${first.why})`,
          expected: `a rule to ${endpoints(world)}`,
          fix: `workload.allowTo(Peer.kubeApiserver(), { reason: '…' })`,
        },
      ];
    });
  },
};

function endpoints({ cluster: { profile } }: World): string {
  const { addresses, ports } = profile.apiServer;
  const where = addresses.length === 0 ? 'an ipBlock of its endpoints' : addresses.join(', ');
  return `${where}, TCP ${(ports.length === 0 ? [443, 6443] : ports).join(' or ')}`;
}

function example(rule: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: operator, namespace: kuberay }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]${rule}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: kuberay }
subjects: [{ kind: ServiceAccount, name: kuberay-operator, namespace: kuberay }]
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kuberay }
---
apiVersion: v1
kind: Pod
metadata: { name: kuberay-operator, namespace: kuberay, labels: { app: kuberay } }
spec: { serviceAccountName: kuberay-operator, containers: [{ name: main, image: kuberay }] }
`;
}
