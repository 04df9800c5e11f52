import { strictBlocksOutOfMesh } from '../../src/rules/strict-blocks-out-of-mesh';
import { testRule } from '../support/rules';

const { yaml: bad } = strictBlocksOutOfMesh.examples.bad;

testRule(strictBlocksOutOfMesh, {
  valid: [
    { title: 'PERMISSIVE', yaml: bad.replace('STRICT', 'PERMISSIVE') },
    {
      title: 'pods that nobody isolates',
      yaml: bad.replace(
        'podSelector: { matchLabels: { app: mlflow } }',
        'podSelector: { matchLabels: { app: feast } }',
      ),
    },
    {
      title: 'a caller that is not admitted',
      yaml: bad.replace('app: bert } } }]', 'app: t5 } } }]'),
    },
    {
      title: 'a port that the proxy does not hold',
      yaml: bad.replace(
        'labels: { app: mlflow } }\nspec',
        'labels: { app: mlflow }, annotations: { traffic.sidecar.istio.io/excludeInboundPorts: "5000" } }\nspec',
      ),
    },
  ],
  invalid: [
    {
      title: 'a caller without a proxy',
      yaml: bad,
      found: [
        {
          at: '9:9',
          object: 'PeerAuthentication mlflow/default',
          got: 'STRICT on TCP 5000 of mlflow/Pod/mlflow, and mlflow/Pod/bert without a proxy',
        },
      ],
    },
  ],
});
