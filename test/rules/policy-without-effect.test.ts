import { policyWithoutEffect } from '../../src/rules/policy-without-effect';
import { testRule } from '../support/rules';

const pod = `apiVersion: v1
kind: Pod
metadata: { name: t5, namespace: ml, labels: { app: t5 } }
spec: { containers: [{ name: main, image: t5 }] }
---
`;
const policy = (
  name: string,
  ingress: string,
  selector = '{}',
): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ml }
spec: { podSelector: ${selector}, policyTypes: [Ingress], ingress: ${ingress} }
---
`;
const t5 = '{ matchLabels: { app: t5 } }';
const from = (peer: string, ports = ''): string => `[{ from: [{ ${peer} }]${ports} }]`;
const block = (cidr: string, except: string): string =>
  from(`ipBlock: { cidr: ${cidr}, except: ${except} }`);

testRule(policyWithoutEffect, {
  valid: [
    {
      title: 'a deny for pods that are isolated anyway',
      yaml: pod + policy('a', from('podSelector: {}')) + policy('b', '[]', t5),
    },
    {
      title: 'a default deny beside another policy of all pods',
      yaml: pod + policy('a', '[{}]') + policy('b', '[]'),
    },
    { title: 'a policy alone', yaml: pod + policy('a', '[]') },
    {
      title: 'a default deny beside policies of single pods',
      yaml: pod + policy('a', '[]') + policy('b', '[{}]', t5),
    },
    {
      title: 'other peers',
      yaml:
        pod + policy('a', from('podSelector: {}')) + policy('b', from('namespaceSelector: {}'), t5),
    },
    {
      title: 'names that others do not list',
      yaml:
        pod +
        policy('a', '[{ ports: [{ port: 80 }] }]') +
        policy('b', '[{ ports: [{ port: http }] }]', t5),
    },
    {
      title: 'addresses that others except',
      yaml:
        pod +
        policy('a', block('10.0.0.0/8', '[10.1.0.0/16]')) +
        policy('b', block('10.1.0.0/24', '[]'), t5),
    },
    { title: 'pods that nobody shows', yaml: policy('a', '[]') + policy('b', '[]', t5) },
  ],
  invalid: [
    {
      title: 'the later one of two that are equal',
      yaml: pod + policy('a', '[]') + policy('b', '[]'),
      found: [
        { at: '11:1', object: 'NetworkPolicy ml/b', got: 'nothing that others do not say as well' },
      ],
    },
    {
      title: 'peers and ports of wider rules',
      yaml:
        pod +
        policy(
          'a',
          '[{ from: [{ namespaceSelector: {} }, { ipBlock: { cidr: 10.0.0.0/8 } }], ports: [{ port: 1, endPort: 100 }, { port: http }] }]',
        ) +
        policy(
          'b',
          '[{ from: [{ podSelector: { matchLabels: { app: ui } } }, { ipBlock: { cidr: 10.1.0.0/16 } }], ports: [{ port: 80 }, { port: http }] }]',
          t5,
        ),
      found: [{ object: 'NetworkPolicy ml/b' }],
    },
  ],
});
