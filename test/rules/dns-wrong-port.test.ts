import { dnsWrongPort } from '../../src/rules/dns-wrong-port';
import { testRule } from '../support/rules';

const pod = `apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
---
`;
const dns = (
  namespace: string,
  ports: string,
  name = 'a',
): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ml }
spec: { podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${namespace} } } }], ports: ${ports} }] }
---
`;
const on = (...ports: number[]): string =>
  `[${ports.map((port) => `{ protocol: UDP, port: ${String(port)} }`).join(', ')}]`;
const kubeDns = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const openShift = { pods: [{ namespace: 'openshift-dns', labels: {} }], port: 5353, addresses: [] };

testRule(dnsWrongPort, {
  valid: [
    { title: 'both ports', yaml: pod + dns('openshift-dns', on(53, 5353)) },
    {
      title: 'the port by another rule',
      yaml: pod + dns('openshift-dns', on(53)) + dns('openshift-dns', on(5353), 'b'),
    },
    { title: 'other namespaces', yaml: pod + dns('ops', on(5353)) },
    { title: 'the port of nearly every cluster', yaml: pod + dns('kube-system', on(53)) },
  ],
  invalid: [
    {
      title: 'the Service’s port, by the profile',
      yaml: pod + dns('openshift-dns', on(53)),
      profile: { dns: openShift },
      found: [
        {
          at: '9:154',
          object: 'NetworkPolicy ml/a',
          got: 'UDP 53 to the DNS pods, for ml/Pod/bert',
        },
      ],
    },
    {
      title: 'the port of another distribution',
      yaml: pod + dns('kube-system', on(5353)),
      profile: { dns: { pods: [kubeDns], port: 53, addresses: [] } },
      found: [{ got: 'UDP 5353 to the DNS pods, for ml/Pod/bert' }],
    },
  ],
});
