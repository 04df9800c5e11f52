import { ineffectiveIsolation } from '../../src/rules/ineffective-isolation';
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

testRule(ineffectiveIsolation, {
  valid: [
    {
      title: 'some ports of everybody',
      yaml: policy('policyTypes: [Ingress], ingress: [{ ports: [{ port: 80 }] }]'),
    },
    {
      title: 'all pods',
      yaml: policy('policyTypes: [Ingress], ingress: [{ from: [{ namespaceSelector: {} }] }]'),
    },
    { title: 'rules that do nothing', yaml: policy('policyTypes: [Ingress], egress: [{}]') },
  ],
  invalid: [
    {
      title: 'everybody on every port',
      yaml: pod + policy('policyTypes: [Ingress], ingress: [{ from: [{ podSelector: {} }] }, {}]'),
      found: [
        {
          at: '9:93',
          object: 'NetworkPolicy ml/a',
          got: 'from everybody on every port for ml/Pod/ui',
        },
      ],
    },
    {
      title: 'every protocol by itself',
      yaml: policy(
        'policyTypes: [Egress], egress: [{ ports: [{ protocol: TCP }, { protocol: UDP }] }, { ports: [{ protocol: SCTP }] }]',
      ),
      found: [{ at: '4:58', got: 'to everybody on every port' }],
    },
    {
      title: 'what undoes another policy',
      yaml:
        pod +
        policy('policyTypes: [Ingress]') +
        policy('policyTypes: [Ingress], ingress: [{}]', 'b'),
      found: [{ object: 'NetworkPolicy ml/b' }],
    },
    {
      title: 'all pods and all addresses',
      yaml: policy(
        'policyTypes: [Ingress], ingress: [{ from: [{ namespaceSelector: {} }, { ipBlock: { cidr: 0.0.0.0/0 } }] }]',
      ),
      found: [{ got: 'from everybody on every port' }],
    },
  ],
});
