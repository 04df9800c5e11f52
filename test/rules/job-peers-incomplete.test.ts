import { jobPeersIncomplete } from '../../src/rules/job-peers-incomplete';
import { testRule } from '../support/rules';

const job = (replicas: number): string => `
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: { name: bert, namespace: ml-training }
spec:
  pytorchReplicaSpecs:
    Worker: { replicas: ${replicas}, template: { spec: { containers: [{ name: pytorch }] } } }
---`;
const own = '{ podSelector: { matchLabels: { training.kubeflow.org/job-name: bert } } }';
const policy = (spec: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: bert, namespace: ml-training }
spec: { podSelector: {}, ${spec} }
---`;

testRule(jobPeersIncomplete, {
  valid: [
    { title: 'a job of one pod', yaml: policy('policyTypes: [Ingress]') + job(1) },
    { title: 'a job that nobody isolates', yaml: job(4) },
    {
      title: 'every ephemeral port, both ways',
      yaml:
        policy(`ingress: [{ from: [${own}], ports: [{ port: 1024, endPort: 65535 }] }]`) +
        policy(`policyTypes: [Egress], egress: [{ to: [${own}] }]`).replace('bert,', 'out,') +
        job(4),
    },
    {
      title: 'pods of the host’s network',
      yaml:
        policy('policyTypes: [Ingress]') +
        job(4).replace('spec: { containers', 'spec: { hostNetwork: true, containers'),
    },
  ],
  invalid: [
    {
      title: 'a job whose egress is forgotten',
      yaml: policy(`policyTypes: [Ingress, Egress], ingress: [{ from: [${own}] }]`) + job(2),
      found: [
        {
          at: '5:1',
          object: 'NetworkPolicy ml-training/bert',
          got: 'egress ml-training/PyTorchJob/bert -> ml-training/PyTorchJob/bert: no port',
        },
      ],
    },
    {
      title: 'a Ray cluster with its listed ports only',
      yaml: `
apiVersion: ray.io/v1
kind: RayCluster
metadata: { name: tune, namespace: ml-training }
spec:
  headGroupSpec: { template: { spec: { containers: [{ name: ray }] } } }
  workerGroupSpecs: [{ groupName: small, replicas: 1, template: { spec: { containers: [{ name: ray }] } } }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: head, namespace: ml-training }
spec:
  podSelector: { matchLabels: { ray.io/node-type: head } }
  ingress: [{ from: [{ podSelector: { matchLabels: { ray.io/cluster: tune } } }], ports: [{ port: 6379 }, { port: 8265 }] }]
`,
      found: [
        {
          at: '12:1',
          got: 'ingress ml-training/RayCluster/tune -> ml-training/RayCluster/tune: only TCP 6379, 8265',
        },
      ],
    },
  ],
});
