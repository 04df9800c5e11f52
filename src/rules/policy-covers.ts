/** Whether one rule of a policy says all that another one says, as far as their text tells. */
import type { PolicyPeer, PolicyPort, PolicyRule } from '../read/cluster';
import type { Protocol } from '../values/port';
import type { SelectorData } from '../values/selector';
import { isEverything, selectorKey } from '../values/selector';
import { cidrContains, cidrsOverlap } from '../values/cidr';
import type { PortRange } from '../values/port-ranges';
import { ALL_PORTS, mergeRanges, rangesWithout } from '../values/port-ranges';
import { PROTOCOLS } from '../engine/connections';

/** A peer of a rule, alone; absent: everybody. */
export interface Grant {
  readonly peer?: PolicyPeer;
  readonly ports?: readonly PolicyPort[];
}

/** A rule, peer by peer. */
export function grantsOf({ peers, ports }: PolicyRule): Grant[] {
  const own = ports === undefined ? {} : { ports };
  return peers === undefined ? [own] : peers.map((peer) => ({ peer, ...own }));
}

/** Whether some grants together allow whatever one allows. */
export function covered(one: Grant, others: readonly Grant[]): boolean {
  const same = others.filter(({ peer }) => holdsPeer(peer, one.peer));
  return PROTOCOLS.every((protocol) => {
    const names = namesOf(one.ports, protocol);
    const rest = rangesWithout(
      rangesOf(one.ports, protocol),
      same.flatMap(({ ports }) => rangesOf(ports, protocol)),
    );
    const isOpen = same.some(({ ports }) => isAll(rangesOf(ports, protocol)));
    const named = same.flatMap(({ ports }) => namesOf(ports, protocol));
    return rest.length === 0 && (isOpen || names.every((name) => named.includes(name)));
  });
}

/** Equal for equal peers. */
export function peerKey(peer: PolicyPeer | undefined): string {
  if (peer === undefined) return 'everybody';
  if (peer.kind === 'block') return `block ${peer.cidr} ${[...peer.except].sort().join(' ')}`;
  const { namespaces, pods } = peer;
  return `pods ${namespaces === undefined ? '' : selectorKey(namespaces)} ${selectorKey(pods)}`;
}

/** Whether the first one means everybody whom the second one means; policies of one namespace. */
function holdsPeer(all: PolicyPeer | undefined, some: PolicyPeer | undefined): boolean {
  if (all === undefined) return true;
  if (some === undefined || all.kind !== some.kind) return false;
  if (all.kind === 'block' || some.kind === 'block') {
    return all.kind === 'block' && some.kind === 'block' && holdsBlock(all, some);
  }
  return holdsNamespaces(all.namespaces, some.namespaces) && holds(all.pods, some.pods);
}

function holdsBlock(
  all: PolicyPeer & { readonly kind: 'block' },
  some: PolicyPeer & { readonly kind: 'block' },
): boolean {
  return (
    cidrContains(all.cidr, some.cidr) &&
    all.except.every(
      (hole) =>
        !cidrsOverlap(hole, some.cidr) || some.except.some((other) => cidrContains(other, hole)),
    )
  );
}

function holdsNamespaces(all: SelectorData | undefined, some: SelectorData | undefined): boolean {
  if (all === undefined) return some === undefined;
  return isEverything(all) || (some !== undefined && holds(all, some));
}

/** Whether every requirement of the first is one of the second. */
export function holds(all: SelectorData, some: SelectorData): boolean {
  const expressions = some.matchExpressions.map((one) => JSON.stringify(one));
  return (
    Object.entries(all.matchLabels).every(([key, value]) => some.matchLabels[key] === value) &&
    all.matchExpressions.every((one) => expressions.includes(JSON.stringify(one)))
  );
}

function rangesOf(
  ports: readonly PolicyPort[] | undefined,
  protocol: Protocol,
): readonly PortRange[] {
  if (ports === undefined) return ALL_PORTS;
  return mergeRanges(
    ports.flatMap((port): readonly PortRange[] => {
      if (port.protocol !== protocol || port.name !== undefined) return [];
      return port.range === undefined ? ALL_PORTS : [port.range];
    }),
  );
}

function namesOf(ports: readonly PolicyPort[] | undefined, protocol: Protocol): string[] {
  return (ports ?? []).flatMap((port) =>
    port.protocol === protocol && port.name !== undefined ? [port.name] : [],
  );
}

function isAll(ranges: readonly PortRange[]): boolean {
  return rangesWithout(ALL_PORTS, ranges).length === 0;
}
