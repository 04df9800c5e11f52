import { noDefaultDeny } from '../../src/rules/no-default-deny';
import { testRule } from '../support/rules';

const pod = (id: string, more = ''): string => {
  const [namespace = '', name = ''] = id.split('/');
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec: { ${more} containers: [{ name: main, image: t5 }] }
---
`;
};
const policy = (spec: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: ml }
spec: { ${spec} }
---
`;
const namespace = (name: string): string => `apiVersion: v1
kind: Namespace
metadata: { name: ${name} }
---
`;
const deny = policy('podSelector: {}, policyTypes: [Ingress, Egress]');
const baseline = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: deny }
spec:
  tier: Baseline
  priority: 1
  subject: { namespaces: {} }
  ingress: [{ action: Deny, from: [{ namespaces: {} }] }]
  egress: [{ action: Deny, to: [{ namespaces: {} }] }]
---
`;

testRule(noDefaultDeny, {
  valid: [
    { title: 'no policies at all', yaml: pod('ml/t5') },
    { title: 'namespaces without pods', yaml: pod('ml/t5') + namespace('web') + deny },
    {
      title: 'pods of the host network',
      yaml: pod('ml/t5') + pod('ops/log', 'hostNetwork: true,') + deny,
    },
    {
      title: 'what another rule finds',
      yaml:
        pod('ml/t5') +
        policy('podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]'),
    },
    {
      title: 'pods that a cluster-wide policy denies',
      yaml: baseline + pod('web/ui') + pod('ml/t5') + deny,
    },
  ],
  invalid: [
    {
      title: 'one direction',
      yaml: pod('ml/t5') + policy('podSelector: {}, policyTypes: [Ingress]'),
      found: [{ at: '6:1', object: 'NetworkPolicy ml/a', got: 'not for egress: ml/Pod/t5' }],
    },
    {
      title: 'a namespace without policies',
      yaml: namespace('web') + pod('web/ui') + pod('ml/t5') + deny,
      found: [
        {
          at: '1:1',
          object: 'Namespace web',
          got: 'not for ingress: web/Pod/ui; not for egress: web/Pod/ui',
        },
      ],
    },
    {
      title: 'pods that no policy selects',
      yaml:
        pod('ml/t5') +
        pod('ml/ui') +
        policy('podSelector: { matchLabels: { app: ui } }, policyTypes: [Ingress, Egress]'),
      found: [{ got: 'not for ingress: ml/Pod/t5; not for egress: ml/Pod/t5' }],
    },
  ],
});
