/** What random stories are made of: few of each, so that they meet. */
import type { Labels } from '../naive/world';
import type { EnvironmentOf, Port, Selector } from './story';

export const NAMESPACES = ['ml-training', 'llm-serving', 'mlflow', 'feature-store', 'reporting'];
export const NAMESPACE_LABELS: readonly Labels[] = [
  {},
  { team: 'nlp' },
  { team: 'vision' },
  { zone: 'dmz' },
  { team: 'nlp', zone: 'dmz' },
];
export const NAMES = ['model-api', 'bert', 'triton', 'feast', 'notebook', 'scorer'];
export const ENVIRONMENTS: readonly EnvironmentOf[] = [
  { name: 'prod', withinNamespace: false, internetEgress: false },
  { name: 'test', withinNamespace: true, internetEgress: false },
  { name: 'dev', withinNamespace: true, internetEgress: true },
  { name: 'sandbox', withinNamespace: false, internetEgress: true },
];
export const EXTRA_LABELS: readonly Labels[] = [
  {},
  {},
  { team: 'nlp' },
  { tier: 'batch', team: 'vision' },
  { stage: 'stable' },
];
export const WORKLOAD_PORTS: readonly Port[] = [
  { protocol: 'TCP', port: 8080, name: 'http', purpose: 'service' },
  { protocol: 'TCP', port: 9000, name: 'grpc', purpose: 'service' },
  { protocol: 'TCP', port: 9090, name: 'metrics', purpose: 'metrics' },
  { protocol: 'TCP', port: 8081, purpose: 'health' },
  { protocol: 'UDP', port: 8125, name: 'stats', purpose: 'service' },
  { protocol: 'TCP', port: 29500, endPort: 29510, name: 'peers', purpose: 'peer' },
  { protocol: 'SCTP', port: 3868, purpose: 'service' },
];
export const FLOW_PORTS: readonly (readonly Port[])[] = [
  [{ protocol: 'TCP', port: 8080, purpose: 'service' }],
  [{ protocol: 'TCP', port: 443, purpose: 'service' }],
  [
    { protocol: 'UDP', port: 8125, purpose: 'service' },
    { protocol: 'TCP', port: 5432, purpose: 'service' },
  ],
  [{ protocol: 'TCP', port: 9000, endPort: 9100, purpose: 'service' }],
  [
    { protocol: 'UDP', port: 30000, endPort: 32767, purpose: 'service' },
    { protocol: 'UDP', port: 31000, purpose: 'service' },
  ],
  [{ protocol: 'TCP', port: 7000, endPort: 7000, purpose: 'service' }],
  [{ protocol: 'SCTP', port: 3868, purpose: 'service' }],
  [{ protocol: 'TCP', purpose: 'service' }],
  [
    { protocol: 'UDP', purpose: 'service' },
    { protocol: 'TCP', port: 65535, purpose: 'service' },
  ],
  [{ protocol: 'SCTP', purpose: 'service' }],
  [{ purpose: 'service' }],
  [
    { protocol: 'TCP', port: 1, purpose: 'service' },
    { protocol: 'TCP', port: 9090, purpose: 'metrics' },
  ],
  [{ protocol: 'TCP', name: 'http', purpose: 'service' }],
  [
    { protocol: 'UDP', name: 'stats', purpose: 'service' },
    { protocol: 'TCP', port: 8080, purpose: 'service' },
  ],
];
export const BLOCKS: readonly { readonly cidr: string; readonly except: readonly string[] }[] = [
  { cidr: '203.0.113.0/24', except: ['203.0.113.128/25'] },
  { cidr: '10.0.0.0/8', except: ['10.244.0.0/16'] },
  { cidr: '10.244.0.0/16', except: [] },
  { cidr: '192.168.0.0/16', except: ['192.168.7.0/24', '192.168.8.8/32'] },
  { cidr: '2001:db8::/32', except: ['2001:db8:7::/48'] },
  { cidr: '198.51.100.7/32', except: [] },
  { cidr: '0.0.0.0/0', except: [] },
  { cidr: '::/0', except: ['2001:db8::/32'] },
  { cidr: '169.254.169.254/32', except: [] },
  { cidr: '172.20.0.0/16', except: [] },
];
export const POD_LABELS: readonly Labels[] = [
  { team: 'nlp' },
  { tier: 'batch' },
  { team: 'vision', tier: 'batch' },
  { app: 'bert' },
  { 'app.kubernetes.io/name': 'ml-suite' },
  { stage: 'canary' },
];
export const SELECTORS: readonly Selector[] = [
  ...POD_LABELS.map((labels) => ({ labels })),
  { oneOf: { team: ['vision', 'nlp'] } },
  { noneOf: { stage: ['canary'] } },
  { present: ['team'] },
  { absent: ['stage'] },
  { labels: { app: 'bert' }, noneOf: { team: ['vision'] } },
  { labels: { team: 'nlp' }, oneOf: { app: ['model-api', 'bert'] }, absent: ['debug'] },
];
