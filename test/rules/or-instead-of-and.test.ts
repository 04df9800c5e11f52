import { orInsteadOfAnd } from '../../src/rules/or-instead-of-and';
import { testRule } from '../support/rules';

const pod = `apiVersion: v1
kind: Pod
metadata: { name: ui, namespace: ml, labels: { app: ui } }
spec: { containers: [{ name: main, image: ui }] }
---
`;
const policy = (egress: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: ml }
spec: { podSelector: {}, policyTypes: [Egress], egress: [{ to: ${egress} }] }
`;
const ops = '{ namespaceSelector: { matchLabels: { team: ops } } }';
const ui = '{ podSelector: { matchLabels: { app: ui } } }';

testRule(orInsteadOfAnd, {
  valid: [
    { title: 'the pods first', yaml: policy(`[${ui}, ${ops}]`) },
    { title: 'pods that live in the policy’s namespace', yaml: pod + policy(`[${ops}, ${ui}]`) },
    { title: 'every pod of the namespace', yaml: policy(`[${ops}, { podSelector: {} }]`) },
    { title: 'every namespace', yaml: policy(`[{ namespaceSelector: {} }, ${ui}]`) },
  ],
  invalid: [
    {
      title: 'a dash too many',
      yaml: policy(`[{ ipBlock: { cidr: 10.0.0.0/8 } }, ${ops}, ${ui}]`),
      found: [
        {
          at: '4:100',
          object: 'NetworkPolicy ml/a',
          got: 'namespaceSelector team=ops and podSelector app=ui as two items',
        },
      ],
    },
  ],
});
