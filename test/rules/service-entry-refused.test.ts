import { serviceEntryRefused } from '../../src/rules/service-entry-refused';
import { testRule } from '../support/rules';

testRule(serviceEntryRefused, {
  invalid: [
    {
      title: 'a DENY without rules',
      yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny, namespace: ml }
spec: { action: DENY }
`,
      found: [{ at: '5:1', object: 'AuthorizationPolicy ml/deny' }],
    },
  ],
});
