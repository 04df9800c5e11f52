/**
 * Do ClusterNetworkPolicy v1alpha2 and NetworkPolicy together allow this connection? Short enough to
 * check by eye, nothing from src/, for ever. Per direction: Admin tier, NetworkPolicy where it isolates,
 * Baseline tier, then yes. Which of two policies of one priority wins is undefined; where that
 * matters, so is the answer.
 *
 * Source: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go. Besides:
 * - A rule with a peer or port that is none of the known kinds fails closed: Accept matches nothing,
 *   Deny and Pass deny everything.
 * - Pods of the host's network are neither subjects nor peers by labels. Whether NetworkPolicy takes
 *   them for pods is up to the network: `hostPods`.
 * - A name stands for the addresses that the world resolves it to, none of them a pod's.
 */
import { inCidr } from './cidr';
import type { Connection } from './network-policy';
import * as np from './network-policy';
import { addressesOf, isPod, labelsOfNamespace } from './network-policy';
import { selects } from './selector';
import type { Direction, Endpoint, Labels, Protocol, Selector, World } from './world';

export interface ClusterWorld extends World {
  readonly nodes?: readonly { readonly labels: Labels; readonly ips: readonly string[] }[];
  readonly clusterPolicies?: readonly ClusterNetworkPolicy[];
  /** Full names with their addresses. */
  readonly resolves?: Readonly<Record<string, readonly string[]>>;
  /** What NetworkPolicy takes pods of the host's network for. @default 'nodes' */
  readonly hostPods?: 'nodes' | 'pods';
}

export interface ClusterNetworkPolicy {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly tier: 'Admin' | 'Baseline';
    readonly priority: number;
    readonly subject: PodsPeer;
    readonly ingress?: readonly ClusterRule[] | null;
    readonly egress?: readonly ClusterRule[] | null;
  };
}

export type Action = 'Accept' | 'Deny' | 'Pass';

/** `from` belongs to ingress rules, `to` to egress rules. */
export interface ClusterRule {
  readonly action: Action;
  readonly from?: readonly ClusterPeer[];
  readonly to?: readonly ClusterPeer[];
  readonly protocols?: readonly ClusterPort[] | null;
}

export interface PodsPeer {
  readonly namespaces?: Selector;
  readonly pods?: { readonly namespaceSelector?: Selector; readonly podSelector?: Selector };
}

/** Exactly one of the fields; none of them: something newer. */
export interface ClusterPeer extends PodsPeer {
  readonly networks?: readonly string[];
  readonly nodes?: Selector;
  readonly domainNames?: readonly string[];
}

export interface ClusterPort {
  readonly tcp?: PortNumbers;
  readonly udp?: PortNumbers;
  readonly sctp?: PortNumbers;
  readonly destinationNamedPort?: string;
}

export interface PortNumbers {
  readonly destinationPort?: {
    readonly number?: number;
    readonly range?: { readonly start: number; readonly end: number };
  };
}

/** Both ends admit the connection, in one family. */
export function allowed(
  world: ClusterWorld,
  ...[from, to, protocol, port]: Connection
): boolean | 'undefined' {
  const halves = np.inEachFamily(from, to).map(([source, destination]) => {
    const connection: Connection = [source, destination, protocol, port];
    return [answers(world, 'Egress', connection), answers(world, 'Ingress', connection)];
  });
  if (halves.some((half) => half.every((each) => each.every(Boolean)))) return true;
  return halves.some((half) => half.every((each) => each.some(Boolean))) && 'undefined';
}

/** One direction: every answer that some order of equal priorities gives. */
export function answers(
  world: ClusterWorld,
  direction: Direction,
  connection: Connection,
): boolean[] {
  const [from, to] = connection;
  const own = direction === 'Egress' ? from : to;
  if (!isPod(own) || np.isSamePod(from, to) || (own === to && np.isOwnNode(from, to)))
    return [true];
  return winners(world, 'Admin', direction, connection).flatMap((admin) => {
    if (admin !== 'Pass') return [admin === 'Accept'];
    if (np.isolated(world, forPolicy(world, own), direction)) {
      return [policyAllowed(world, direction, connection)];
    }
    return winners(world, 'Baseline', direction, connection).map((action) => action !== 'Deny');
  });
}

