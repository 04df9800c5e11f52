import { dnsUdpOnly } from '../../src/rules/dns-udp-only';
import { testRule } from '../support/rules';

const pod = `apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
---
`;
const policy = (egress: string, name = 'a'): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ml }
spec: { podSelector: {}, policyTypes: [Egress], egress: ${egress} }
---
`;
const udp = '[{ ports: [{ protocol: UDP, port: 53 }] }]';

testRule(dnsUdpOnly, {
  valid: [
    { title: 'no pods that it would concern', yaml: policy(udp) },
    {
      title: 'TCP by another policy',
      yaml: pod + policy(udp) + policy('[{ ports: [{ port: 53 }] }]', 'b'),
    },
    {
      title: 'UDP of something else',
      yaml: pod + policy('[{ ports: [{ protocol: UDP, port: 123 }] }]'),
    },
    { title: 'every port', yaml: pod + policy('[{}]') },
  ],
  invalid: [
    {
      title: 'UDP to anybody',
      yaml: pod + policy(udp),
      found: [
        { at: '9:60', object: 'NetworkPolicy ml/a', got: 'UDP 53 without TCP 53 for ml/Pod/bert' },
      ],
    },
    {
      title: 'UDP to an address',
      yaml:
        pod +
        policy(
          '[{ to: [{ ipBlock: { cidr: 169.254.20.10/32 } }], ports: [{ protocol: UDP, port: 53 }] }]',
        ),
      profile: { dns: { pods: [], port: 53, addresses: ['169.254.20.10/32'] } },
      found: [{ got: 'UDP 53 without TCP 53 for ml/Pod/bert' }],
    },
  ],
});
