/**
 * What a declared flow must find in the registry of a proxy that lets nothing else out, as hosts
 * and addresses with their ports.
 *
 * Under REGISTRY_ONLY a connection goes by its original address and port: to the listener of that
 * address (Services, single addresses), else to the one of that port on all addresses, which tells
 * destinations apart by address block, SNI or HTTP host; whatever is left goes to BlackHoleCluster.
 * UDP and SCTP are never captured, so NetworkPolicy alone speaks about them.
 * Source: istio/istio:pilot/pkg/networking/core/listener.go, tls.go
 */
import { createHash } from 'node:crypto';
import type { ProfileData } from '../../cluster/profile-data';
import type { FlowData, WorkloadData } from '../../traffic/data';
import type { CidrData } from '../../values/cidr';
import { cidrWithout } from '../../values/cidr-split';
import type { RenderContext } from '../context';
import { EVERY_ADDRESS, notPublic } from '../internet';
import type { ExternalPort } from './egress-ports';
import {
  externalPorts,
  HTTPS,
  namesObstacle,
  numbered,
  tcpOf,
  tooManyPorts,
  withPorts,
} from './egress-ports';
import type { EgressScope } from './egress-scopes';

/** Something that is in no registry by itself. */
export interface Destination {
  /** Name of its ServiceEntry: equal for equal destinations. */
  readonly name: string;
  /** The DNS name; for addresses one that nobody can resolve. */
  readonly host: string;
  /** Empty: wherever the host resolves to, or for a wildcard, wherever the client has found it. */
  readonly addresses: readonly string[];
  readonly ports: readonly ExternalPort[];
  /** Pods of the mesh by their addresses: they expect mutual TLS. */
  readonly mutual: boolean;
}

/** What a flow needs, or why proxies that let nothing else out would cut it. */
export interface Reach {
  readonly destinations: readonly Destination[];
  readonly obstacle?: string;
}

const NOTHING: Reach = { destinations: [] };

/** What the proxies of a scope must be told of for one of its flows. */
export function reachOf(context: RenderContext, scope: EgressScope, flow: FlowData): Reach {
  const { profile } = context;
  const { to } = flow;
  switch (to.kind) {
    case 'fqdn':
      return nameReach(profile, flow, to.names);
    case 'cidr':
      return addressReach(profile, flow, { name: cidrName(to.block), ...to.block });
    case 'internet':
      return internetReach(profile, flow);
    case 'nodes':
      return blocksReach(profile, flow, 'nodes', profile.nodeRanges ?? []);
    case 'kube-apiserver':
      // clients that were told the Service's address find it in the registry of namespace default
      return blocksReach(profile, withPorts(flow, profile.apiServer.ports), to.kind, [
        ...profile.apiServer.addresses,
      ]);
    case 'dns':
      // the DNS Service is in the registry; a node-local cache is no Service
      return blocksReach(profile, withPorts(flow, [53]), 'cluster-dns', profile.dns.addresses);
    case 'any':
      return { destinations: [], obstacle: `${flow.toName}: it names every address` };
    case 'workload':
      return ownPods(profile, scope, flow);
    case 'pods':
    case 'identity':
      // by their Services: those of a headless one are in the registry pod by pod
      return NOTHING;
  }
}

function nameReach(profile: ProfileData, flow: FlowData, names: readonly string[]): Reach {
  if (namesObstacle(flow, names) !== undefined) {
    return flow.withoutFqdn ? internetReach(profile, withPorts(flow, [443])) : NOTHING;
  }
  const ports = externalPorts(flow.ports ?? [HTTPS]) ?? [];
  return { destinations: names.map((host) => hostDestination(host, ports)) };
}

/** A host by name: one entry per host, which all callers of a namespace share. */
export function hostDestination(host: string, ports: readonly ExternalPort[]): Destination {
  // the first words differ, so that no exact host is called like another wildcard
  const name = host.startsWith('*.') ? `hosts-below-${host.slice(2)}` : `host-${host}`;
  return { name: shortened(name), host, addresses: [], ports, mutual: false };
}

function internetReach(profile: ProfileData, flow: FlowData): Reach {
  const blocks = EVERY_ADDRESS.map((cidr) => ({ cidr, except: notPublic(profile) }));
  return addressesReach(profile, flow, 'internet', blocks);
}

function addressReach(
  profile: ProfileData,
  flow: FlowData,
  { name, ...block }: CidrData & { readonly name: string },
): Reach {
  return addressesReach(profile, flow, name, [block]);
}

