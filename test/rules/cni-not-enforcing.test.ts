import { cniNotEnforcing } from '../../src/rules/cni-not-enforcing';
import { testRule } from '../support/rules';

const yaml = ['a', 'b']
  .map(
    (name) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: llm-serving }
spec: { podSelector: {} }
`,
  )
  .join('---');

testRule(cniNotEnforcing, {
  valid: [
    { title: 'a CNI of which nothing is known', yaml, profile: { cni: { name: 'unknown' } } },
    {
      title: 'a cluster without policies',
      yaml: '',
      profile: { cni: { name: 'flannel', enforces: false } },
    },
  ],
  invalid: [
    {
      title: 'all policies once',
      yaml,
      profile: { cni: { name: 'flannel', enforces: false } },
      found: [
        {
          at: '2:1',
          object: 'NetworkPolicy llm-serving/a',
          got: 'CNI flannel, which enforces none',
        },
      ],
    },
  ],
});
