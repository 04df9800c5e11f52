import { webhookUnreachable } from '../../src/rules/webhook-unreachable';
import { testRule } from '../support/rules';

const service = {
  bare: '{ namespace: ops, name: hook }',
  ported: '{ namespace: ops, name: hook, port: 8443 }',
};
const hook = (config: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: hook }
webhooks: [{ name: a.b.c, clientConfig: ${config} }, { name: d.e.f, clientConfig: ${config} }]
`;
const api = `apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1.b.c }
spec: { service: ${service.bare} }
`;
const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: a.b.c }
spec: { conversion: { strategy: Webhook, webhook: { clientConfig: { service: ${service.bare} } } } }
`;
const rest = (ingress: string, pod = 'containers: [{ name: main, image: hook }]'): string => `---
apiVersion: v1
kind: Service
metadata: { name: hook, namespace: ops }
spec: { selector: { app: hook }, ports: [{ name: a, port: 443, targetPort: 9443 }, { name: b, port: 8443, targetPort: tls }] }
---
apiVersion: v1
kind: Pod
metadata: { name: hook, namespace: ops, labels: { app: hook } }
spec: { ${pod} }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: hook, namespace: ops }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: ${ingress} }
`;
const bare = `{ service: ${service.bare} }`;
const ofBlock = '[{ from: [{ ipBlock: { cidr: 10.0.0.0/24 } }], ports: [{ port: 9443 }] }]';
const apiServer = (...addresses: string[]) => ({ apiServer: { addresses, ports: [6443] } });
const named = `{ service: ${service.ported} }`;
const tls =
  'containers: [{ name: main, image: hook, ports: [{ name: tls, containerPort: 9444 }] }]';

testRule(webhookUnreachable, {
  valid: [
    { title: 'a rule without peers', yaml: hook(bare) + rest('[{ ports: [{ port: 9443 }] }]') },
    {
      title: 'a block with the API server',
      yaml: hook(bare) + rest(ofBlock),
      profile: apiServer('10.0.0.5/32'),
    },
    { title: 'pods of the host network', yaml: hook(bare) + rest('[]', 'hostNetwork: true') },
    { title: 'a server outside', yaml: hook('{ url: "https://hook.example.com" }') + rest('[]') },
    { title: 'a Service that nobody showed', yaml: hook(bare) },
    { title: 'a named port', yaml: hook(named) + rest('[{ ports: [{ port: tls }] }]', tls) },
    {
      title: 'the pods that call for the API server',
      yaml:
        hook(bare) +
        rest(
          '[{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }] }]',
        ),
      profile: {
        apiServer: {
          addresses: [],
          ports: [],
          webhookCallers: { namespace: 'kube-system', labels: { app: 'konnectivity' } },
        },
      },
    },
  ],
  invalid: [
    {
      title: 'a webhook, once',
      yaml: hook(bare) + rest('[]'),
      found: [
        {
          at: '4:43',
          object: 'MutatingWebhookConfiguration hook',
          got: 'no rule for the API server to TCP 9443 of ops/Pod/hook',
        },
      ],
    },
    {
      title: 'the Service’s port in the policy',
      yaml: hook(bare) + rest('[{ ports: [{ port: 443 }] }]'),
      found: [{ at: '4:43', got: 'no rule for the API server to TCP 9443 of ops/Pod/hook' }],
    },
    {
      title: 'a named target',
      yaml: hook(named) + rest('[{ ports: [{ port: 9443 }] }]', tls),
      found: [{ got: 'no rule for the API server to TCP 9444 of ops/Pod/hook' }],
    },
    {
      title: 'an aggregated API',
      yaml: api + rest('[]'),
      found: [{ at: '4:9', object: 'APIService v1.b.c' }],
    },
    {
      title: 'a conversion',
      yaml: crd + rest('[]'),
      found: [{ at: '4:69', object: 'CustomResourceDefinition a.b.c' }],
    },
    {
      title: 'a block without the API server',
      yaml: hook(bare) + rest(ofBlock),
      profile: apiServer('10.0.1.0/24'),
      found: [{ got: 'no rule for the API server to TCP 9443 of ops/Pod/hook' }],
    },
    {
      title: 'a block of a part of its addresses',
      yaml: hook(bare) + rest(ofBlock),
      profile: apiServer('10.0.0.0/23'),
      found: [{}],
    },
    {
      title: 'a block and no address',
      yaml: hook(bare) + rest(ofBlock),
      found: [{ severity: 'warning' }],
    },
  ],
});
