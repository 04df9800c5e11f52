import { allowCutsOff } from '../../src/rules/allow-cuts-off';
import { testRule } from '../support/rules';

const { yaml: bad } = allowCutsOff.examples.bad;
const monitoring = {
  namespace: 'monitoring',
  labels: { app: 'prometheus' },
  inMesh: true,
  serviceAccount: 'prometheus',
};

testRule(allowCutsOff, {
  valid: [
    { title: 'a profile that knows no monitoring', yaml: bad },
    {
      title: 'a port that network policy denies',
      yaml: bad.replace('ports: [{ port: 8002 }]', 'ports: [{ port: 80 }]'),
      profile: { monitoring },
    },
    {
      title: 'DENY alone',
      yaml: bad.replace('spec: { rules', 'spec: { action: DENY, rules'),
      profile: { monitoring },
    },
  ],
  invalid: [
    {
      title: 'a gateway that is in no rule',
      yaml: bad,
      profile: { gateways: [monitoring] },
      found: [
        {
          at: '18:1',
          object: 'AuthorizationPolicy llm-serving/triton',
          got: 'monitoring/Stranger/gateway -> llm-serving/Pod/triton TCP 8002: denied',
        },
      ],
    },
  ],
});
