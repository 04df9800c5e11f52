import { egressToEverywhere } from '../../src/rules/egress-to-everywhere';
import { testRule } from '../support/rules';

const policy = (egress: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: ml }
spec: { podSelector: {}, policyTypes: [Egress], egress: ${egress} }
`;
const to = (block: string): string =>
  policy(`[{ to: [{ podSelector: {} }, { ipBlock: ${block} }] }]`);

testRule(egressToEverywhere, {
  valid: [
    { title: 'every address but some', yaml: to('{ cidr: 0.0.0.0/0, except: [10.0.0.0/8] }') },
    { title: 'all pods', yaml: policy('[{ to: [{ namespaceSelector: {} }] }]') },
    { title: 'what isolates nobody at all', yaml: policy('[{}]') },
    {
      title: 'a policy that the API server refuses',
      yaml: policy('[{ to: [{}] }, { ports: [{ port: 80 }] }]'),
    },
  ],
  invalid: [
    {
      title: 'every IPv4 address',
      yaml: to('{ cidr: 0.0.0.0/0 }'),
      found: [{ at: '4:86', got: '0.0.0.0/0 without except, all ports' }],
    },
    {
      title: 'every IPv6 address',
      yaml: to('{ cidr: "::/0" }'),
      found: [{ got: '::/0 without except, all ports' }],
    },
    {
      title: 'no peers',
      yaml: policy(
        '[{ ports: [{ port: 443 }, { protocol: UDP, port: 1, endPort: 9 }, { protocol: SCTP }] }]',
      ),
      found: [
        {
          at: '4:58',
          object: 'NetworkPolicy ml/a',
          got: 'no to, TCP 443, UDP 1-9, all SCTP',
          severity: 'warning',
        },
      ],
    },
    {
      title: 'names asked of anybody',
      yaml: policy('[{ ports: [{ protocol: UDP, port: 53 }] }]'),
      found: [{ got: 'no to, UDP 53', severity: 'info' }],
    },
  ],
});
