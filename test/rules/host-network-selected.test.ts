import { hostNetworkSelected } from '../../src/rules/host-network-selected';
import { testRule } from '../support/rules';

const pod = (name: string, host: boolean): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: monitoring, labels: { app: exporter } }
spec: { hostNetwork: ${String(host)}, containers: [{ name: main }] }
---`;
const policy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: metrics, namespace: ml-serving }
spec:
  podSelector: {}
  ingress:
    - from:
        - { namespaceSelector: {}, podSelector: { matchLabels: { app: exporter } } }
---`;

testRule(hostNetworkSelected, {
  valid: [
    { title: 'a rule for pods with addresses of their own', yaml: pod('a', false) + policy },
    { title: 'a rule for some of each', yaml: pod('a', false) + pod('b', true) + policy },
    { title: 'a rule for pods that nobody shows', yaml: policy },
  ],
  invalid: [
    {
      title: 'a rule for pods of the host’s network only',
      yaml: policy + pod('a', true),
      found: [
        {
          at: '9:11',
          object: 'NetworkPolicy ml-serving/metrics',
          got: 'hostNetwork: true of monitoring/Pod/a',
        },
      ],
    },
    {
      title: 'two policies that select them, at the first of them',
      yaml:
        policy.replace('ml-serving', 'monitoring').replace('app: exporter', 'app: grafana') +
        policy.replace('ml-serving', 'monitoring').replace('name: metrics', 'name: z') +
        pod('a', true),
      found: [
        { at: '6:3', got: 'hostNetwork: true of monitoring/Pod/a' },
        { at: '18:11', got: 'hostNetwork: true of monitoring/Pod/a' },
      ],
    },
  ],
});
