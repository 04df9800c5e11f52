import { exposedServiceBlocked } from '../../src/rules/exposed-service-blocked';
import { testRule } from '../support/rules';

const object = (
  kind: string,
  spec: string,
  apiVersion = 'networking.k8s.io/v1',
): string => `apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: ui, namespace: ml }
spec: ${spec}
---
`;
const service = (more = ''): string =>
  object(
    'Service',
    `{ selector: { app: ui }, ports: [{ name: web, port: 80, targetPort: 8080 }]${more} }`,
    'v1',
  );
const pod = (namespace: string, labels: string, more = ''): string => `apiVersion: v1
kind: Pod
metadata: { name: p, namespace: ${namespace}, labels: ${labels} }
spec: { ${more} containers: [{ name: main, image: ui }] }
---
`;
const policy = (ingress: string): string =>
  object('NetworkPolicy', `{ podSelector: {}, policyTypes: [Ingress], ingress: ${ingress} }`);
const ui = pod('ml', '{ app: ui }');
const paths = (port: string): string =>
  object(
    'Ingress',
    `{ rules: [{ http: { paths: [{ backend: { service: { name: ui, port: ${port} } } }] } }] }`,
  );
const named = paths('{ name: web }');
const nginx = pod('edge', '{ app.kubernetes.io/name: ingress-nginx }');
const fromEdge =
  '[{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: edge } } }] }]';
const route = (parent: string): string =>
  object(
    'HTTPRoute',
    `{ parentRefs: [${parent}], rules: [{ backendRefs: [{ name: ui, port: 80 }] }] }`,
    'gateway.networking.k8s.io/v1',
  );
const istio = 'networking.istio.io/v1';
const virtual = (gateways: string): string =>
  object(
    'VirtualService',
    `{ hosts: ['*'], gateways: ${gateways}, http: [{ route: [{ destination: { host: ui.ml.svc.cluster.local, port: { number: 80 } } }] }] }`,
    istio,
  );
const gateway = object(
  'Gateway',
  '{ selector: { istio: edge }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }',
  istio,
);

testRule(exposedServiceBlocked, {
  valid: [
    {
      title: 'the controller of the input',
      yaml: named + service() + ui + nginx + policy(fromEdge),
    },
    {
      title: 'the gateway of the profile',
      yaml: named + service() + ui + policy(fromEdge),
      profile: { gateways: [{ namespace: 'edge', labels: { app: 'gw' } }] },
    },
    { title: 'a controller that nobody knows', yaml: named + service() + ui + policy(fromEdge) },
    { title: 'pods that nothing holds', yaml: named + service() + ui + nginx },
    {
      title: 'a load balancer’s clients',
      yaml: service(', type: LoadBalancer') + ui + policy('[{ ports: [{ port: 8080 }] }]'),
    },
    {
      title: 'some of its clients',
      yaml:
        service(', type: LoadBalancer') +
        ui +
        policy('[{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }]'),
    },
    {
      title: 'a route of the mesh alone',
      yaml: route('{ kind: Service, name: ui }') + service() + ui + policy('[]'),
    },
    {
      title: 'a VirtualService of the mesh alone',
      yaml: virtual('[mesh]') + service() + ui + policy('[]'),
    },
    {
      title: 'a route that no Gateway takes, whatever the pods’ policy',
      yaml:
        route('{ name: gw, sectionName: tls }') +
        object(
          'Gateway',
          '{ gatewayClassName: c, listeners: [{ name: http, port: 80, protocol: HTTP }] }',
          'gateway.networking.k8s.io/v1',
        ).replace('name: ui', 'name: gw') +
        service() +
        ui +
        policy('[]'),
    },
    {
      title: 'pods of the host network',
      yaml: named + service() + pod('ml', '{ app: ui }', 'hostNetwork: true,') + policy('[]'),
    },
    {
      title: 'the Gateway’s pods',
      yaml:
        virtual('[ui]') +
        gateway +
        service() +
        ui +
        pod('edge', '{ istio: edge }') +
        policy(fromEdge),
    },
  ],
  invalid: [
    {
      title: 'the controller of its class, whatever other ones are let in',
      yaml:
        named.replace('rules:', 'ingressClassName: nginx, rules:') +
        service() +
        ui +
        nginx +
        pod('other', '{ app.kubernetes.io/name: traefik }') +
        policy(fromEdge.replace('edge', 'other')),
      found: [{ got: 'no ingress rule for the gateway edge/Pod/p to TCP 8080 of ml/Pod/p' }],
    },
    {
      title: 'an Ingress',
      yaml: named + service() + ui + nginx + policy('[]'),
      found: [
        {
          at: '4:48',
          object: 'Ingress ml/ui',
          got: 'no ingress rule for the gateway edge/Pod/p to TCP 8080 of ml/Pod/p',
          severity: 'error',
        },
      ],
    },
    {
      title: 'an Ingress whose controller nobody knows',
      yaml: paths('{ number: 80 }') + service() + ui + policy('[]'),
      found: [{ got: 'no ingress rule for any gateway to TCP 8080 of ml/Pod/p' }],
    },
    {
      title: 'an HTTPRoute',
      yaml:
        route('{ name: gw }') +
        service() +
        ui +
        pod('edge', '{ gateway.networking.k8s.io/gateway-name: gw }') +
        policy('[{ from: [{ podSelector: {} }] }]'),
      found: [{ at: '4:61', object: 'HTTPRoute ml/ui' }],
    },
    {
      title: 'a VirtualService of a Gateway',
      yaml:
        virtual('[ml/ui]') +
        gateway +
        service() +
        ui +
        pod('edge', '{ istio: edge }') +
        policy('[]'),
      found: [{ at: '4:61', object: 'VirtualService ml/ui' }],
    },
    {
      title: 'a load balancer',
      yaml:
        service(', type: LoadBalancer') + ui + policy('[{ from: [{ namespaceSelector: {} }] }]'),
      found: [
        {
          at: '4:40',
          object: 'Service ml/ui',
          got: 'no ingress rule for clients from outside to TCP 8080 of ml/Pod/p',
        },
      ],
    },
    {
      title: 'a gateway whose own egress is held',
      yaml:
        named +
        service() +
        ui +
        nginx +
        policy(fromEdge) +
        policy('[{}]').replace('namespace: ml', 'namespace: edge').replace('[Ingress]', '[Egress]'),
      found: [
        {
          object: 'Ingress ml/ui',
          got: 'no egress rule for the gateway edge/Pod/p to TCP 8080 of ml/Pod/p',
        },
      ],
    },
  ],
});
