import { namespaceLabelNotSet } from '../../src/rules/namespace-label-not-set';
import { testRule } from '../support/rules';

const namespace = (name: string, labels: string): string => `apiVersion: v1
kind: Namespace
metadata: { name: ${name}, labels: ${labels} }
---
`;
const policy = (selector: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: ml }
spec: { podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ namespaceSelector: ${selector} }] }] }
`;
const ml = namespace('ml', '{ team: research }');

testRule(namespaceLabelNotSet, {
  valid: [
    { title: 'no namespaces in the input', yaml: policy('{ matchLabels: { name: kube-system } }') },
    {
      title: 'a namespace by its name',
      yaml: ml + policy('{ matchLabels: { kubernetes.io/metadata.name: ops } }'),
    },
    { title: 'a label that is set', yaml: ml + policy('{ matchLabels: { team: research } }') },
    {
      title: 'one of several',
      yaml:
        ml + policy('{ matchExpressions: [{ key: team, operator: In, values: [ops, research] }] }'),
    },
    {
      title: 'a label that must be absent',
      yaml: ml + policy('{ matchExpressions: [{ key: tier, operator: DoesNotExist }] }'),
    },
    { title: 'every namespace', yaml: ml + policy('{}') },
  ],
  invalid: [
    {
      title: 'the label name',
      yaml: ml + policy('{ matchLabels: { name: kube-system } }'),
      found: [
        { at: '8:67', object: 'NetworkPolicy ml/a', got: 'name=kube-system', severity: 'warning' },
      ],
    },
    {
      title: 'a mistyped value',
      yaml: ml + policy('{ matchLabels: { team: reserch } }'),
      found: [{ got: 'team=reserch', severity: 'warning' }],
    },
    {
      title: 'a label that has to be there',
      yaml: ml + policy('{ matchExpressions: [{ key: tier, operator: Exists }] }'),
      found: [{ got: 'tier', severity: 'info' }],
    },
  ],
});
