/**
 * Which proxies let nothing out but what is declared, and who therefore holds the names of a flow.
 *
 * Proxies are limited where their pods are isolated for egress and leave the cluster: without
 * isolation a flow is recorded and nothing is written, for a grant never takes away, and a
 * ServiceEntry alone limits nothing. They are limited as a whole or not at all: REGISTRY_ONLY would
 * cut every declared flow that no ServiceEntry can list.
 */
import type { FlowData } from '../../traffic/data';
import { flowKey, workloadKey } from '../../traffic/data';
import type { ModelState } from '../../traffic/model';
import { meshDeclarations } from '../../traffic/model';
import type { ProfileData } from '../../cluster/profile-data';
import type { PortData } from '../../values/port';
import { isEverything } from '../../values/selector';
import type { RenderContext } from '../context';
import type { Destination } from './egress-destinations';
import { reachOf } from './egress-destinations';
import type { ExternalPort } from './egress-ports';
import { HTTPS, namesObstacle } from './egress-ports';
import type { EgressScope } from './egress-scopes';
import { egressScopes } from './egress-scopes';
import { peerInMesh } from './participation';

/** A scope that leaves the cluster, and what its proxies are told of beyond Services. */
export interface EgressLimit {
  readonly scope: EgressScope;
  /** Sorted by name, ports merged. */
  readonly destinations: readonly Destination[];
  /** The flows that need a destination, by its name. */
  readonly flowsTo: ReadonlyMap<string, readonly FlowData[]>;
  /** Why its proxies cannot be limited; undefined: they are. */
  readonly obstacle?: string;
}

/** Who sees to it that a flow to host names goes to no other host. */
export type NamesHeld =
  /** The callers' proxies; a pod that goes round its own is held by NetworkPolicy alone. */
  | { readonly by: 'proxy' }
  /** The egress gateway, whose flow this is. */
  | { readonly by: 'gateway' }
  /** The egress gateway that the flow goes through: the callers themselves reach no host. */
  | { readonly by: 'detour' }
  /** Nobody needs to: the same ports of the whole internet are declared too. */
  | { readonly by: 'anyway' }
  /** Nothing is written for the flow. */
  | { readonly by: 'nothing' }
  | { readonly by: 'nobody'; readonly why?: string };

interface Remembered {
  readonly revision: number;
  readonly profile: ProfileData;
  readonly limits: readonly EgressLimit[];
  /** Scopes of every flow to names, by flow. */
  readonly scopes: ReadonlyMap<string, readonly EgressScope[]>;
  /** Egress gateways, as `namespace/name`. */
  readonly gateways: ReadonlySet<string>;
  /** Construct paths whose flows to names go through a gateway. */
  readonly detours: ReadonlySet<string>;
}

const remembered = new WeakMap<ModelState, Remembered>();

/** Every scope that leaves the cluster by itself, limited or not; none but for sidecars. */
export function egressLimits(context: RenderContext): readonly EgressLimit[] {
  return recall(context).limits;
}

export function namesHeld(context: RenderContext, flow: FlowData): NamesHeld {
  if (context.profile.mesh.mode !== 'sidecar' || flow.to.kind !== 'fqdn') return { by: 'nobody' };
  const { limits, scopes, gateways, detours } = recall(context);
  const { from, to } = flow;
  if (from.kind === 'workload' && gateways.has(workloadKey(from.namespace, from.name))) {
    return { by: 'gateway' };
  }
  if (isDetour(detours, flow)) return { by: 'detour' };
  const own = scopes.get(flowKey(flow)) ?? [];
  const outside = own.length === 0 && peerInMesh(context, from) !== true;
  if (outside || own.some(({ inMesh }) => !inMesh)) {
    return { by: 'nobody', why: `not all pods of ${flow.fromName} are known to have one` };
  }
  if (own.length === 0) return { by: 'nothing' };
  const closed = own.filter((scope) => !opensInternet(scope, flow));
  if (closed.length === 0) return { by: 'anyway' };
  const cut = limits.find(
    ({ scope, obstacle }) => obstacle !== undefined && closed.includes(scope),
  );
  const why = namesObstacle(flow, to.names) ?? cut?.obstacle;
  return why === undefined ? { by: 'proxy' } : { by: 'nobody', why };
}

/** Whether the flow names hosts that its callers reach through an egress gateway only. */
export function goesThroughGateway(context: RenderContext, flow: FlowData): boolean {
  return isDetour(recall(context).detours, flow);
}