/** The first match of each policy decides for it, and the lowest priority number among them. */
function winners(
  world: ClusterWorld,
  tier: 'Admin' | 'Baseline',
  direction: Direction,
  connection: Connection,
): Action[] {
  const own = direction === 'Egress' ? connection[0] : connection[1];
  const matches = (world.clusterPolicies ?? [])
    .filter(({ spec }) => spec.tier === tier && isPods(world, spec.subject, own))
    .flatMap(({ spec }) => {
      const rules = (direction === 'Egress' ? spec.egress : spec.ingress) ?? [];
      const actions = rules.map((rule) => actionOf(world, rule, direction, connection));
      const action = actions.find((it) => it !== undefined);
      return action === undefined ? [] : [{ action, priority: spec.priority }];
    });
  const first = Math.min(...matches.map(({ priority }) => priority));
  const winning = matches.filter(({ priority }) => priority === first);
  return winning.length === 0 ? ['Pass'] : [...new Set(winning.map(({ action }) => action))];
}

/** What a rule does with the connection; undefined: nothing. */
function actionOf(
  world: ClusterWorld,
  { action, from = [], to = [], protocols }: ClusterRule,
  direction: Direction,
  [source, destination, protocol, port]: Connection,
): Action | undefined {
  const [peers, other] = direction === 'Egress' ? [to, destination] : [from, source];
  if (!peers.every(isKnown) || !(protocols ?? []).every(isKnown)) {
    return action === 'Accept' ? undefined : 'Deny';
  }
  const matches =
    peers.some((peer) => isPeer(world, peer, other)) &&
    (!protocols?.length || protocols.some((it) => isPort(it, destination, protocol, port)));
  return matches ? action : undefined;
}

const KNOWN = ['namespaces', 'pods', 'networks', 'nodes', 'domainNames'];
const KNOWN_PORTS = ['tcp', 'udp', 'sctp', 'destinationNamedPort'];
const isKnown = (it: object): boolean =>
  Object.keys(it).some((key) => [...KNOWN, ...KNOWN_PORTS].includes(key));

function isPeer(world: ClusterWorld, peer: ClusterPeer, end: Endpoint): boolean {
  const { networks = [], nodes, domainNames = [] } = peer;
  const ips = addressesOf(end);
  const meant = nodes ? (world.nodes ?? []).filter(({ labels }) => selects(nodes, labels)) : [];
  const resolved = Object.entries(world.resolves ?? {}).flatMap(([name, own]) =>
    domainNames.some((pattern) => isName(pattern, name)) ? own : [],
  );
  return (
    isPods(world, peer, end) ||
    networks.some((cidr) => np.inBlock({ cidr }, end)) ||
    meant.some((node) => node.ips.some((ip) => isSameAddress(ip, ips))) ||
    (!isPod(end) && resolved.some((ip) => isSameAddress(ip, ips)))
  );
}

function isPods(world: ClusterWorld, { namespaces, pods }: PodsPeer, end: Endpoint): boolean {
  const namespaceSelector = pods ? (pods.namespaceSelector ?? {}) : namespaces;
  if (!namespaceSelector || !isPod(end) || end.hostNetwork) return false;
  return (
    selects(namespaceSelector, labelsOfNamespace(world, end.namespace)) &&
    selects(pods?.podSelector ?? {}, end.labels ?? {})
  );
}

/** `*.` stands for one or more whole labels. */
function isName(pattern: string, name: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}

function isPort(
  { destinationNamedPort: name, tcp, udp, sctp }: ClusterPort,
  to: Endpoint,
  protocol: Protocol,
  port: number,
): boolean {
  if (name !== undefined) {
    // the name of a container port, whatever its protocol
    const declared = isPod(to) ? (to.ports ?? []) : [];
    return declared.some(
      (it) => it.name === name && (it.protocol ?? 'TCP') === protocol && it.containerPort === port,
    );
  }
  const numbers = { TCP: tcp, UDP: udp, SCTP: sctp }[protocol]?.destinationPort;
  if (numbers?.number !== undefined) return numbers.number === port;
  return !!numbers?.range && numbers.range.start <= port && port <= numbers.range.end;
}

const isSameAddress = (ip: string, ips: readonly string[]): boolean =>
  ips.some((own) => inCidr(`${ip}/${ip.includes(':') ? '128' : '32'}`, own));

function policyAllowed(
  world: ClusterWorld,
  direction: Direction,
  [from, to, protocol, port]: Connection,
): boolean {
  const connection: Connection = [forPolicy(world, from), forPolicy(world, to), protocol, port];
  return direction === 'Egress'
    ? np.egressAllowed(world, ...connection)
    : np.ingressAllowed(world, ...connection);
}

function forPolicy({ hostPods }: ClusterWorld, end: Endpoint): Endpoint {
  return isPod(end) && hostPods === 'pods' ? { ...end, hostNetwork: false } : end;
}
