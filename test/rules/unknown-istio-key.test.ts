import { unknownIstioKey } from '../../src/rules/unknown-istio-key';
import { testRule } from '../support/rules';

const deployment = (key: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: bert, namespace: ml-training }
spec:
  template:
    metadata:
      labels: { app: bert }
      annotations:
        ${key}: "true"
    spec: { containers: [{ name: main }] }
`;

testRule(unknownIstioKey, {
  valid: [
    { title: 'known keys', yaml: deployment('sidecar.istio.io/nativeSidecar') },
    { title: 'keys far from any', yaml: deployment('istio.example.com/owner') },
    { title: 'keys of others', yaml: deployment('inject') },
  ],
  invalid: [
    {
      title: 'a near miss in a template',
      yaml: deployment('sidecar.istio.io/injected'),
      found: [
        { at: '10:9', object: 'Deployment ml-training/bert', got: 'sidecar.istio.io/injected' },
      ],
    },
    {
      title: 'a dot for a slash',
      yaml: deployment('sidecar.istio.io.inject'),
      found: [{ at: '10:9' }],
    },
  ],
});
