/**
 * Does NetworkPolicy v1 allow this connection? The answer, short enough to check by eye: no index,
 * no cache, no set algebra, nothing from src/, for ever. The fast engine is fuzzed against it.
 *
 * Source: kubernetes/api 1ff8524 networking/v1/types.go; defaults of policyTypes and protocol from
 * kubernetes/kubernetes 030880a pkg/apis/networking/v1/defaults.go. What they leave open:
 * - Manifests are ones that the API server accepts; a peer that it refuses matches nobody.
 * - An ipBlock matches pod addresses (upstream e2e "egress ipBlock of a pod"). A pod whose address
 *   is not known is matched only by 0.0.0.0/0 and ::/0 without `except`: any exception might be it.
 * - A hostNetwork pod is its node: never isolated, never matched by a selector, only by ipBlock.
 *   So what the engine calls UNKNOWN is "no" for a peer and "not protected" for a target.
 * - A pod always reaches itself; its own node (`hostIP`) always reaches it.
 * - `{ ip }` is that address and no more: it is not looked up among the pods. Routing, SNAT and
 *   Services come before or after policy: ask with the addresses and the pod port that policy sees.
 */

import { inCidr, isV4, isV6 } from './cidr';
import { selects } from './selector';
import type {
  Direction,
  Endpoint,
  IpBlock,
  Labels,
  NetworkPolicy,
  Peer,
  Pod,
  PolicyPort,
  Protocol,
  World,
} from './world';

export type Connection = readonly [from: Endpoint, to: Endpoint, protocol: Protocol, port: number];

/** Both ends admit the connection, in an address family that it may speak. */
export function allowed(world: World, ...[from, to, protocol, port]: Connection): boolean {
  return inEachFamily(from, to).some(([source, destination]) => {
    const connection: Connection = [source, destination, protocol, port];
    return egressAllowed(world, ...connection) && ingressAllowed(world, ...connection);
  });
}

/**
 * A connection speaks one IP family, so that of two dual-stack ends one family has to pass on both
 * sides; where they share none (routing), or one is not known, any address counts.
 */
export function inEachFamily(from: Endpoint, to: Endpoint): (readonly [Endpoint, Endpoint])[] {
  const shared = [isV4, isV6].filter(
    (it) => addressesOf(from).some(it) && addressesOf(to).some(it),
  );
  return (shared.length > 0 ? shared : [() => true]).map((family) => [
    only(from, family),
    only(to, family),
  ]);
}

/** The source's half. */
export function egressAllowed(world: World, ...[from, to, protocol, port]: Connection): boolean {
  const policies = isolating(world, from, 'Egress');
  if (policies.length === 0 || isSamePod(from, to)) return true;
  const admits = (policy: NetworkPolicy): boolean =>
    (policy.spec.egress ?? []).some(
      (rule) =>
        anyOf(rule.to, (peer) => isPeer(world, policy, peer, to)) &&
        anyOf(rule.ports, (entry) => isPort(entry, to, protocol, port)),
    );
  return policies.some(admits);
}

/** The destination's half. */
export function ingressAllowed(world: World, ...[from, to, protocol, port]: Connection): boolean {
  const policies = isolating(world, to, 'Ingress');
  if (policies.length === 0 || isSamePod(from, to) || isOwnNode(from, to)) return true;
  const admits = (policy: NetworkPolicy): boolean =>
    (policy.spec.ingress ?? []).some(
      (rule) =>
        anyOf(rule.from, (peer) => isPeer(world, policy, peer, from)) &&
        anyOf(rule.ports, (entry) => isPort(entry, to, protocol, port)),
    );
  return policies.some(admits);
}

/** Selected by at least one policy of its namespace that lists the direction. */
export function isolated(world: World, end: Endpoint, direction: Direction): boolean {
  return isolating(world, end, direction).length > 0;
}

function isolating(world: World, end: Endpoint, direction: Direction): NetworkPolicy[] {
  if (!isPod(end) || end.hostNetwork) return [];
  return world.policies.filter(
    (policy) =>
      namespaceOf(policy) === end.namespace &&
      typesOf(policy).includes(direction) &&
      selects(policy.spec.podSelector ?? {}, end.labels ?? {}),
  );
}

function typesOf({ spec }: NetworkPolicy): readonly Direction[] {
  if (spec.policyTypes?.length) return spec.policyTypes;
  // Absent or empty: always Ingress, and Egress only with egress rules (defaults.go).
  return spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** An absent or empty list of peers or of ports means every one, not none (types.go). */
function anyOf<T>(list: readonly T[] | null | undefined, test: (item: T) => boolean): boolean {
  return !list?.length || list.some(test);
}

function isPeer(world: World, policy: NetworkPolicy, peer: Peer, other: Endpoint): boolean {
  const { ipBlock, podSelector, namespaceSelector } = peer;
  if (!podSelector && !namespaceSelector) return !!ipBlock && inBlock(ipBlock, other);
  if (ipBlock || !isPod(other) || other.hostNetwork) return false;
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector, labelsOfNamespace(world, other.namespace))
    : other.namespace === namespaceOf(policy);
  return inNamespace && selects(podSelector ?? {}, other.labels ?? {});
}

function isPort(entry: PolicyPort, to: Endpoint, protocol: Protocol, port: number): boolean {
  if ((entry.protocol ?? 'TCP') !== protocol) return false;
  const { port: first, endPort } = entry;
  if (first === undefined || first === null) return true;
  if (typeof first === 'number') return first <= port && port <= (endPort ?? first);
  // A name is looked up on the destination pod, in egress rules too; an address has no names.
  const declared = isPod(to) ? (to.ports ?? []) : [];
  return declared.some(
    (it) => it.name === first && (it.protocol ?? 'TCP') === protocol && it.containerPort === port,
  );
}

export function inBlock({ cidr, except }: IpBlock, end: Endpoint): boolean {
  const ips = addressesOf(end);
  if (ips.length === 0) return cidr.endsWith('/0') && !except?.length;
  return ips.some((ip) => inCidr(cidr, ip) && !except?.some((range) => inCidr(range, ip)));
}

/** The API server sets `kubernetes.io/metadata.name` on every namespace; nobody can change it. */
export function labelsOfNamespace(world: World, name: string): Labels {
  return { ...world.namespaces[name]?.labels, 'kubernetes.io/metadata.name': name };
}

export function addressesOf(end: Endpoint): readonly string[] {
  return isPod(end) ? (end.ips ?? (end.ip ? [end.ip] : [])) : [end.ip];
}

function only(end: Endpoint, family: (ip: string) => boolean): Endpoint {
  return isPod(end) ? { ...end, ips: addressesOf(end).filter(family) } : end;
}

export const isPod = (end: Endpoint): end is Pod => 'namespace' in end;
const namespaceOf = ({ metadata }: NetworkPolicy): string => metadata.namespace ?? 'default';
export const isSamePod = (a: Endpoint, b: Endpoint): boolean =>
  isPod(a) && isPod(b) && a.namespace === b.namespace && a.name === b.name;
export const isOwnNode = (from: Endpoint, to: Endpoint): boolean =>
  isPod(to) && !!to.hostIP && addressesOf(from).includes(to.hostIP);
