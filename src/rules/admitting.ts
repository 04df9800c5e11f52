/** Which rules of a policy admit a port to an address or to pods, by what they say themselves. */
import type { NetworkPolicyFacts, PolicyPeer, PolicyRule } from '../read/cluster';
import { addressOf, blockOf, holdsAddress } from '../engine/addresses';
import type { World } from '../engine/world';
import { selectorMatches } from '../values/selector';

/** Whether a rule's peers hold an address that is no pod's. */
export function meansAddress({ peers }: PolicyRule, address: string): boolean {
  const parsed = addressOf(address);
  return (
    peers === undefined ||
    peers.some((peer) => {
      if (peer.kind !== 'block' || parsed === undefined) return false;
      const block = blockOf(peer.cidr, peer.except);
      return block?.family === parsed.family && holdsAddress(block.intervals, parsed.value);
    })
  );
}

/** Whether a rule names an address alone: whoever writes that means it. */
export function namesAlone({ peers = [] }: PolicyRule, address: string): boolean {
  return peers.some(
    (peer) =>
      peer.kind === 'block' &&
      /\/(?:32|128)$/.test(peer.cidr) &&
      peer.cidr.startsWith(`${address}/`),
  );
}

/** Whether a rule names pods of a class, by labels alone. */
export function meansPods(
  world: World,
  { namespace }: NetworkPolicyFacts,
  { peers }: PolicyRule,
  place: number,
): boolean {
  return peers === undefined || peers.some((peer) => meansPod(world, namespace, peer, place));
}

function meansPod(world: World, namespace: string, peer: PolicyPeer, place: number): boolean {
  const own = world.classes[place];
  if (own === undefined || peer.kind !== 'pods') return false;
  if (!selectorMatches(peer.pods, own.pods.labels)) return false;
  if (peer.namespaces === undefined) return own.workload.namespace === namespace;
  const { sure, maybe } = world.pods.namespacesSelected(peer.namespaces);
  return sure.includes(own.namespace) || maybe.includes(own.namespace);
}
