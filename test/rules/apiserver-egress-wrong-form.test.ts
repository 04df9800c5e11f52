import { apiserverEgressWrongForm } from '../../src/rules/apiserver-egress-wrong-form';
import { testRule } from '../support/rules';

const policy = (peer: string, port = 443): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: operator, namespace: kuberay }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - ports: [{ port: ${port} }]
      to:
        - ${peer}
---`;
const inDefault =
  '{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: default } } }';
const profile = { serviceRanges: ['10.96.0.0/12'] };

testRule(apiserverEgressWrongForm, {
  valid: [
    { title: 'another port', yaml: policy(inDefault, 8080) },
    {
      title: 'pods that somebody runs in default',
      yaml: `${policy(inDefault)}
apiVersion: v1
kind: Pod
metadata: { name: proxy, namespace: default }
spec: { containers: [{ name: main }] }`,
    },
    { title: 'another address', yaml: policy('{ ipBlock: { cidr: 10.96.0.10/32 } }'), profile },
    {
      title: 'the Service’s address where policy is asked before',
      yaml: policy('{ ipBlock: { cidr: 10.96.0.1/32 } }'),
      profile: { ...profile, cni: { name: 'aws-vpc' } },
    },
  ],
  invalid: [
    {
      title: 'the first address of the Services’ range',
      yaml: policy('{ ipBlock: { cidr: 10.96.0.1/32 } }'),
      profile,
      found: [
        { at: '11:11', object: 'NetworkPolicy kuberay/operator', got: 'ipBlock 10.96.0.1/32' },
      ],
    },
    {
      title: 'the address of the Service that the input shows',
      yaml: `${policy('{ ipBlock: { cidr: 10.3.0.1/32 } }')}
apiVersion: v1
kind: Service
metadata: { name: kubernetes, namespace: default }
spec: { clusterIP: 10.3.0.1, ports: [{ port: 443, targetPort: 6443 }] }`,
      found: [{ got: 'ipBlock 10.3.0.1/32' }],
    },
    {
      title: 'the labels of the static pod',
      yaml: policy(
        '{ namespaceSelector: {}, podSelector: { matchLabels: { component: kube-apiserver } } }',
        6443,
      ),
      found: [{ at: '11:11', got: 'podSelector {"component":"kube-apiserver"}' }],
    },
  ],
});
