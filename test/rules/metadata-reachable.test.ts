import { metadataReachable } from '../../src/rules/metadata-reachable';
import { testRule } from '../support/rules';

const pod = (name: string, more = ''): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ml, labels: { app: ${name} } }
spec: { ${more} containers: [{ name: main, image: bert }] }
---
`;
const policy = (
  name: string,
  egress: string,
  pods = '{}',
): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ml }
spec: { podSelector: ${pods}, policyTypes: [Egress], egress: ${egress} }
---
`;
const block = (cidr: string, except = '[]'): string =>
  `[{ to: [{ ipBlock: { cidr: ${cidr}, except: ${except} } }] }]`;
const bert = '{ matchLabels: { app: bert } }';

testRule(metadataReachable, {
  valid: [
    { title: 'nobody is isolated', yaml: pod('bert') },
    {
      title: 'all namespaces',
      yaml: pod('bert') + policy('a', '[{ to: [{ namespaceSelector: {} }] }]'),
    },
    { title: 'another port', yaml: pod('bert') + policy('a', '[{ ports: [{ port: 443 }] }]') },
    { title: 'the address alone', yaml: pod('bert') + policy('a', block('169.254.169.254/32')) },
    {
      title: 'a cluster without one',
      yaml: pod('bert') + policy('a', '[{}]'),
      profile: { metadataAddresses: [] },
    },
    {
      title: 'pods of the host network',
      yaml: pod('bert', 'hostNetwork: true,') + policy('a', '[{}]'),
    },
  ],
  invalid: [
    {
      title: 'a rule without peers',
      yaml: pod('bert') + policy('a', '[{ ports: [{ port: 80 }] }]'),
      found: [
        {
          at: '9:58',
          object: 'NetworkPolicy ml/a',
          got: 'TCP 80 to 169.254.169.254 from ml/Pod/bert',
          severity: 'error',
        },
      ],
    },
    {
      title: 'what one policy excepts and another one admits',
      yaml:
        pod('bert') +
        policy('a', block('0.0.0.0/0', '[169.254.0.0/16]')) +
        policy('b', block('169.254.0.0/16')),
      found: [{ at: '14:58', object: 'NetworkPolicy ml/b' }],
    },
    {
      title: 'IPv6',
      yaml: pod('bert') + policy('a', block('"::/0"')),
      profile: { metadataAddresses: ['fd00:ec2::254/128'] },
      found: [{ got: 'TCP 80 to fd00:ec2::254 from ml/Pod/bert' }],
    },
    {
      title: 'pods that nothing holds, among others',
      yaml: pod('bert') + pod('t5') + policy('a', '[]', bert),
      found: [
        {
          at: '6:1',
          object: 'Pod ml/t5',
          got: 'no policy for egress of ml/Pod/t5',
          severity: 'info',
        },
      ],
    },
  ],
});
