import { istiodBlocked } from '../../src/rules/istiod-blocked';
import { testRule } from '../support/rules';

const { yaml: bad } = istiodBlocked.examples.bad;
const istiod = `---
apiVersion: v1
kind: Pod
metadata: { name: istiod, namespace: istio-system, labels: { app: istiod } }
spec: { containers: [{ name: discovery }] }
`;

testRule(istiodBlocked, {
  valid: [
    {
      title: 'an ambient mesh',
      yaml: bad.replace('istio-injection: enabled', 'istio.io/dataplane-mode: ambient'),
    },
    {
      title: 'pods that are not isolated',
      yaml: bad
        .replace('Egress]', 'Ingress]')
        .replace('egress: [{ ports: [{ port: 53 }] }]', 'ingress: []'),
    },
    {
      title: 'addresses that may be its own',
      yaml: bad.replace('{ ports: [{ port: 53 }] }', '{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }'),
    },
  ],
  invalid: [
    {
      title: 'a policy for names alone',
      yaml: bad,
      found: [
        {
          at: '6:1',
          object: 'NetworkPolicy mlflow/egress',
          got: 'no rule to TCP 15012 for mlflow/Pod/mlflow',
        },
      ],
    },
    { title: 'an istiod that the input shows', yaml: bad + istiod, found: [{ at: '6:1' }] },
  ],
});
