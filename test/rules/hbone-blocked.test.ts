import { hboneBlocked } from '../../src/rules/hbone-blocked';
import { testRule } from '../support/rules';

const { yaml: bad } = hboneBlocked.examples.bad;

testRule(hboneBlocked, {
  valid: [
    {
      title: 'a mesh of sidecars',
      yaml: bad.replace('istio.io/dataplane-mode: ambient', 'istio-injection: enabled'),
    },
    {
      title: 'a caller outside the mesh',
      yaml: bad.replace(
        'labels: { app: bert } }\nspec',
        'labels: { app: bert, istio.io/dataplane-mode: none } }\nspec',
      ),
    },
    {
      title: 'pairs that are denied altogether',
      yaml: bad.replace(
        'from: [{ podSelector: { matchLabels: { app: bert } } }]',
        'from: [{ podSelector: { matchLabels: { app: t5 } } }]',
      ),
    },
  ],
  invalid: [
    {
      title: 'the port alone',
      yaml: bad,
      found: [
        {
          at: '11:3',
          object: 'NetworkPolicy mlflow/mlflow',
          got: 'TCP 5000 without 15008 for mlflow/Pod/bert -> mlflow/Pod/mlflow',
        },
      ],
    },
    {
      title: 'the side of the caller',
      yaml: `${bad}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: out, namespace: mlflow }
spec: { podSelector: { matchLabels: { app: bert } }, policyTypes: [Egress], egress: [{ ports: [{ port: 5000 }] }] }
`.replace('ports: [{ port: 5000 }]', 'ports: [{ port: 5000 }, { port: 15008 }]'),
      found: [{ at: '28:77', object: 'NetworkPolicy mlflow/out' }],
    },
  ],
});
