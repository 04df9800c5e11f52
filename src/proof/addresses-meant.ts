/**
 * Which addresses does a declared peer mean, as far as the cluster profile knows them? Told from the
 * declaration; what the policies open is the engine's.
 */
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
import { goesThroughGateway, namesHeld } from '../render/istio/egress-limits';
import type { Direction, FlowData } from '../traffic/data';
import { otherEndOf } from '../traffic/model';
import type { PortData } from '../values/port';
import { PortPurpose, Protocol } from '../values/port';

/** Blocks without some others, and ports where they are not the flow's own. */
export interface MeantAddresses {
  readonly blocks: readonly string[];
  readonly except: readonly string[];
  readonly ports?: readonly PortData[];
  /** Whether the declaration leaves it open. */
  readonly open?: boolean;
}

const FAMILIES: readonly Family[] = [4, 6];
const EVERY_BLOCK = ['0.0.0.0/0', '::/0'];

/** Empty: pods, and nothing else. */
export function addressesMeant(
  context: RenderContext,
  flow: FlowData,
  direction: Direction,
): readonly MeantAddresses[] {
  const { profile } = context;
  const peer = otherEndOf(flow, direction);
  const only = (blocks: readonly string[]): MeantAddresses[] => [{ blocks, except: [] }];
  switch (peer.kind) {
    case 'any': {
      // as a callee, everybody is every address but the metadata services
      const except = direction === 'egress' ? profile.metadataAddresses : [];
      return [{ blocks: EVERY_BLOCK, except }];
    }
    case 'identity':
      if (peer.identity.kind !== 'jwt') return [];
      // in ambient whoever is outside the mesh goes around the waypoint, which alone sees tokens
      return [{ blocks: EVERY_BLOCK, except: [], open: profile.mesh.mode === 'ambient' }];
    case 'fqdn':
      // the callers' own policies name the gateway, which goes there in their place
      if (isDetour(context, flow)) return [];
      return [{ blocks: EVERY_BLOCK, except: notPublic(profile) }];
    case 'internet':
      return [{ blocks: EVERY_BLOCK, except: notPublic(profile) }];
    case 'cidr':
      return [{ blocks: [peer.block.cidr], except: peer.block.except }];
    case 'nodes':
      return only(profile.nodeRanges ?? []);
    case 'kube-apiserver':
      return apiServer(context, flow, direction);
    case 'dns':
      return nameServers(context, flow, direction);
    case 'workload':
    case 'pods':
      return [];
  }
}

/** The addresses of one family. */
export function intervalsOf({ blocks, except }: MeantAddresses, family: Family): Interval[] {
  const of = (cidrs: readonly string[]): Interval[] =>
    cidrs.flatMap((cidr) => {
      const block = blockOf(cidr);
      return block?.family === family ? [...block.intervals] : [];
    });
  return intervalsWithout(of(blocks), of(except));
}

/** Whether addresses mean pods too: those without a known one, only where no place that they may have is left out. */
export function meansAddressOf(
  { profile: { podRanges = [], nodeRanges = [] } }: RenderContext,
  meant: readonly MeantAddresses[],
  { pods }: PodClass,
): boolean {
  const known = (pods.hostNetwork ? pods.nodeAddresses : pods.addresses).flatMap(
    (text) => addressOf(text) ?? [],
  );
  const ranges = pods.hostNetwork ? nodeRanges : podRanges;
  return FAMILIES.some((family) => {
    const intervals = meant.flatMap((one) => intervalsOf(one, family));
    if (intervals.length === 0) return false;
    if (known.length > 0) {
      return known.some((one) => one.family === family && holdsAddress(intervals, one.value));
    }
    const possible =
      ranges.length > 0
        ? intervalsOf({ blocks: ranges, except: [] }, family)
        : [everyAddress(family)];
    return (
      commonIntervals(possible, intervals).length > 0 &&
      intervalsWithout(possible, intervals).length === 0
    );
  });
}

/** Whether the profile forces everybody in, where few were meant: nobody knows who they are. */
export function isForcedOpen(
  { profile: { apiServer: server } }: RenderContext,
  flow: FlowData,
  direction: Direction,
): boolean {
  return (
    direction === 'ingress' &&
    otherEndOf(flow, direction).kind === 'kube-apiserver' &&
    server.webhookCallers === undefined &&
    server.addresses.length === 0
  );
}

function isDetour(context: RenderContext, flow: FlowData): boolean {
  return goesThroughGateway(context, flow) && namesHeld(context, flow).by === 'detour';
}

function apiServer(
  { profile: { apiServer: server, cni } }: RenderContext,
  { ports }: FlowData,
  direction: Direction,
): MeantAddresses[] {
  const endpoints = { blocks: server.addresses, except: [] };
  // where pods call webhooks for it, its own addresses do not
  if (direction === 'ingress') return server.webhookCallers === undefined ? [endpoints] : [];
  if (ports !== undefined || server.clusterIp === undefined || !cni.policyBeforeDnat) {
    return [endpoints];
  }
  const service = { blocks: [hostBlock(server.clusterIp)], except: [], ports: [tcp(443)] };
  return [endpoints, service];
}

/** Pods answer on a port of their own, addresses on the usual one. */
function nameServers(
  { profile: { dns, cni } }: RenderContext,
  { ports }: FlowData,
  direction: Direction,
): MeantAddresses[] {
  const seen = dns.nodeLocalInterceptsClusterIp || cni.policyBeforeDnat;
  const service = dns.clusterIp === undefined || !seen ? [] : [hostBlock(dns.clusterIp)];
  const meant = { blocks: [...dns.addresses, ...service], except: [] };
  if (direction === 'ingress' || ports !== undefined) return [meant];
  const usual = [Protocol.UDP, Protocol.TCP];
  return [{ ...meant, ports: usual.map((protocol): PortData => ({ ...tcp(53), protocol })) }];
}

function tcp(port: number): PortData {
  return { protocol: Protocol.TCP, port, purpose: PortPurpose.SERVICE };
}

function hostBlock(address: string): string {
  return `${address}/${address.includes(':') ? '128' : '32'}`;
}
