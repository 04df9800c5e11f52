import { dnsEgressMissing } from '../../src/rules/dns-egress-missing';
import { testRule } from '../support/rules';

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
`;
const policy = (egress: string): string => `${pod}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: egress, namespace: ml-training }
spec: { podSelector: {}, policyTypes: [Egress], egress: ${egress} }
`;

testRule(dnsEgressMissing, {
  valid: [
    { title: 'pods that are not isolated', yaml: pod },
    { title: 'egress to everybody', yaml: policy('[{}]') },
  ],
  invalid: [
    {
      title: 'egress to another port',
      yaml: policy('[{ ports: [{ port: 443 }] }]'),
      found: [
        {
          at: '7:1',
          object: 'NetworkPolicy ml-training/egress',
          got: 'no rule to UDP 53 for ml-training/Pod/bert',
        },
      ],
    },
  ],
});
