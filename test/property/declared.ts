/**
 * What did a story declare? Read from the story alone, one flow after the other, as DESIGN.md and
 * the doc comments say it: no index, no sets, nothing from src/. Judged one direction at a time,
 * because a policy speaks for one end only.
 *
 * - A pod is of a workload when it carries the workload's labels; these pods carry all podLabels.
 * - As subject (whose policy is asked) an end must be pods; addresses own no policy.
 * - As the other end a pod is also its address: an ipBlock matches pods (NP-60).
 */

import { inCidr } from '../naive/cidr';
import type { Endpoint, Labels, Pod, Protocol } from '../naive/world';
import type { Cluster, Direction, Namespace, Peer, Port, Selector, Story, Workload } from './story';
import { keyOf, workloadOf } from './story';

export interface Flow {
  readonly from: Peer;
  readonly to: Peer;
  readonly ports?: readonly Port[];
}

/** All namespaces of the cluster that the story is judged in, with their labels. */
export type Places = Readonly<Record<string, Labels>>;

/** distribution -> what its documentation says (src/cluster/distributions cites it). */
const METADATA = {
  generic: ['169.254.169.254'],
  eks: ['169.254.169.254', 'fd00:ec2::254', '169.254.170.2', '169.254.170.23', 'fd00:ec2::23'],
  gke: ['169.254.169.254', '169.254.169.252', 'fd20:ce::254'],
  aks: ['169.254.169.254', '168.63.129.16'],
};
const WEBHOOK_CALLERS: Partial<Record<Cluster['distribution'], Labels>> = {
  gke: { 'k8s-app': 'konnectivity-agent' },
  aks: { app: 'konnectivity-agent' },
};
const NOT_PUBLIC = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'],
  ...['fc00::/7', 'fe80::/10'],
];

/** Where the API server calls from, when not from its own addresses. */
export function webhookCallers(cluster: Cluster): Labels | undefined {
  return WEBHOOK_CALLERS[cluster.distribution];
}

export function metadataAddresses(cluster: Cluster): readonly string[] {
  return METADATA[cluster.distribution];
}

export function apiServerPorts(cluster: Cluster): readonly number[] {
  return cluster.distribution === 'generic' ? [443, 6443] : [443];
}

/** What answers DNS: pods on a port, and addresses on 53. */
export function dnsOf({ dns, cni }: Cluster): {
  readonly pods: readonly { readonly namespace: string; readonly labels: Labels }[];
  readonly port: number;
  readonly addresses: readonly string[];
} {
  const kubeDns = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
  switch (dns.kind) {
    case 'kube-dns':
      return { pods: [kubeDns], port: 53, addresses: [] };
    case 'coredns-chart': {
      const coreDns = { namespace: 'dns', labels: { 'k8s-app': 'coredns' } };
      return { pods: [coreDns], port: 53, addresses: [] };
    }
    case 'openshift': {
      const labels = { 'dns.operator.openshift.io/daemonset-dns': 'default' };
      return { pods: [{ namespace: 'openshift-dns', labels }], port: 5353, addresses: [] };
    }
    case 'addresses':
      return { pods: [], port: 53, addresses: dns.addresses };
    // only a CNI that acts before DNAT sees the Service's address
    case 'service-address': {
      const addresses = cni === 'aws-vpc' ? [dns.clusterIp] : [];
      return { pods: [kubeDns], port: 53, addresses };
    }
    case 'node-local': {
      const clusterIp = dns.clusterIp === undefined ? [] : [dns.clusterIp];
      return { pods: [kubeDns], port: 53, addresses: ['169.254.20.10', ...clusterIp] };
    }
  }
}

/** Every flow that the story declares, written out or implied. */
export function flowsOf(story: Story): Flow[] {
  return [
    ...story.namespaces.flatMap((namespace) => baselineFlows(story, namespace)),
    ...story.workloads.flatMap((workload) => impliedFlows(story, workload)),
    ...story.statements.flatMap(statementFlows),
  ];
}

