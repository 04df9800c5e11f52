import { allowCutsOff } from '../../src/rules/allow-cuts-off';
import { testRule } from '../support/rules';

const { yaml: bad } = allowCutsOff.examples.bad;
const monitoring = {
  namespace: 'monitoring',
  labels: { app: 'prometheus' },
  inMesh: true,
  serviceAccount: 'prometheus',
};

const probed = (rewrites: string, rule: string): string => `
apiVersion: v1
kind: Pod
metadata:
  name: triton
  namespace: llm-serving
  labels: { app: triton, sidecar.istio.io/inject: 'true' }
  annotations: { sidecar.istio.io/rewriteAppHTTPProbers: '${rewrites}' }
spec:
  containers:
    - name: main
      image: triton
      ports: [{ name: health, containerPort: 8000 }]
      readinessProbe: { httpGet: { path: /ready, port: health } }
      livenessProbe: { grpc: { port: 8001 } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: triton, namespace: llm-serving }
spec: { rules: [${rule}] }
`;
const CALLER = '{ from: [{ source: { serviceAccounts: [ml-jobs/scorer] } }] }';

testRule(allowCutsOff, {
  valid: [
    { title: 'probes that the proxy rewrites', yaml: probed('true', CALLER) },
    {
      title: 'probes that a rule without callers lists',
      yaml: probed('false', `${CALLER}, { to: [{ operation: { ports: ['8000', '8001'] } }] }`),
    },
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
      title: 'probes that nobody rewrites',
      yaml: probed('false', `${CALLER}, { to: [{ operation: { ports: ['8001'] } }] }`),
      found: [
        {
          object: 'AuthorizationPolicy llm-serving/triton',
          got: 'the kubelet -> llm-serving/Pod/triton TCP 8000: denied',
        },
      ],
    },
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
