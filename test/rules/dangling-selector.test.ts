import { danglingSelector } from '../../src/rules/dangling-selector';
import { testRule } from '../support/rules';

const pod = (labels: string): string => `apiVersion: v1
kind: Pod
metadata: { name: t5, namespace: ml, labels: ${labels} }
spec: { containers: [{ name: main, image: t5 }] }
---
`;
const policy = (selector: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: ml }
spec: { podSelector: ${selector}, policyTypes: [Ingress] }
`;
const app = (name: string): string => `{ matchLabels: { app: ${name} } }`;

testRule(danglingSelector, {
  valid: [
    { title: 'no pods in the input', yaml: policy(app('t5')) },
    { title: 'all pods', yaml: pod('{ app: t5 }') + policy('{}') },
    {
      title: 'a label that a controller makes up',
      yaml: `apiVersion: batch/v1
kind: Job
metadata: { name: train, namespace: ml }
spec: { template: { spec: { containers: [{ name: main, image: bert }] } } }
---
${policy('{ matchLabels: { controller-uid: abc } }')}`,
    },
  ],
  invalid: [
    {
      title: 'a mistyped value',
      yaml: pod('{ app: trainer }') + policy(app('trainner')),
      found: [{ at: '9:9', object: 'NetworkPolicy ml/a', got: 'app=trainner' }],
    },
    {
      title: 'another key',
      yaml: pod('{ app.kubernetes.io/name: t5 }') + policy(app('t5')),
      found: [{ got: 'app=t5' }],
    },
    {
      title: 'an expression',
      yaml: pod('{ app: t5 }') + policy('{ matchExpressions: [{ key: tier, operator: Exists }] }'),
      found: [{ got: 'tier' }],
    },
  ],
});
