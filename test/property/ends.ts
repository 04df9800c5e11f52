/**
 * Who is asked about? The pods that a story declares, and strangers: other pods of each namespace with
 * no label and with labels in use, namespaces that nobody declared, with and without each label in
 * use, and addresses: public, private, metadata, nodes, API server, DNS.
 */

import type { ContainerPort, Endpoint, Labels, Pod, Protocol } from '../naive/world';
import type { Flow, Places } from './declared';
import {
  apiServerPorts,
  carries,
  dnsOf,
  isIsolated,
  metadataAddresses,
  webhookCallers,
} from './declared';
import type { Port, Story, Workload } from './story';

export interface Ends {
  readonly places: Places;
  readonly pods: readonly Pod[];
  readonly addresses: readonly Endpoint[];
}

const STRANGE_PLACES: Places = {
  'batch-lab': {},
  'seldon-system': {},
  'tenant-nlp': { team: 'nlp' },
  'tenant-vision': { team: 'vision' },
  'tenant-dmz': { team: 'nlp', zone: 'dmz' },
  'kube-system': {},
  'openshift-dns': {},
  dns: {},
  monitoring: {},
};

const LABELS: readonly Labels[] = [
  { team: 'nlp' },
  { team: 'vision' },
  { tier: 'batch' },
  { stage: 'canary' },
  { stage: 'stable' },
  { debug: 'true' },
  { app: 'bert' },
  { app: 'model-api' },
  { 'app.kubernetes.io/name': 'ml-suite' },
  { 'app.kubernetes.io/name': 'mlflow' },
  { team: 'vision', tier: 'batch' },
  { app: 'bert', team: 'nlp' },
];

const CONTAINER_PORTS: readonly (readonly ContainerPort[])[] = [
  [],
  [{ name: 'http', containerPort: 8080 }],
  [
    { name: 'http', containerPort: 8888 },
    { name: 'stats', containerPort: 8125, protocol: 'UDP' },
  ],
];

const ADDRESSES = [
  ...['8.8.8.8', '2001:4860::8888', '203.0.113.5', '203.0.113.200', '198.51.100.7', '198.51.100.8'],
  ...['2001:db8:1::1', '2001:db8:7::1', '10.1.2.3', '172.16.0.9', '192.168.1.1', '192.168.7.7'],
  ...['192.168.8.8', '100.64.0.1', 'fd00::1', 'fe80::1', '169.254.1.1', '169.254.20.10'],
  ...['10.96.0.1', '10.96.0.10', '10.0.0.2', 'fd00:ec2::253', '169.254.169.254'],
  ...['172.20.0.5', 'fd00:172:20::5', '172.20.1.5', '172.20.0.10'],
];

export function endsOf(story: Story): Ends {
  const own = story.namespaces.map(({ name, labels }) => [name, labels] as const);
  const places: Places = { ...STRANGE_PLACES, ...Object.fromEntries(own) };
  const pods: Pod[] = [];
  const add = (namespace: string, labels: Labels, ports: readonly ContainerPort[]): void => {
    const number = pods.length + 1;
    pods.push({ namespace, name: `pod-${String(number)}`, labels, ip: ipOf(number), ports });
  };
  for (const workload of story.workloads) {
    const { namespace, podLabels } = workload;
    const ports = containerPorts(workload);
    // two replicas are two pods: what is allowed among them has to be declared
    for (let replica = 0; replica < 2; replica += 1) add(namespace, podLabels, ports);
    for (const labels of LABELS.filter((one) => isNews(one, podLabels)).slice(0, 3)) {
      if (isFitting(story, workload, labels)) add(namespace, { ...podLabels, ...labels }, ports);
    }
  }
  for (const [index, namespace] of Object.keys(places).entries()) {
    for (const [at, labels] of [{}, ...LABELS].entries()) {
      const declared = story.namespaces.some(({ name }) => name === namespace);
      const asked = declared || at === 0 || (at + index + story.salt) % 5 === 0;
      const ports = CONTAINER_PORTS[(at + index) % CONTAINER_PORTS.length] ?? [];
      if (asked && !isContradiction(story, namespace, labels)) add(namespace, labels, ports);
    }
  }
  for (const { namespace, labels } of platformPods(story)) add(namespace, labels, []);
  const addresses = [...new Set([...ADDRESSES, ...metadataAddresses(story.cluster)])];
  return { places, pods, addresses: addresses.map((ip) => ({ ip })) };
}