function baselineFlows(story: Story, namespace: Namespace): Flow[] {
  const here: Peer = { kind: 'namespace', namespace: namespace.name };
  const ports = namespace.platformPorts ?? [{ purpose: 'service' }];
  const ours = namespace.kind === 'module' || namespace.kind === 'baseline';
  const { withinNamespace, internetEgress } = environmentOf(story, namespace);
  return [
    ...(ours ? [{ from: here, to: { kind: 'dns' } as const }] : []),
    ...namespace.platformPeers.flatMap((peer) => [
      { from: peer, to: here, ports },
      { from: here, to: peer, ports },
    ]),
    ...(withinNamespace ? [{ from: here, to: here, ports: ALL }] : []),
    ...(internetEgress ? [{ from: here, to: { kind: 'internet' } as const, ports: ALL }] : []),
  ];
}

const ALL: readonly Port[] = [{ purpose: 'service' }];
const STRICT = { name: '', withinNamespace: false, internetEgress: false };

/** Only namespaces of ours belong to an environment. */
function environmentOf(story: Story, { kind, environment }: Namespace): typeof STRICT {
  if (kind === 'existing' || kind === 'foreign') return STRICT;
  return environment ?? (story.app === 'platform' ? story.environment : STRICT);
}

function impliedFlows({ cluster }: Story, workload: Workload): Flow[] {
  const self: Peer = { kind: 'workload', workload: keyOf(workload) };
  const health = workload.ports.filter(({ purpose }) => purpose === 'health');
  const probed = health.length > 0 ? health : workload.ports;
  const probes: Flow = { from: { kind: 'nodes' }, to: self, ports: probed };
  return [
    ...(cluster.cni === 'probes-need-a-rule' && probed.length > 0 ? [probes] : []),
    ...(workload.component === 'pytorch' ? [{ from: self, to: self, ports: ALL }] : []),
  ];
}

function statementFlows(statement: Story['statements'][number]): Flow[] {
  switch (statement.say) {
    case 'default-deny':
      return [];
    case 'dns-egress': {
      const { namespace, workload } = statement;
      const from: Peer =
        workload === undefined ? { kind: 'namespace', namespace } : { kind: 'workload', workload };
      return [{ from, to: { kind: 'dns' } }];
    }
    case 'module-ingress': {
      const { from, to, terms } = statement;
      return from.map((peer) => ({ from: peer, to, ports: terms.ports }));
    }
    case 'module-egress':
    case 'external-egress': {
      const { from, to, terms } = statement;
      const flows = to.map((peer) => ({ from, to: peer, ports: terms.ports }));
      return [...flows, { from, to: { kind: 'dns' } }];
    }
    case 'allow-from':
    case 'allow-to': {
      const { workload, peer, terms, say } = statement;
      const self: Peer = { kind: 'workload', workload };
      const [from, to] = say === 'allow-from' ? [peer, self] : [self, peer];
      return [{ from, to, ports: terms.ports }];
    }
    case 'allow-among': {
      const self: Peer = { kind: 'workload', workload: statement.workload };
      return [{ from: self, to: self, ports: statement.terms.ports ?? ALL }];
    }
  }
}

/** Whether something isolates the pod in that direction. */
export function isIsolated(story: Story, pod: Pod, direction: Direction): boolean {
  const namespace = story.namespaces.find(({ name }) => name === pod.namespace);
  if (namespace === undefined) return false;
  const byBaseline = namespace.isolated.includes(direction);
  return byBaseline || story.statements.some((one) => isolates(story, one, pod, direction));
}

function isolates(
  story: Story,
  statement: Story['statements'][number],
  pod: Pod,
  direction: Direction,
): boolean {
  switch (statement.say) {
    case 'default-deny': {
      const { namespace, workload, pods, directions } = statement;
      if (namespace !== pod.namespace || !directions.includes(direction)) return false;
      const labels = workload === undefined ? pods : workloadOf(story, workload).labels;
      return carries(pod.labels ?? {}, labels ?? {});
    }
    case 'module-ingress':
      return direction === 'ingress' && owns(story, {}, statement.to, pod);
    case 'module-egress':
    case 'external-egress':
      return direction === 'egress' && owns(story, {}, statement.from, pod);
    case 'dns-egress':
    case 'allow-from':
    case 'allow-to':
    case 'allow-among':
      return false;
  }
}

/** One connection, seen from the pod whose policy of that direction is asked. */
export interface Question {
  readonly direction: Direction;
  readonly subject: Pod;
  readonly other: Endpoint;
  readonly protocol: Protocol;
  readonly port: number;
}

