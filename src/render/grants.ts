/**
 * What a flow grants at one of its ends: addresses and pods as NetworkPolicy can name them. Where it cannot be said, nothing is granted and the problem is named.
 */
import type { ProfileData } from '../cluster/profile-data';
import { workloadsOf } from './containment';
import type { RenderContext } from './context';
import type { Grant, PolicyPeer } from './grant';
import { notPublic, EVERY_ADDRESS } from './internet';
import { overAmbient } from './istio/ambient-grants';
import { hiddenPortWaivers } from './istio/hidden-ports';
import { namesHeld } from './istio/egress-limits';
import { flowProblem } from './flow-problem';
import { dnsPorts, portsOf } from './flow-ports';
import type { Direction, FlowData, WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import { otherEndOf } from '../traffic/model';
import { normalizeCidrs, cidrContains, cidrFamily } from '../values/cidr';
import type { IdentityData, NamespaceScope, PeerData } from '../values/peer';
import { PortPurpose, Protocol } from '../values/port';
import type { Problem } from '../values/problem';
import type { SelectorData } from '../values/selector';
import { EVERYTHING } from '../values/selector';

/** What a flow becomes, or why it becomes nothing. */
export interface Grants {
  readonly grants: readonly Grant[];
  readonly problems: readonly Problem[];
  /** Widenings that the profile forced, in words. */
  readonly waivers: readonly string[];
}

/** What a policy of that direction has to say about the flow. */
export function grantsOf(
  context: RenderContext,
  flow: FlowData,
  place: { readonly direction: Direction; readonly namespace?: string },
): Grants {
  const { direction } = place;
  const peer = otherEndOf(flow, direction);
  if (direction === 'egress' && peer.kind === 'dns' && flow.ports === undefined) {
    return { grants: dnsGrants(context.profile), problems: [], waivers: [] };
  }
  const { ports, problem } = portsOf(context, flow);
  const named = peersOf(context, flow, direction, peer);
  const problems = [problem, named.problem].filter((one) => one !== undefined);
  // no ports are left where narrower rules say it all; an empty list would mean every port
  if (named.peers.length === 0 || ports.length === 0) return { grants: [], problems, waivers: [] };
  const service =
    direction === 'egress' && peer.kind === 'kube-apiserver' && flow.ports === undefined
      ? apiServerService(context.profile)
      : [];
  return {
    grants:
      problems.length > 0
        ? []
        : [...overAmbient(context, flow, place, { peers: named.peers, ports }), ...service],
    problems,
    waivers: [
      ...(named.waiver === undefined ? [] : [named.waiver]),
      ...(direction === 'egress' ? hiddenPortWaivers(context, flow) : []),
    ],
  };
}

const internetOf = new WeakMap<ProfileData, readonly PolicyPeer[]>();

/** Addresses of the public internet, seen from this cluster. */
function internetBlocks(profile: ProfileData): readonly PolicyPeer[] {
  const known = internetOf.get(profile) ?? computeInternet(profile);
  internetOf.set(profile, known);
  return known;
}

function computeInternet(profile: ProfileData): readonly PolicyPeer[] {
  return blocksWithout(notPublic(profile));
}

function blocksWithout(cidrs: readonly string[]): PolicyPeer[] {
  return EVERY_ADDRESS.map((cidr) => ({
    kind: 'block',
    cidr,
    except: normalizeCidrs(cidrs.filter((other) => cidrFamily(other) === cidrFamily(cidr))),
  }));
}

interface NamedPeers {
  readonly peers: readonly PolicyPeer[];
  readonly problem?: Problem;
  readonly waiver?: string;
}

function peersOf(
  context: RenderContext,
  flow: FlowData,
  direction: Direction,
  peer: PeerData,
): NamedPeers {
  const { model, profile } = context;
  switch (peer.kind) {
    case 'workload': {
      const workload = model.workloads.get(workloadKey(peer.namespace, peer.name));
      return { peers: workload === undefined ? [] : [podsOfWorkload(workload)] };
    }
    case 'pods':
      return { peers: podPeers(peer.namespaces, peer.pods) };
    case 'identity':
      return { peers: identityPeers(model, peer.identity) };
    case 'any':
      return { peers: everyone(profile, direction) };
    case 'internet':
      return { peers: internetBlocks(profile) };
    case 'cidr':
      return cidrPeers(flow, direction, profile, peer.block);
    case 'fqdn':
      return fqdnPeers(context, flow, peer.names);
    case 'nodes':
      return nodePeers(flow, profile);
    case 'kube-apiserver':
      return direction === 'egress' ? apiServerCallee(flow, profile) : apiServerCaller(profile);
    case 'dns':
      return { peers: dnsGrants(profile).flatMap(({ peers }) => peers) };
  }
}

function podsOfWorkload({ namespace, labels }: WorkloadData): PolicyPeer {
  const pods = { matchLabels: labels, matchExpressions: [] };
  return { kind: 'pods', namespaces: { kind: 'names', names: [namespace] }, pods };
}

function podPeers(namespaces: NamespaceScope, pods: SelectorData): PolicyPeer[] {
  if (namespaces.kind !== 'names') return [{ kind: 'pods', namespaces, pods }];
  return namespaces.names.map((name) => ({
    kind: 'pods',
    namespaces: { kind: 'names', names: [name] },
    pods,
  }));
}

/**
 * NetworkPolicy knows no identities: the pods that are declared to run as the account, or the whole
 * namespace where none is known. The mesh narrows it again.
 */
function identityPeers(model: ModelState, identity: IdentityData): PolicyPeer[] {
  if (identity.kind === 'jwt') return [{ kind: 'everyone' }];
  const namespaces: NamespaceScope = { kind: 'names', names: [identity.namespace] };
  const running = workloadsOf(model, identity);
  if (running.length > 0) return running.map(podsOfWorkload);
  return [{ kind: 'pods', namespaces, pods: EVERYTHING }];
}

/** As a callee, everybody is every pod and every address but the metadata services. */
function everyone(profile: ProfileData, direction: Direction): PolicyPeer[] {
  if (direction === 'ingress') return [{ kind: 'everyone' }];
  return [
    { kind: 'pods', namespaces: { kind: 'all' }, pods: EVERYTHING },
    ...blocksWithout(profile.metadataAddresses),
  ];
}

function cidrPeers(
  flow: FlowData,
  direction: Direction,
  profile: ProfileData,
  block: { readonly cidr: string; readonly except: readonly string[] },
): NamedPeers {
  const peers: PolicyPeer[] = [{ kind: 'block', ...block }];
  const exposed = profile.metadataAddresses.filter(
    (address) =>
      address !== block.cidr &&
      cidrContains(block.cidr, address) &&
      !block.except.some((except) => cidrContains(except, address)),
  );
  if (direction === 'ingress' || exposed.length === 0) return { peers };
  return {
    peers: [],
    problem: flowProblem(flow, {
      code: 'metadata-exposed',
      got: block.cidr,
      expected: `a block without the metadata address ${exposed.join(', ')}`,
      fix: `Peer.internet(), or Peer.cidr('${block.cidr}', { except: [${exposed.map((one) => `'${one}'`).join(', ')}] })`,
    }),
  };
}

/** NetworkPolicy knows no names: whoever else holds them, it opens the public internet, or nothing. */
function fqdnPeers(context: RenderContext, flow: FlowData, names: readonly string[]): NamedPeers {
  const { profile } = context;
  const held = namesHeld(context, flow);
  const opened = `${names.join(', ')} is opened as public internet`;
  switch (held.by) {
    case 'proxy':
    case 'gateway':
      return {
        peers: internetBlocks(profile),
        waiver: `names are enforced at the ${held.by} only: ${opened}`,
      };
    case 'anyway':
      return { peers: internetBlocks(profile) };
    case 'detour':
    case 'nothing':
      return { peers: [] };
    case 'nobody':
      return flow.withoutFqdn
        ? { peers: internetBlocks(profile), waiver: `names are not enforced: ${opened}` }
        : { peers: [], problem: namesProblem(profile, flow, { names, why: held.why }) };
  }
}

function namesProblem(
  profile: ProfileData,
  flow: FlowData,
  { names, why }: { readonly names: readonly string[]; readonly why: string | undefined },
): Problem {
  const proxies = why === undefined ? '' : `, and a proxy cannot hold these: ${why}`;
  return flowProblem(flow, {
    code: 'fqdn-not-enforced',
    got: names,
    expected: `names that profile ${profile.name} with CNI ${profile.cni.name} can enforce: NetworkPolicy knows addresses only${proxies}`,
    fix: `add withoutFqdn: 'internet' with a reason, or name the addresses with Peer.cidr`,
  });
}

function nodePeers(flow: FlowData, profile: ProfileData): NamedPeers {
  const ranges = profile.nodeRanges ?? [];
  if (ranges.length > 0) return { peers: blocks(ranges) };
  return {
    peers: [],
    problem: flowProblem(flow, {
      code: 'node-ranges-unknown',
      got: profile.name,
      expected: 'a cluster profile that knows the ranges of the nodes',
      fix: `ClusterProfile.${profile.name}({ nodeRanges: ['10.0.0.0/16'] })`,
    }),
  };
}

/** Policy acts after DNAT: only the endpoints' own addresses match, not the Service address. */
function apiServerCallee(flow: FlowData, profile: ProfileData): NamedPeers {
  const { addresses } = profile.apiServer;
  if (addresses.length > 0) return { peers: blocks(addresses) };
  return {
    peers: [],
    problem: flowProblem(flow, {
      code: 'apiserver-unknown',
      got: profile.name,
      expected: 'a cluster profile that knows the addresses of the API server’s endpoints',
      fix: `ClusterProfile.${profile.name}({ apiServer: { addresses: ['10.0.0.10/32'] } })`,
    }),
  };
}

/** A CNI that acts before DNAT sees the Service address as well, on the Service's port. */
function apiServerService({ apiServer, cni }: ProfileData): Grant[] {
  if (apiServer.clusterIp === undefined || !cni.policyBeforeDnat) return [];
  const ports = [{ protocol: Protocol.TCP, port: 443, purpose: PortPurpose.SERVICE }];
  return [{ peers: blocks([hostCidr(apiServer.clusterIp)]), ports }];
}

/** The API server as a caller of webhooks is a pod on no cluster but those with konnectivity. */
function apiServerCaller(profile: ProfileData): NamedPeers {
  const { webhookCallers, addresses } = profile.apiServer;
  if (webhookCallers !== undefined) {
    const { namespace, labels } = webhookCallers;
    const pods = { matchLabels: labels, matchExpressions: [] };
    return { peers: podPeers({ kind: 'names', names: [namespace] }, pods) };
  }
  if (addresses.length > 0) return { peers: blocks(addresses) };
  return {
    peers: [{ kind: 'everyone' }],
    waiver: 'the API server’s addresses are unknown: its webhook port is opened for everybody',
  };
}

function dnsGrants({ dns, cni }: ProfileData): Grant[] {
  const seesClusterIp = dns.nodeLocalInterceptsClusterIp || cni.policyBeforeDnat;
  const clusterIp = dns.clusterIp === undefined || !seesClusterIp ? [] : [hostCidr(dns.clusterIp)];
  const pods = dns.pods.flatMap(({ namespace, labels }) =>
    podPeers({ kind: 'names', names: [namespace] }, { matchLabels: labels, matchExpressions: [] }),
  );
  const addresses = blocks([...dns.addresses, ...clusterIp]);
  return [
    { peers: pods, ports: dnsPorts(dns.port) },
    { peers: addresses, ports: dnsPorts(53) },
  ].filter(({ peers }) => peers.length > 0);
}

function hostCidr(address: string): string {
  return `${address}/${address.includes(':') ? '128' : '32'}`;
}

function blocks(cidrs: readonly string[]): PolicyPeer[] {
  return cidrs.map((cidr) => ({ kind: 'block', cidr, except: [] }));
}