/** Most pods are in 10.244.0.0/16, some in other private blocks, some speak IPv6. */
function ipOf(number: number): string {
  if (number % 7 === 3) return `10.9.0.${String(number % 250)}`;
  if (number % 7 === 5) return `fd00:10:244::${number.toString(16)}`;
  return `10.244.${String(Math.floor(number / 250))}.${String((number % 250) + 1)}`;
}

function containerPorts({ ports }: Workload): ContainerPort[] {
  return ports.flatMap(({ name, port, protocol }) =>
    port === undefined ? [] : [{ name, containerPort: port, protocol: protocol as Protocol }],
  );
}

function isNews(labels: Labels, known: Labels): boolean {
  return Object.keys(labels).every((key) => !(key in known));
}

/** Pods with the labels of a workload carry all that is known of it. */
function isContradiction({ workloads }: Story, place: string, labels: Labels): boolean {
  return workloads.some(
    (one) =>
      one.namespace === place && carries(labels, one.labels) && !carries(labels, one.podLabels),
  );
}

/**
 * Isolation by a label is known to concern a workload by its podLabels; a pod that carries such a
 * label although nobody said so is not asked about. Labels that exempt a pod are.
 */
function isFitting(story: Story, { namespace, podLabels }: Workload, labels: Labels): boolean {
  const pod = (one: Labels): Pod => ({ namespace, name: 'pod', labels: one });
  const more = { ...podLabels, ...labels };
  if (isContradiction(story, namespace, more)) return false;
  return (['ingress', 'egress'] as const).every(
    (direction) =>
      isIsolated(story, pod(podLabels), direction) || !isIsolated(story, pod(more), direction),
  );
}

function platformPods({ cluster }: Story): readonly { namespace: string; labels: Labels }[] {
  const callers = webhookCallers(cluster);
  return [
    ...dnsOf(cluster).pods,
    { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus', extra: 'x' } },
    ...(callers === undefined ? [] : [{ namespace: 'kube-system', labels: callers }]),
  ];
}

/** Ports worth asking about: those in use, their neighbours, and one that nobody names. */
export function portsInUse(story: Story, flows: readonly Flow[]): (readonly [Protocol, number])[] {
  const named: Port[] = [
    ...flows.flatMap(({ ports }) => ports ?? []),
    ...story.workloads.flatMap(({ ports }) => ports),
    ...apiServerPorts(story.cluster).map((port) => ({ port, purpose: 'service' as const })),
    { protocol: 'UDP', port: dnsOf(story.cluster).port, purpose: 'service' },
    { protocol: 'UDP', port: 53, purpose: 'service' },
    { protocol: 'TCP', port: 31337, purpose: 'service' },
  ];
  const asked = new Map<string, readonly [Protocol, number]>();
  for (const { protocol = 'TCP', port = 8888, endPort = port } of named) {
    const other = protocol === 'TCP' ? 'UDP' : 'TCP';
    const numbers = [port, endPort, port - 1, endPort + 1, port + 1];
    for (const number of numbers.filter((one) => one >= 1 && one <= 65535)) {
      asked.set(`${protocol} ${String(number)}`, [protocol, number]);
    }
    asked.set(`${other} ${String(port)}`, [other, port]);
  }
  asked.set('SCTP 31337', ['SCTP', 31337]);
  return [...asked.values()];
}
