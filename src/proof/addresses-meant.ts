/** Addresses that a declared peer means, as the declaration has them and no policy does. */
import type { Family, Interval } from '../engine/addresses';
import {
  addressOf,
  blockOf,
  commonIntervals,
  everyAddress,
  holdsAddress,
  intervalsWithout,
} from '../engine/addresses';
import type { PodClass } from '../engine/pods';
import type { RenderContext } from '../render/context';
import { notPublic } from '../render/internet';
import type { Direction } from '../traffic/data';
import type { PeerData } from '../values/peer';

const FAMILIES: readonly Family[] = [4, 6];
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

interface Blocks {
  readonly cidrs: readonly string[];
  readonly except?: readonly string[];
}

/** Of one family; undefined: the peer means pods, and nothing else. */
export function addressesMeant(
  context: RenderContext,
  peer: PeerData,
  { direction, family }: { readonly direction: Direction; readonly family: Family },
): Interval[] | undefined {
  const blocks = blocksOf(context, peer, direction);
  if (blocks === undefined) return undefined;
  return intervalsWithout(
    intervalsOf(blocks.cidrs, family),
    intervalsOf(blocks.except ?? [], family),
  );
}

/** Whether pods may be meant by their addresses: surely none is whose address a block may lack. */
export function meansAddressOf(
  context: RenderContext,
  peer: PeerData,
  direction: Direction,
  { pods }: PodClass,
): boolean {
  // most peers are no addresses at all, and are asked about often
  if ((blocksOf(context, peer, direction)?.cidrs ?? []).length === 0) return false;
  const known = (pods.hostNetwork ? pods.nodeAddresses : pods.addresses).flatMap(
    (text) => addressOf(text) ?? [],
  );
  const { podRanges = [], nodeRanges = [] } = context.profile;
  const ranges = pods.hostNetwork ? nodeRanges : podRanges;
  return FAMILIES.some((family) => {
    const meant = addressesMeant(context, peer, { direction, family }) ?? [];
    if (known.length > 0) {
      return known.some((one) => one.family === family && holdsAddress(meant, one.value));
    }
    const possible = ranges.length > 0 ? intervalsOf(ranges, family) : [everyAddress(family)];
    return (
      commonIntervals(possible, meant).length > 0 && intervalsWithout(possible, meant).length === 0
    );
  });
}

/** Whether the profile forces everybody in, where few were meant: nobody knows who they are. */
export function isForcedOpen(
  { profile: { apiServer } }: RenderContext,
  { kind }: PeerData,
  direction: Direction,
): boolean {
  return (
    kind === 'kube-apiserver' &&
    direction === 'ingress' &&
    apiServer.webhookCallers === undefined &&
    apiServer.addresses.length === 0
  );
}

function blocksOf(
  { profile }: RenderContext,
  peer: PeerData,
  direction: Direction,
): Blocks | undefined {
  switch (peer.kind) {
    case 'any':
      return { cidrs: EVERYWHERE, except: direction === 'egress' ? profile.metadataAddresses : [] };
    case 'internet':
    case 'fqdn':
      return { cidrs: EVERYWHERE, except: notPublic(profile) };
    case 'identity':
      return peer.identity.kind === 'jwt' ? { cidrs: EVERYWHERE } : undefined;
    case 'cidr':
      return { cidrs: [peer.block.cidr], except: peer.block.except };
    case 'nodes':
      return { cidrs: profile.nodeRanges ?? [] };
    case 'kube-apiserver':
      if (direction === 'ingress' && profile.apiServer.webhookCallers !== undefined)
        return undefined;
      return { cidrs: profile.apiServer.addresses };
    case 'dns':
      return { cidrs: [...profile.dns.addresses, ...dnsService(profile)] };
    case 'workload':
    case 'pods':
      return undefined;
  }
}

/** The Service's own address, where policy sees it. */
function dnsService({ dns, cni }: RenderContext['profile']): string[] {
  const seen = dns.nodeLocalInterceptsClusterIp || cni.policyBeforeDnat;
  if (dns.clusterIp === undefined || !seen) return [];
  return [`${dns.clusterIp}/${dns.clusterIp.includes(':') ? '128' : '32'}`];
}

function intervalsOf(cidrs: readonly string[], family: Family): Interval[] {
  return cidrs.flatMap((cidr) => {
    const block = blockOf(cidr);
    return block?.family === family ? [...block.intervals] : [];
  });
}
