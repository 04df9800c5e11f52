import { policyTypesMissing } from '../../src/rules/policy-types-missing';
import { testRule } from '../support/rules';

const pod = `apiVersion: v1
kind: Pod
metadata: { name: ui, namespace: ml, labels: { app: ui } }
spec: { containers: [{ name: main, image: ui }] }
---
`;
const policy = (spec: string, name = 'a'): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ml }
spec: { podSelector: {}, ${spec} }
---
`;
const both = 'policyTypes: [Ingress, Egress]';

testRule(policyTypesMissing, {
  valid: [
    { title: 'a default deny', yaml: pod + policy(both) },
    {
      title: 'a direction that is said to be empty',
      yaml: pod + policy(`${both}, ingress: [{}], egress: []`),
    },
    {
      title: 'a direction that another policy has',
      yaml:
        pod + policy(`${both}, ingress: [{}]`) + policy('policyTypes: [Egress], egress: [{}]', 'b'),
    },
  ],
  invalid: [
    {
      title: 'nothing said',
      yaml: policy('ingress: []'),
      found: [{ at: '4:1', got: 'no policyTypes', severity: 'info' }],
    },
    {
      title: 'an egress list that does not isolate',
      yaml: policy('egress: []'),
      found: [{ got: 'no policyTypes', severity: 'warning' }],
    },
    {
      title: 'dead ingress rules',
      yaml: policy('policyTypes: [Egress], egress: [{}], ingress: [{}]'),
      found: [{ at: '4:63', object: 'NetworkPolicy ml/a', got: 'policyTypes: [Egress]' }],
    },
    {
      title: 'a direction that is listed and forgotten',
      yaml: pod + policy(`${both}, ingress: [{}]`),
      found: [{ at: '9:26', got: 'policyTypes with Egress, no egress', severity: 'info' }],
    },
  ],
});
