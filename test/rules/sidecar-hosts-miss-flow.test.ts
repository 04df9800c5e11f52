import { sidecarHostsMissFlow } from '../../src/rules/sidecar-hosts-miss-flow';
import { testRule } from '../support/rules';

const { yaml: bad } = sidecarHostsMissFlow.examples.bad;

testRule(sidecarHostsMissFlow, {
  valid: [
    { title: 'a callee that takes plain text', yaml: bad.replace('REGISTRY_ONLY', 'ALLOW_ANY') },
    {
      title: 'callers that may call anybody',
      yaml: bad.replace('podSelector: {}', 'podSelector: { matchLabels: { app: t5 } }'),
    },
    {
      title: 'another port',
      yaml: bad.replace(
        'ports: [{ port: 5000 }] }]\n---\napiVersion: networking.istio',
        'ports: [{ port: 80 }] }]\n---\napiVersion: networking.istio',
      ),
    },
  ],
  invalid: [
    {
      title: 'the Service that is missing',
      yaml: bad,
      found: [
        {
          at: '34:3',
          object: 'Sidecar ml-training/default',
          got: 'mlflow/mlflow.mlflow.svc.cluster.local missing, for ml-training/Pod/bert',
        },
      ],
    },
    {
      title: 'a callee under STRICT',
      yaml: `${bad.replace('REGISTRY_ONLY', 'ALLOW_ANY').replace('labels: { app: mlflow } }\nspec: { containers', 'labels: { app: mlflow, sidecar.istio.io/inject: "true" } }\nspec: { containers')}---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: mlflow }
spec: { mtls: { mode: STRICT } }
`,
      found: [{ at: '34:3' }],
    },
  ],
});
