import { scrapeTargetUnreachable } from '../../src/rules/scrape-target-unreachable';
import { testRule } from '../support/rules';

const pod = (namespace: string, labels: string, more = ''): string => `apiVersion: v1
kind: Pod
metadata: { name: p, namespace: ${namespace}, labels: ${labels}${more} }
spec: { containers: [{ name: main, image: t5, ports: [{ name: metrics, containerPort: 8002 }] }] }
---
`;
const object = (
  kind: string,
  apiVersion: string,
  rest: string,
  spec: string,
): string => `apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: t5, namespace: ml${rest} }
spec: ${spec}
---
`;
const policy = (ingress: string): string =>
  object(
    'NetworkPolicy',
    'networking.k8s.io/v1',
    '',
    `{ podSelector: {}, policyTypes: [Ingress], ingress: ${ingress} }`,
  );
const service = (rest = ', labels: { app: t5 }'): string =>
  object(
    'Service',
    'v1',
    rest,
    '{ selector: { app: t5 }, ports: [{ name: m, port: 80, targetPort: metrics }] }',
  );
const monitor = (more = ''): string =>
  object(
    'ServiceMonitor',
    'monitoring.coreos.com/v1',
    '',
    `{ selector: { matchLabels: { app: t5 } }, endpoints: [{ port: m }]${more} }`,
  );
const pods = (endpoint: string): string =>
  object(
    'PodMonitor',
    'monitoring.coreos.com/v1',
    '',
    `{ selector: {}, podMetricsEndpoints: [${endpoint}] }`,
  );
const scraped = ', annotations: { prometheus.io/scrape: "true", prometheus.io/port: "8002" }';
const t5 = pod('ml', '{ app: t5 }');
const prometheus = pod('ops', '{ app: prometheus }');
const fromOps =
  '[{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ops } } }], ports: [{ port: metrics }] }]';

testRule(scrapeTargetUnreachable, {
  valid: [
    {
      title: 'a Prometheus of the input',
      yaml: monitor() + service() + t5 + prometheus + policy(fromOps),
    },
    {
      title: 'the monitoring of the profile',
      yaml: monitor() + service() + t5 + policy(fromOps),
      profile: { monitoring: { namespace: 'ops', labels: { app: 'vm' } } },
    },
    {
      title: 'a Prometheus that nobody knows',
      yaml: pods('{ port: metrics }') + t5 + policy(fromOps),
    },
    {
      title: 'Services of other namespaces',
      yaml: monitor(', namespaceSelector: { matchNames: [web] }') + service() + t5 + policy('[]'),
    },
    { title: 'a port that the pods lack', yaml: pods('{ port: http }') + t5 + policy('[]') },
    { title: 'pods that ask for nothing', yaml: t5 + prometheus + policy('[]') },
  ],
  invalid: [
    {
      title: 'a ServiceMonitor',
      yaml:
        monitor(', namespaceSelector: { any: true }') + service() + t5 + prometheus + policy('[]'),
      found: [
        {
          at: '4:61',
          object: 'ServiceMonitor ml/t5',
          got: 'no ingress rule for ops/Pod/p to TCP 8002 of ml/Pod/p',
        },
      ],
    },
    {
      title: 'a PodMonitor by number',
      yaml: pods('{ portNumber: 8003 }') + t5 + prometheus + policy(fromOps),
      found: [
        {
          object: 'PodMonitor ml/t5',
          got: 'no ingress rule for ops/Pod/p to TCP 8003 of ml/Pod/p',
        },
      ],
    },
    {
      title: 'annotated pods',
      yaml: pod('ml', '{ app: t5 }', scraped) + policy('[]'),
      found: [
        {
          at: '1:1',
          object: 'Pod ml/p',
          got: 'no ingress rule for anybody to TCP 8002 of ml/Pod/p',
        },
      ],
    },
    {
      title: 'annotated pods with a sidecar',
      yaml: pod('ml', '{ app: t5, sidecar.istio.io/inject: "true" }', scraped) + policy('[]'),
      profile: {
        mesh: { mode: 'sidecar', trustDomain: 'cluster.local', rootNamespace: 'istio-system' },
      },
      found: [{ got: 'no ingress rule for anybody to TCP 15020 of ml/Pod/p' }],
    },
    {
      title: 'an annotated Service',
      yaml: service(scraped) + t5 + prometheus + policy('[]'),
      found: [{ at: '3:38', object: 'Service ml/t5' }],
    },
  ],
});
