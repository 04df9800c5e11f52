import { policiesWidenEachOther } from '../../src/rules/policies-widen-each-other';
import { testRule } from '../support/rules';

const pod = `apiVersion: v1
kind: Pod
metadata: { name: t5, namespace: ml, labels: { app: t5 } }
spec: { containers: [{ name: main, image: t5 }] }
---
`;
const policy = (
  name: string,
  egress: string,
  selector = '{}',
): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ml }
spec: { podSelector: ${selector}, policyTypes: [Egress], egress: ${egress} }
---
`;
const to = (ports: string): string => `[{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }]${ports} }]`;
const on = (ports: string): string => to(`, ports: [${ports}]`);

testRule(policiesWidenEachOther, {
  valid: [
    {
      title: 'the same ports',
      yaml: pod + policy('a', on('{ port: 80 }')) + policy('b', on('{ port: 80 }')),
    },
    {
      title: 'other ports',
      yaml: pod + policy('a', on('{ port: 80 }')) + policy('b', on('{ port: 81 }')),
    },
    {
      title: 'other pods',
      yaml:
        pod + policy('a', on('{ port: 80 }')) + policy('b', to(''), '{ matchLabels: { app: ui } }'),
    },
    {
      title: 'one policy',
      yaml:
        pod +
        policy(
          'a',
          `[{ to: [{ podSelector: {} }], ports: [{ port: 80 }] }, { to: [{ podSelector: {} }] }]`,
        ),
    },
  ],
  invalid: [
    {
      title: 'all ports instead of one',
      yaml: pod + policy('a', on('{ port: 80 }')) + policy('b', to('')),
      found: [
        {
          at: '9:58',
          object: 'NetworkPolicy ml/a',
          got: 'the same peers in egress[0] of b, for ml/Pod/t5',
        },
      ],
    },
    {
      title: 'more ports',
      yaml: pod + policy('a', on('{ port: 80 }, { port: 443 }')) + policy('b', on('{ port: 80 }')),
      found: [{ object: 'NetworkPolicy ml/b' }],
    },
  ],
});
