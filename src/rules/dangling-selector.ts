/** MLN209: policies that select none of the pods that the input shows. */
import { couldSelect } from '../engine/could-select';
import { describeSelector, isEverything } from '../values/selector';
import { likelyLabel } from './likely';
import type { Found, Rule } from './rule';
import { listed, ofPolicy, podsShownIn } from './telling';

export const danglingSelector: Rule = {
  code: 'MLN209',
  name: 'dangling-selector',
  severity: 'warning',
  summary: 'a policy selects no pod of its namespace',
  why:
    'A mistyped or outdated label is no error to the API server: the policy is there, and the pods it ' +
    'was written for are not isolated, or not let through.',
  whenNot:
    'The pods come from elsewhere (another repository, an operator): read them too, or acknowledge it. ' +
    'Nothing is said of namespaces whose pods no manifest shows.',
  sources: ['ahmetb/kubernetes-network-policy-recipes#98', 'projectcalico/calico#6898'],
  examples: {
    bad: { yaml: example('modelapi') },
    good: { yaml: example('model-api') },
  },
  check: (world) =>
    world.cluster.networkPolicies.flatMap((policy): Found[] => {
      if (policy.unclear.length > 0 || isEverything(policy.pods)) return [];
      if (world.policies.selected(policy).length > 0) return [];
      const shown = podsShownIn(world, world.pods.placeOf(policy.namespace));
      if (shown.length === 0 || shown.some((pods) => couldSelect(policy.pods, pods))) return [];
      const likely = likelyLabel(
        policy.pods,
        shown.map(({ labels }) => labels),
      );
      const labels = [
        ...new Set(
          shown.flatMap((one) =>
            Object.entries(one.labels).map(([key, value]) => `${key}: ${value}`),
          ),
        ),
      ];
      return [
        {
          ...ofPolicy(policy, ['spec', 'podSelector']),
          message: `the policy selects none of the pods that the input shows in ${policy.namespace}`,
          got: describeSelector(policy.pods),
          expected: `labels of a pod: ${listed(labels)}`,
          fix:
            likely === undefined
              ? 'correct the labels of podSelector, or remove the policy'
              : `${likely.right} instead of ${likely.wrong}`,
        },
      ];
    }),
};

function example(app: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: model-api, namespace: llm-serving }
spec: { podSelector: { matchLabels: { app: ${app} } }, policyTypes: [Ingress] }
---
apiVersion: v1
kind: Pod
metadata: { name: model-api, namespace: llm-serving, labels: { app: model-api } }
spec: { containers: [{ name: main, image: triton }] }
`;
}
