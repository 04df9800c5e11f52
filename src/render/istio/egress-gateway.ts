/**
 * Leaving the cluster through an egress gateway: the form in which names are enforced, because
 * NetworkPolicy lets the callers reach nothing but the gateway.
 *
 * This file says who takes which detour, and in which namespace it is configured.
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { EgressGatewayDeclaration } from '../../traffic/mesh-data';
import { meshDeclarations } from '../../traffic/model';
import type { PeerData } from '../../values/peer';
import type { RenderContext } from '../context';
import type { Destination } from './egress-destinations';
import { hostDestination } from './egress-destinations';
import type { ServedPort } from './service-ports';
import { servedPorts } from './service-ports';

/** Port of the hosts: other ones would need servers of their own. */
export const TLS_PORT = 443;

/** Pods that take the detour; no labels: all of the namespace. */
export interface DetourCaller {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly from: PeerData;
  /** Its flows to the host. */
  readonly flows: readonly FlowData[];
}

/** One host through one gateway, configured in one namespace. */
export interface Detour {
  readonly host: string;
  readonly gateway: WorkloadData;
  readonly port: ServedPort;
  /** The gateway's namespace where we may write there, else the callers'. */
  readonly home: string;
  readonly callers: readonly DetourCaller[];
}

/** All detours, sorted by home, gateway and host. */
export function detoursOf(context: RenderContext): Detour[] {
  const { model, profile } = context;
  if (profile.mesh.mode !== 'sidecar') return [];
  const found = new Map<string, Detour>();
  const declarations = flowsByDeclaration(context);
  for (const declared of meshDeclarations(model, 'egress-gateway')) {
    const key = workloadKey(declared.gateway.namespace, declared.gateway.name);
    const gateway = model.workloads.get(key);
    const port = gateway === undefined ? undefined : gatewayPort(gateway);
    if (gateway === undefined || port === undefined) continue;
    for (const { host, ...caller } of callersOf(
      context,
      declared,
      declarations.get(declared.by) ?? [],
    )) {
      const home = isWritable(context, gateway.namespace) ? gateway.namespace : caller.namespace;
      const place = JSON.stringify([home, key, host]);
      const known = found.get(place) ?? { host, gateway, port, home, callers: [] };
      found.set(place, { ...known, callers: [...known.callers, caller] });
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, detour]) => detour);
}

/** The port of the gateway's Service that takes TLS: 443, or its only one. */
export function gatewayPort(gateway: WorkloadData): ServedPort | undefined {
  const served = servedPorts(gateway);
  const [only, ...others] = served;
  return served.find(({ port }) => port === TLS_PORT) ?? (others.length === 0 ? only : undefined);
}

function isWritable({ model }: RenderContext, namespace: string): boolean {
  const ownership = model.namespaces.get(namespace)?.ownership;
  return ownership === 'ours' || ownership === 'existing';
}

function flowsByDeclaration({ model }: RenderContext): Map<string, FlowData[]> {
  const found = new Map<string, FlowData[]>();
  for (const flow of model.flows.values()) {
    if (flow.to.kind !== 'fqdn') continue;
    for (const { by } of flow.reasons) found.set(by, [...(found.get(by) ?? []), flow]);
  }
  return found;
}

type DetourCallers = readonly (DetourCaller & { readonly host: string })[];

function callersOf(
  context: RenderContext,
  { from, hosts }: EgressGatewayDeclaration,
  flows: readonly FlowData[],
): DetourCallers {
  return hosts.flatMap((host) => {
    const own = flows.filter(({ to }) => to.kind === 'fqdn' && to.names.includes(host));
    return podsOf(context, from).map((pods) => ({ host, ...pods, from, flows: own }));
  });
}

function podsOf(
  { model }: RenderContext,
  from: PeerData,
): Pick<DetourCaller, 'namespace' | 'labels'>[] {
  if (from.kind === 'workload') {
    const { namespace, name } = from;
    return [{ namespace, labels: model.workloads.get(workloadKey(namespace, name))?.labels ?? {} }];
  }
  if (from.kind !== 'pods' || from.namespaces.kind !== 'names') return [];
  const labels = from.pods.matchLabels;
  return from.namespaces.names.map((namespace) => ({ namespace, labels }));
}

/** The host in the registry of its home. */
export function detourDestination({ host }: Detour): Destination {
  return hostDestination(host, [{ number: TLS_PORT, protocol: 'TLS' }]);
}

/** Other namespaces that see what is written for a detour, sorted. */
export function detourNamespaces({ gateway, home, callers }: Detour): string[] {
  const all = new Set([gateway.namespace, ...callers.map(({ namespace }) => namespace)]);
  all.delete(home);
  return [...all].sort();
}

/** Name of the Gateway and of the rule for the gateway's Service. */
export function gatewayName({ name }: Pick<WorkloadData, 'name'>): string {
  return `${name}-external`;
}