/** The same flow may be declared a second time, without the gateway. */
function isDetour(detours: ReadonlySet<string>, { to, reasons }: FlowData): boolean {
  return to.kind === 'fqdn' && reasons.every(({ by }) => detours.has(by));
}

/** Whether a scope may reach the whole internet on the ports of a flow. */
function opensInternet({ flows }: EgressScope, { ports = [HTTPS] }: FlowData): boolean {
  const open = flows
    .filter(({ to }) => to.kind === 'internet' || to.kind === 'any')
    .flatMap((flow) => flow.ports ?? []);
  return ports.every((port) => open.some((one) => holds(one, port)));
}

function holds(outer: PortData, inner: PortData): boolean {
  if (outer.protocol === undefined) return true;
  if (outer.protocol !== inner.protocol) return false;
  const { port: first, endPort: last = first } = outer;
  if (first === undefined || last === undefined) return outer.name === undefined;
  const { port, endPort = port } = inner;
  return port !== undefined && endPort !== undefined && first <= port && endPort <= last;
}

function recall(context: RenderContext): Remembered {
  const { model, profile } = context;
  const last = remembered.get(model);
  if (last?.revision === model.revision && last.profile === profile) return last;
  const declared = meshDeclarations(model, 'egress-gateway');
  const gateways = new Set(
    declared.map(({ gateway }) => workloadKey(gateway.namespace, gateway.name)),
  );
  const detours = new Set(declared.map(({ by }) => by));
  const all = profile.mesh.mode === 'sidecar' ? egressScopes(context, gateways) : [];
  const scopes = new Map<string, EgressScope[]>();
  for (const scope of all) {
    for (const flow of scope.flows.filter(({ to }) => to.kind === 'fqdn')) {
      scopes.set(flowKey(flow), [...(scopes.get(flowKey(flow)) ?? []), scope]);
    }
  }
  const limits = all
    .filter(({ inMesh }) => inMesh)
    .map((scope) => ({ scope, flows: scope.flows.filter((flow) => !isDetour(detours, flow)) }))
    .filter(({ flows }) => flows.some(({ to }) => LEAVING.includes(to.kind)))
    .map(({ scope, flows }) => limitOf(context, scope, flows));
  const current = { revision: model.revision, profile, limits, scopes, gateways, detours };
  remembered.set(model, current);
  return current;
}

const LEAVING: readonly FlowData['to']['kind'][] = ['fqdn', 'cidr', 'internet'];

function limitOf(
  context: RenderContext,
  scope: EgressScope,
  flows: readonly FlowData[],
): EgressLimit {
  const reaches = flows.map((flow) => ({ flow, ...reachOf(context, scope, flow) }));
  const obstacles = reaches.flatMap(({ obstacle }) => obstacle ?? []).sort();
  const flowsTo = new Map<string, FlowData[]>();
  for (const { flow, destinations } of reaches) {
    for (const { name } of destinations) flowsTo.set(name, [...(flowsTo.get(name) ?? []), flow]);
  }
  return {
    scope,
    destinations: mergeDestinations(reaches.flatMap(({ destinations }) => destinations)),
    flowsTo,
    obstacle: scopeObstacle(context, scope) ?? obstacles[0],
  };
}

/** Pods that no Sidecar resource of ours can mean. */
function scopeObstacle(
  { model, profile }: RenderContext,
  { namespace, pods }: EgressScope,
): string | undefined {
  if (pods.matchExpressions.length > 0) return 'callers by more than equal labels';
  if (!isEverything(pods)) return undefined;
  // of two Sidecars without selector in a namespace Istio takes the older one
  if (model.namespaces.get(namespace)?.ownership === 'existing') {
    return `all pods of ${namespace}: the Sidecar of a whole namespace is its owner’s`;
  }
  // there it would hold for every namespace of the mesh
  if (namespace === profile.mesh.rootNamespace)
    return `all pods of the root namespace ${namespace}`;
  return undefined;
}

/** Equal destinations once, with the ports of all, sorted by name. */
export function mergeDestinations(destinations: readonly Destination[]): Destination[] {
  const byName = new Map<string, Destination>();
  for (const one of destinations) {
    const known = byName.get(one.name);
    const ports = mergePorts([...(known?.ports ?? []), ...one.ports]);
    byName.set(one.name, { ...one, ports });
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function mergePorts(ports: readonly ExternalPort[]): ExternalPort[] {
  const distinct = new Map(
    ports.map((port) => [JSON.stringify([port.number, port.protocol]), port]),
  );
  return [...distinct.values()].sort(
    (a, b) => a.number - b.number || (a.protocol < b.protocol ? -1 : 1),
  );
}
