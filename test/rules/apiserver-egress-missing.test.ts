import { apiserverEgressMissing } from '../../src/rules/apiserver-egress-missing';
import { testRule } from '../support/rules';

const pod = (spec: string, labels = ''): string => `
apiVersion: v1
kind: Pod
metadata: { name: operator, namespace: kuberay, labels: { ${labels} } }
spec: { ${spec}, containers: [{ name: main }] }
---`;
const binding = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: operator, namespace: kuberay }
subjects: [{ kind: ServiceAccount, name: operator }]
---`;
const policy = (egress: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: egress, namespace: kuberay }
spec: { podSelector: {}, policyTypes: [Egress], egress: ${egress} }
---`;
const bound = pod('serviceAccountName: operator') + binding;
const apiServer = { addresses: ['172.18.0.2/32'], ports: [6443] };

testRule(apiserverEgressMissing, {
  valid: [
    {
      title: 'an account without rights',
      yaml: pod('serviceAccountName: operator') + policy('[]'),
    },
    { title: 'the account of everybody', yaml: pod('serviceAccountName: default') + policy('[]') },
    { title: 'pods that are not isolated', yaml: bound },
    {
      title: 'pods without a token',
      yaml:
        pod('serviceAccountName: operator, automountServiceAccountToken: false') +
        binding +
        policy('[]'),
    },
    {
      title: 'a policy that nobody understands here',
      yaml: `${bound}${policy('[]')}
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: api, namespace: kuberay }
spec: { endpointSelector: {}, egress: [{ toEntities: [kube-apiserver] }] }`,
    },
    {
      title: 'the known address',
      yaml:
        bound + policy('[{ to: [{ ipBlock: { cidr: 172.18.0.0/16 } }], ports: [{ port: 6443 }] }]'),
      profile: { apiServer },
    },
  ],
  invalid: [
    {
      title: 'an operator by its label',
      yaml: pod('hostNetwork: false', 'control-plane: controller-manager') + policy('[]'),
      found: [
        {
          at: '7:1',
          object: 'NetworkPolicy kuberay/egress',
          got: 'no rule to its addresses for kuberay/Pod/operator (label control-plane: controller-manager)',
        },
      ],
    },
    {
      title: 'a rule to other addresses than the known one',
      yaml:
        bound + policy('[{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }], ports: [{ port: 6443 }] }]'),
      profile: { apiServer },
      found: [
        {
          got: 'no rule to its addresses for kuberay/Pod/operator (service account operator has rights)',
        },
      ],
    },
  ],
});