function blocksReach(
  profile: ProfileData,
  flow: FlowData,
  name: string,
  cidrs: readonly string[],
): Reach {
  return addressesReach(
    profile,
    flow,
    name,
    cidrs.map((cidr) => ({ cidr, except: [] })),
  );
}

/**
 * Addresses as blocks without exceptions. Service addresses stay out: a block is looked at before
 * the HTTP host, so that it would take requests to Services of the mesh away from their routes.
 * Istio takes blocks that start at the unspecified address for "every address".
 */
function addressesReach(
  { serviceRanges = [] }: ProfileData,
  flow: FlowData,
  name: string,
  blocks: readonly CidrData[],
): Reach {
  const tcp = tcpOf(flow.ports ?? []);
  const addresses = blocks.flatMap(({ cidr, except }) =>
    cidrWithout(cidr, [...except, ...serviceRanges, ...UNSPECIFIED]),
  );
  if (tcp.length === 0 || addresses.length === 0) return NOTHING;
  const ports = externalPorts(tcp);
  if (ports === undefined) {
    return { destinations: [], obstacle: `${flow.toName} on ${tooManyPorts(tcp)}` };
  }
  return { destinations: addressDestinations(name, addresses, ports) };
}

/** A ServiceEntry lists no more blocks. */
const LISTED_ADDRESSES = 256;

const UNSPECIFIED = ['0.0.0.0/8', '::/16'];

/** As many as it takes to list all blocks; the first one has the plain name. */
function addressDestinations(
  name: string,
  addresses: readonly string[],
  ports: readonly ExternalPort[],
): Destination[] {
  const count = Math.ceil(addresses.length / LISTED_ADDRESSES);
  return Array.from({ length: count }, (_, index) => {
    const part = addresses.slice(index * LISTED_ADDRESSES, (index + 1) * LISTED_ADDRESSES);
    return addressDestination(index === 0 ? name : `${name}.part-${index + 1}`, part, ports);
  });
}

/** Always plain TCP: with TLS, Istio would ask for the entry's own host as SNI as well. */
function addressDestination(
  name: string,
  addresses: readonly string[],
  ports: readonly ExternalPort[],
): Destination {
  const tcp = ports.map(({ number }) => ({ number, protocol: 'TCP' as const }));
  // .invalid is resolved by nobody: RFC 2606, section 2
  return { name, host: `${name}.invalid`, addresses, ports: tcp, mutual: false };
}

/**
 * Distributed jobs find their pods by address, on ports that no Service lists. To others one goes
 * by their Services.
 */
function ownPods({ podRanges }: ProfileData, { workload }: EgressScope, flow: FlowData): Reach {
  const { from, to } = flow;
  const among = workload !== undefined && [from, to].every((end) => isWorkload(end, workload));
  if (!among || to.kind !== 'workload') return NOTHING;
  const tcp = tcpOf(numbered(flow.ports ?? to.ports ?? [], workload));
  if (tcp.length === 0) return NOTHING;
  const ports = externalPorts(tcp);
  const what = `${flow.toName} among its own pods`;
  if (ports === undefined) {
    const mend = 'name them in allowAmong({ ports }), or reach the hosts via an egress gateway';
    return { destinations: [], obstacle: `${what} on ${tooManyPorts(tcp)}; ${mend}` };
  }
  if (podRanges === undefined) {
    return {
      destinations: [],
      obstacle: `${what}: the profile does not know the pods’ ranges; podRanges in the cluster profile says them`,
    };
  }
  const pods = addressDestinations(`pods-of-${workload.name}`, podRanges, ports);
  return { destinations: pods.map((one) => ({ ...one, mutual: true })) };
}

function isWorkload(end: FlowData['from'], { namespace, name }: WorkloadData): boolean {
  return end.kind === 'workload' && end.namespace === namespace && end.name === name;
}

/** `addresses-10.0.0.0-8`, with a digest of the exceptions, which a name cannot hold. */
function cidrName({ cidr, except }: CidrData): string {
  const name = `addresses-${cidr.replace(/[/:]/g, '-')}`;
  return except.length === 0 ? name : `${name}.except-${digest(except.join())}`;
}

/** Names of objects end at 253 characters, as host names do. */
function shortened(name: string): string {
  return name.length <= 200 ? name : `${name.slice(0, 190)}-${digest(name)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