/** Whether some flow declares it, as far as the subject's end is concerned. */
export function isDeclared(
  story: Story,
  flows: readonly Flow[],
  places: Places,
  question: Question,
): boolean {
  const { direction, subject, other, protocol, port } = question;
  const target = direction === 'ingress' ? subject : other;
  return flows.some((flow) => {
    const [own, others] = direction === 'ingress' ? [flow.to, flow.from] : [flow.from, flow.to];
    if (!owns(story, places, own, subject)) return false;
    if (direction === 'egress' && flow.ports === undefined) {
      if (flow.to.kind === 'dns') return isDnsQuery(story.cluster, question);
      if (isApiServerService(story.cluster, flow, question)) return true;
    }
    if (!isOtherEnd(story, places, others, other, direction)) return false;
    return portsOf(story, flow).some((one) => isPort(story, flow, one, target, protocol, port));
  });
}

function isDnsQuery(cluster: Cluster, { other, protocol, port }: Question): boolean {
  const { pods, port: podPort, addresses } = dnsOf(cluster);
  if (protocol === 'SCTP') return false;
  const asksPod = port === podPort && pods.some((one) => isPodIn(other, one.namespace, one.labels));
  return asksPod || (port === 53 && addresses.some((address) => hasAddress(other, address)));
}

/** Before DNAT policy sees the Service's own address and port. */
function isApiServerService(
  { cni, apiServer }: Cluster,
  { to }: Flow,
  question: Question,
): boolean {
  const { other, protocol, port } = question;
  if (to.kind !== 'kube-apiserver' || cni !== 'aws-vpc') return false;
  const { clusterIp } = apiServer;
  return (
    clusterIp !== undefined && hasAddress(other, clusterIp) && protocol === 'TCP' && port === 443
  );
}

/** Whether the peer's pods, as the policies of their own namespace see them, include this one. */
function owns(story: Story, places: Places, peer: Peer, pod: Pod): boolean {
  switch (peer.kind) {
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'nodes':
    case 'kube-apiserver':
    case 'dns':
      return false;
    case 'any':
      return true;
    case 'account':
    case 'principal':
      return accountPods(story, peer.namespace, peer.name).some((one) => isPodOf(one, pod));
    default:
      return isOtherEnd(story, places, peer, pod, 'egress');
  }
}

/** Whether the peer, as a policy of that direction names it, includes this end. */
function isOtherEnd(
  story: Story,
  places: Places,
  peer: Peer,
  end: Endpoint,
  direction: Direction,
): boolean {
  const { cluster } = story;
  switch (peer.kind) {
    case 'workload':
    case 'endpoint':
      return isPodOf(workloadOf(story, peer.workload), end);
    case 'namespace':
    case 'name':
    case 'reference':
    case 'members':
      return isPodIn(end, peer.namespace, {});
    case 'module':
      return story.namespaces.some(
        ({ name, group, kind }) =>
          kind === 'module' && group === peer.group && isPodIn(end, name, {}),
      );
    case 'namespaces':
      return isPod(end) && carries(places[end.namespace] ?? {}, peer.labels);
    case 'pods': {
      if (!isPod(end) || !meets(end.labels ?? {}, peer.pods)) return false;
      if (typeof peer.in === 'string') return end.namespace === peer.in;
      return carries(places[end.namespace] ?? {}, peer.in);
    }
    case 'all-pods':
      return isPod(end);
    case 'any':
      if (direction === 'ingress' || isPod(end)) return true;
      return !metadataAddresses(cluster).some((address) => hasAddress(end, address));
    case 'internet':
    case 'fqdn':
      return addressesOf(end).some((address) => isPublic(cluster, address));
    case 'cidr':
      return addressesOf(end).some(
        (address) =>
          inCidr(peer.cidr, address) && !peer.except.some((block) => inCidr(block, address)),
      );
    case 'nodes':
      return isInside(end, cluster.nodeRanges);
    case 'kube-apiserver': {
      const callers = webhookCallers(cluster);
      if (direction === 'egress') return isInside(end, cluster.apiServer.addresses);
      if (callers !== undefined) return isPodIn(end, 'kube-system', callers);
      const { addresses } = cluster.apiServer;
      return addresses.length === 0 || isInside(end, addresses);
    }
    case 'dns': {
      const { pods, addresses } = dnsOf(cluster);
      const answers = pods.some(({ namespace, labels }) => isPodIn(end, namespace, labels));
      return answers || addresses.some((address) => hasAddress(end, address));
    }
    case 'account':
    case 'principal': {
      const running = accountPods(story, peer.namespace, peer.name);
      if (running.length === 0) return isPodIn(end, peer.namespace, {});
      return running.some((workload) => isPodOf(workload, end));
    }
    case 'monitoring':
      return isPodIn(end, 'monitoring', { 'app.kubernetes.io/name': 'prometheus' });
  }
}

