/** MLN222: policies in a cluster whose CNI does not enforce any. */
import { about } from './about';
import type { Found, Rule } from './rule';

const YAML = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: llm-serving }
spec: { podSelector: {} }
`;

export const cniNotEnforcing: Rule = {
  code: 'MLN222',
  name: 'cni-not-enforcing',
  severity: 'error',
  summary: 'the cluster’s CNI enforces no network policy',
  why:
    'The API server stores policies whatever the CNI does with them. With one that does nothing ' +
    'everybody reaches everybody, and the day of a change to one that does is the first test.',
  whenNot: 'The profile is wrong: say which CNI it is.',
  sources: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites',
  ],
  examples: {
    bad: { yaml: YAML, profile: '{"cni": {"name": "flannel", "enforces": false}}' },
    good: { yaml: YAML, profile: '{"cni": {"name": "calico", "enforces": true}}' },
  },
  check: ({ cluster }): readonly Found[] => {
    const { networkPolicies, clusterNetworkPolicies, profile } = cluster;
    const policies = [...networkPolicies, ...clusterNetworkPolicies];
    const [first] = policies;
    if (profile.cni.enforces !== false || first === undefined) return [];
    return [
      {
        ...about(first.resource),
        message: `network policies (${String(policies.length)}), and nothing that enforces them`,
        got: `CNI ${profile.cni.name}, which enforces none`,
        expected: 'a CNI that enforces NetworkPolicy, and a profile that names it',
        fix: 'ClusterProfile.generic({ cni: Cni.CALICO })',
      },
    ];
  },
};
