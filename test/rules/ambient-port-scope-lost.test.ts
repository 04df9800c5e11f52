import { ambientPortScopeLost } from '../../src/rules/ambient-port-scope-lost';
import { testRule } from '../support/rules';

const { yaml: bad } = ambientPortScopeLost.examples.bad;
const allow = (rule: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: mlflow, namespace: mlflow }
spec: ${rule}
`;

testRule(ambientPortScopeLost, {
  valid: [
    {
      title: 'a mesh of sidecars',
      yaml: bad.replace('istio.io/dataplane-mode: ambient', 'istio-injection: enabled'),
    },
    {
      title: 'a rule that lists no ports',
      yaml: bad.replace('{ ports: [{ port: 15008 }] }', '{}'),
    },
    { title: 'a policy that allows nothing', yaml: bad + allow('{}') },
    {
      title: 'DENY of the other ports',
      yaml:
        bad + allow("{ action: DENY, rules: [{ to: [{ operation: { notPorts: ['5000'] } }] }] }"),
    },
  ],
  invalid: [
    {
      title: 'a policy that names callers alone',
      yaml: bad + allow('{ rules: [{ from: [{ source: { namespaces: [ml-training] } }] }] }'),
      found: [
        {
          at: '11:13',
          object: 'NetworkPolicy mlflow/mlflow',
          got: 'TCP 15008 to mlflow/Pod/mlflow, and no AuthorizationPolicy that lists ports',
        },
      ],
    },
  ],
});
