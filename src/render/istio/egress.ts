/**
 * Leaving the cluster from a sidecar mesh: ServiceEntries and Sidecars for callers that go by
 * themselves, an egress gateway's routes for those that go through one.
 *
 * This file is the table of contents; see egress-limits.ts for who is limited.
 */
import type { FlowData } from '../../traffic/data';
import type { Problem } from '../../values/problem';
import { describePort } from '../../values/port';
import type { RenderContext } from '../context';
import { describeReason } from '../network-policy';
import { detourDenials } from './egress-callers';
import type { Entry } from './egress-entries';
import { entryObjects } from './egress-entries';
import type { Detour } from './egress-gateway';
import { detourDestination, detourNamespaces, detoursOf } from './egress-gateway';
import type { EgressLimit } from './egress-limits';
import { egressLimits, mergeDestinations } from './egress-limits';
import { detourObjects } from './egress-routes';
import { detourProblems } from './egress-detour-problems';
import { overlapProblems, portProblems, serviceNameProblems } from './egress-problems';
import type { LimitedProxies } from './egress-sidecars';
import { limitedProxies, sidecarObject } from './egress-sidecars';
import type { MeshObject } from './object';

interface EgressPlan {
  readonly limits: readonly EgressLimit[];
  readonly detours: readonly Detour[];
  readonly entries: readonly Entry[];
  readonly proxies: readonly LimitedProxies[];
}

/** All objects of what leaves the cluster; none but for sidecars. */
export function egressObjects(context: RenderContext): MeshObject[] {
  const { detours, entries, proxies } = planOf(context);
  return [
    ...entries.flatMap(entryObjects),
    ...proxies.map((one) => sidecarObject(one, linesTo(one.scope.flows))),
    ...detourObjects(context, detours),
    ...detourDenials(context, detours),
  ];
}

/** What Istio would ignore or read otherwise, and callers that it cannot tell apart. */
export function egressProblems(context: RenderContext): Problem[] {
  const { limits, detours, entries, proxies } = planOf(context);
  const byNamespace = new Map<string, Entry[]>();
  for (const entry of entries) {
    byNamespace.set(entry.namespace, [...(byNamespace.get(entry.namespace) ?? []), entry]);
  }
  return [
    ...serviceNameProblems(context),
    ...overlapProblems(context, proxies),
    ...limits.flatMap((limit) => portProblems(limit, byNamespace.get(limit.scope.namespace) ?? [])),
    ...detourProblems(context, detours),
  ];
}

function planOf(context: RenderContext): EgressPlan {
  const limits = egressLimits(context);
  const detours = detoursOf(context);
  const entries = mergeEntries([
    ...limits.flatMap(entriesOf),
    ...detours.map((detour) => entryOfDetour(detour)),
  ]);
  const proxies = limitedProxies(context, limits, (limit) => hostsOf(limit, detours));
  return { limits, detours, entries, proxies };
}

function entriesOf({ scope, destinations, flowsTo, obstacle }: EgressLimit): Entry[] {
  if (obstacle !== undefined) return [];
  return destinations.map((destination) => ({
    namespace: scope.namespace,
    destination,
    visibleIn: [],
    flows: (flowsTo.get(destination.name) ?? []).map(lineFrom),
  }));
}

function entryOfDetour(detour: Detour): Entry {
  return {
    namespace: detour.home,
    destination: detourDestination(detour),
    visibleIn: detourNamespaces(detour),
    flows: detour.callers.flatMap(({ flows }) => flows.map(lineFrom)),
  };
}

/** Two workloads of a namespace that call one host share its entry. */
function mergeEntries(entries: readonly Entry[]): Entry[] {
  const byName = new Map<string, Entry>();
  for (const one of entries) {
    const key = JSON.stringify([one.namespace, one.destination.name]);
    const known = byName.get(key) ?? one;
    const [destination = one.destination] = mergeDestinations([known.destination, one.destination]);
    byName.set(key, {
      ...known,
      destination,
      visibleIn: distinct([...known.visibleIn, ...one.visibleIn]),
      flows: distinct([...known.flows, ...one.flows]),
    });
  }
  return [...byName.values()];
}

/** What a scope's proxies import beyond Services: never another workload's hosts. */
function hostsOf({ scope, destinations }: EgressLimit, detours: readonly Detour[]): string[] {
  const own = new Set(scope.flows);
  const through = detours
    .filter(({ callers }) => callers.some(({ flows }) => flows.some((flow) => own.has(flow))))
    .map(({ home, host }) => `${home === scope.namespace ? '.' : home}/${host}`);
  return [...destinations.map(({ host }) => `./${host}`), ...through];
}

/** What stands in annotations: the other end, the reason. */
function linesTo(flows: readonly FlowData[]): string[] {
  return distinct(flows.map((flow) => line(`to ${flow.toName}`, flow)));
}

function lineFrom(flow: FlowData): string {
  return line(`from ${flow.fromName}`, flow);
}

function line(end: string, { ports, reasons }: FlowData): string {
  const used = ports === undefined ? '' : `: ${ports.map(describePort).join(', ')}`;
  const told = distinct(reasons.map(describeReason).filter((reason) => reason !== ''));
  return told.length === 0 ? `${end}${used}` : `${end}${used}: ${told.join('; ')}`;
}

function distinct(items: readonly string[]): string[] {
  return [...new Set(items)].sort();
}
