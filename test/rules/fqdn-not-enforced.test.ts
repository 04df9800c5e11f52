import { fqdnNotEnforced } from '../../src/rules/fqdn-not-enforced';
import { check, testRule } from '../support/rules';

const { yaml: bad } = fqdnNotEnforced.examples.bad;
const waived = (what: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: loader-egress
  namespace: ml-serving
  annotations:
    cdk8s-ml-netpol/waivers: |-
      L3/L4 stands in for HTTP requests: inference
      ${what}
spec: { podSelector: {}, policyTypes: [Egress] }
`;

testRule(fqdnNotEnforced, {
  valid: [
    { title: 'waivers of other limits', yaml: waived('no proxy sees them: nothing holds a limit') },
    { title: 'pods outside the mesh', yaml: bad.replace('istio-injection: enabled', 'team: ml') },
    { title: 'a way to some addresses only', yaml: bad.replace('0.0.0.0/0', '1.1.1.0/24') },
    { title: 'another port', yaml: bad.replace('port: 443', 'port: 80') },
    {
      title: 'pods that are not isolated',
      yaml: bad.replace('podSelector: {}', 'podSelector: { matchLabels: { app: t5 } }'),
    },
  ],
  invalid: [
    {
      title: 'names that the writer could not write',
      yaml: waived('names are not enforced: *.hf.co is opened as public internet: models'),
      found: [
        {
          at: '8:5',
          object: 'NetworkPolicy ml-serving/loader-egress',
          got: '*.hf.co is opened as public internet: models',
        },
      ],
    },
    {
      title: 'hosts that limit nothing',
      yaml: bad,
      found: [
        {
          at: '10:3',
          object: 'ServiceEntry ml-training/hugging-face',
          got: 'huggingface.co, and 0.0.0.0/0 for ml-training/Pod/bert',
        },
      ],
    },
  ],
});

test('names that the proxy holds are told as information', () => {
  const yaml = waived('names are enforced at the proxy only: hf.co is opened as public internet');
  expect(check(fqdnNotEnforced, { yaml })).toMatchObject([{ severity: 'info' }]);
});
