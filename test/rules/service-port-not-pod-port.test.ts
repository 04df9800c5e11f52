import { servicePortNotPodPort } from '../../src/rules/service-port-not-pod-port';
import { testRule } from '../support/rules';

const service = (port: string): string => `apiVersion: v1
kind: Service
metadata: { name: t5, namespace: ml }
spec: { selector: { app: t5 }, ports: [${port}] }
---
`;
const pod = (name: string, ports = ''): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ml, labels: { app: ${name} } }
spec: { containers: [{ name: main, image: t5, ports: [${ports}] }] }
---
`;
const policy = (spec: string, namespace = 'ml'): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: ${namespace} }
spec: ${spec}
---
`;
const ingress = (ports: string): string =>
  policy(`{ podSelector: {}, policyTypes: [Ingress], ingress: [{ ports: ${ports} }] }`);
const t5 = service('{ port: 80, targetPort: 8000 }') + pod('t5');

testRule(servicePortNotPodPort, {
  valid: [
    {
      title: 'egress to pods that nobody shows',
      yaml:
        t5 +
        policy(
          '{ podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 80 }] }, { to: [{ podSelector: {} }, { ipBlock: { cidr: 10.0.0.0/8 } }], ports: [{ port: 80 }] }] }',
        ),
    },
    { title: 'another protocol', yaml: t5 + ingress('[{ protocol: UDP, port: 80 }]') },
    { title: 'a range', yaml: t5 + ingress('[{ port: 80, endPort: 90 }]') },
    { title: 'both ports', yaml: t5 + ingress('[{ port: 80 }, { port: 8000 }]') },
    {
      title: 'other pods that listen there',
      yaml: t5 + pod('web', '{ containerPort: 80 }') + ingress('[{ port: 80 }]'),
    },
    {
      title: 'a port that is both',
      yaml: service('{ port: 80 }') + pod('t5') + ingress('[{ port: 80 }]'),
    },
    {
      title: 'a target by a name that the pods lack',
      yaml: service('{ port: 80, targetPort: http }') + pod('t5') + ingress('[{ port: 80 }]'),
    },
    {
      title: 'egress to anybody',
      yaml:
        t5 +
        policy('{ podSelector: {}, policyTypes: [Egress], egress: [{ ports: [{ port: 80 }] }] }'),
    },
  ],
  invalid: [
    {
      title: 'ingress on the Service’s port',
      yaml: t5 + ingress('[{ port: 8080 }, { port: 80 }]'),
      found: [{ at: '14:86', object: 'NetworkPolicy ml/a', got: 'port: 80' }],
    },
    {
      title: 'a target by name',
      yaml:
        service('{ port: 80, targetPort: http }') +
        pod('t5', '{ name: http, containerPort: 8080 }') +
        ingress('[{ port: 80 }]'),
      found: [{ got: 'port: 80' }],
    },
    {
      title: 'egress to the Service’s port',
      yaml:
        t5 +
        policy(
          '{ podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: t5 } } }], ports: [{ port: 80 }] }] }',
          'jobs',
        ),
      found: [{ object: 'NetworkPolicy jobs/a', got: 'port: 80' }],
    },
  ],
});
