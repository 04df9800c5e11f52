import { danglingPeer } from '../../src/rules/dangling-peer';
import { testRule } from '../support/rules';

const pod = (id: string): string => {
  const [namespace = '', name = ''] = id.split('/');
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec: { containers: [{ name: main, image: t5 }] }
---
`;
};
const policy = (peer: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: ml }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ podSelector: {} }, ${peer}] }] }
`;
const app = (name: string): string => `podSelector: { matchLabels: { app: ${name} } }`;
const of = (namespace: string): string =>
  `namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${namespace} } }`;

testRule(danglingPeer, {
  valid: [
    {
      title: 'what looks like one peer with the item before',
      yaml: pod('ml/t5') + policy(`{ ${of('web')} }, { ${app('ui')} }`),
    },
    {
      title: 'a namespace that nobody showed',
      yaml: pod('ml/t5') + policy(`{ ${of('web')}, ${app('ui')} }`),
    },
    { title: 'a namespace without pods', yaml: policy(`{ ${app('ui')} }`) },
    {
      title: 'any namespace',
      yaml: pod('ml/t5') + policy(`{ namespaceSelector: {}, ${app('ui')} }`),
    },
    { title: 'a block', yaml: pod('ml/t5') + policy('{ ipBlock: { cidr: 10.0.0.0/8 } }') },
    {
      title: 'pods of the platform',
      yaml: pod('ops/log') + pod('ml/t5') + policy(`{ ${of('ops')}, ${app('ui')} }`),
      profile: { gateways: [{ namespace: 'ops', labels: { app: 'ui' } }] },
    },
  ],
  invalid: [
    {
      title: 'pods of another namespace',
      yaml: pod('ml/t5') + pod('web/ui') + policy(`{ ${app('ui')} }`),
      found: [{ at: '14:90', object: 'NetworkPolicy ml/a', got: 'app=ui' }],
    },
    {
      title: 'a mistyped label',
      yaml: pod('ml/t5') + pod('web/portal') + policy(`{ ${of('web')}, ${app('portall')} }`),
      found: [{ got: 'app=portall' }],
    },
  ],
});
