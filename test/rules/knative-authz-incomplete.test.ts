import { knativeAuthzIncomplete } from '../../src/rules/knative-authz-incomplete';
import { testRule } from '../support/rules';

const { yaml: bad } = knativeAuthzIncomplete.examples.bad;

testRule(knativeAuthzIncomplete, {
  valid: [
    { title: 'pods outside the mesh', yaml: bad.replace("inject: 'true'", "inject: 'false'") },
    {
      title: 'another policy that admits it',
      yaml: `${bad}---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: probes, namespace: ml-serving }
spec: { rules: [{ to: [{ operation: { paths: [/metrics, /healthz, /wait-for-drain] } }] }] }
`,
    },
  ],
  invalid: [
    {
      title: 'a policy for callers alone',
      yaml: bad,
      found: [
        {
          at: '10:1',
          object: 'AuthorizationPolicy ml-serving/bert',
          got: 'nothing from namespace knative-serving to ml-serving/Service/bert',
        },
      ],
    },
  ],
});