function accountPods(story: Story, namespace: string, account: string): Workload[] {
  return story.workloads.filter((one) => one.namespace === namespace && one.account === account);
}

/** The ports of a flow: its own, else what its callee offers. */
function portsOf(story: Story, { to, ports }: Flow): readonly Port[] {
  if (ports !== undefined) return ports;
  const tcp = (port: number): Port => ({ protocol: 'TCP', port, purpose: 'service' });
  switch (to.kind) {
    case 'workload':
      return workloadOf(story, to.workload).ports.filter(({ purpose }) => purpose === 'service');
    case 'endpoint':
      return to.ports;
    case 'fqdn':
      return [tcp(443)];
    case 'kube-apiserver':
      return apiServerPorts(story.cluster).map(tcp);
    case 'monitoring':
      return [tcp(9090)];
    default:
      return [];
  }
}

function isPort(
  story: Story,
  flow: Flow,
  allowed: Port,
  target: Endpoint,
  protocol: Protocol,
  port: number,
): boolean {
  if (allowed.protocol === undefined) return true;
  if (allowed.protocol !== protocol) return false;
  if (allowed.port !== undefined) {
    return allowed.port <= port && port <= (allowed.endPort ?? allowed.port);
  }
  if (allowed.name === undefined) return true;
  return numbersOf(story, flow.to, target, allowed).includes(port);
}

/** A name means the number that the workload declares, else that of the container port. */
function numbersOf(story: Story, to: Peer, target: Endpoint, { name, protocol }: Port): number[] {
  const workload =
    to.kind === 'workload' || to.kind === 'endpoint' ? workloadOf(story, to.workload) : undefined;
  const declared = (workload?.ports ?? []).filter(
    (one) => one.name === name && one.protocol === protocol,
  );
  if (declared.length > 0) return declared.flatMap(({ port, endPort }) => range(port, endPort));
  const container = isPod(target) ? (target.ports ?? []) : [];
  return container
    .filter((one) => one.name === name && (one.protocol ?? 'TCP') === protocol)
    .map(({ containerPort }) => containerPort);
}

function range(first = 0, last = first): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function isPublic({ nodeRanges, podRanges, ...cluster }: Cluster, address: string): boolean {
  const closed = [...NOT_PUBLIC, ...nodeRanges, ...podRanges];
  const metadata = METADATA[cluster.distribution];
  return !closed.some((block) => inCidr(block, address)) && !metadata.includes(address);
}

function isPodOf(workload: Workload, end: Endpoint): boolean {
  return isPodIn(end, workload.namespace, workload.labels);
}

function isPodIn(end: Endpoint, namespace: string, labels: Labels): boolean {
  return isPod(end) && end.namespace === namespace && carries(end.labels ?? {}, labels);
}

function isInside(end: Endpoint, blocks: readonly string[]): boolean {
  return addressesOf(end).some((address) => blocks.some((block) => inCidr(block, address)));
}

function hasAddress(end: Endpoint, address: string): boolean {
  return addressesOf(end).includes(address);
}

export function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function meets(own: Labels, { labels, oneOf, noneOf, present, absent }: Selector): boolean {
  const value = (key: string): string => own[key] ?? '(none)';
  return (
    carries(own, labels ?? {}) &&
    Object.entries(oneOf ?? {}).every(([key, values]) => values.includes(value(key))) &&
    Object.entries(noneOf ?? {}).every(([key, values]) => !values.includes(value(key))) &&
    (present ?? []).every((key) => key in own) &&
    (absent ?? []).every((key) => !(key in own))
  );
}

function addressesOf(end: Endpoint): readonly string[] {
  return isPod(end) ? (end.ip === undefined ? [] : [end.ip]) : [end.ip];
}

function isPod(end: Endpoint): end is Pod {
  return 'namespace' in end;
}
