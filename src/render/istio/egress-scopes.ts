/**
 * Which proxies are configured alike for what their pods call: those of a workload, of pods by
 * label, of the rest of a namespace.
 *
 * NetworkPolicies add up, but exactly one Sidecar resource applies to a proxy. So every scope knows
 * all flows of its pods, from whichever policies they come; only isolated pods have any.
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { workloadsIn } from '../../traffic/model';
import type { SelectorData } from '../../values/selector';
import { intersectSelectors, selectorKey, selectorMatches } from '../../values/selector';
import type { RenderContext } from '../context';
import { assignFlows } from '../subjects';
import { namespaceInMesh, workloadInMesh } from './participation';

/** Pods whose proxies are configured alike. */
export interface EgressScope {
  readonly namespace: string;
  /** Without requirements: every pod of the namespace that no narrower scope means. */
  readonly pods: SelectorData;
  readonly workload?: WorkloadData;
  /** What every one of these pods may call. */
  readonly flows: readonly FlowData[];
  /** What others may call that may be among these pods, for all that is known. */
  readonly nearby: readonly FlowData[];
  /** Whether each of these pods is known to have a proxy. */
  readonly inMesh: boolean;
}

/** Pods of the policies of one workload or selector, whatever groups these policies are in. */
interface Callers {
  readonly pods: SelectorData;
  readonly workload?: string;
  readonly flows: Set<FlowData>;
}

/**
 * All scopes of the namespaces that we write into.
 *
 * @param gateways egress gateways, as `namespace/name`: no Sidecar resource applies to their proxies
 */
export function egressScopes(context: RenderContext, gateways: ReadonlySet<string>): EgressScope[] {
  const { model } = context;
  return [...model.namespaces.values()]
    .filter(({ ownership }) => ownership !== 'foreign')
    .flatMap(({ name }) => {
      const callers = callersIn(context, name);
      const workloads = workloadsIn(model, name).filter(
        (workload) => !gateways.has(workloadKey(name, workload.name)),
      );
      return [
        ...workloads.map((workload) => workloadScope(context, workload, callers)),
        ...callers
          .filter(({ workload }) => workload === undefined)
          .map((one) => podsScope(context, name, one, callers)),
      ].filter(({ flows }) => flows.length > 0);
    });
}

function callersIn({ model }: RenderContext, namespace: string): Callers[] {
  const found = new Map<string, Callers>();
  for (const { subject, flows } of assignFlows(model, { namespace, direction: 'egress' })) {
    const { pods, workload } = subject;
    const key = workload ?? selectorKey(pods);
    const known = found.get(key) ?? { pods, workload, flows: new Set() };
    for (const flow of flows) known.flows.add(flow);
    found.set(key, known);
  }
  return [...found.values()];
}

function workloadScope(
  context: RenderContext,
  workload: WorkloadData,
  callers: readonly Callers[],
): EgressScope {
  const pods = { matchLabels: workload.labels, matchExpressions: [] };
  const byLabel = callers.filter((one) => one.workload === undefined);
  const own = callers.filter((one) => one.workload === workload.name);
  const flows = flowsOf([
    ...own,
    ...byLabel.filter((one) => selectorMatches(one.pods, workload.podLabels)),
  ]);
  const nearby = flowsOf(byLabel.filter((one) => overlap(one.pods, pods)));
  const inMesh = workloadInMesh(context, workload) === true;
  return { namespace: workload.namespace, pods, workload, flows, nearby, inMesh };
}

function podsScope(
  context: RenderContext,
  namespace: string,
  caller: Callers,
  callers: readonly Callers[],
): EgressScope {
  const { pods } = caller;
  const containing = callers.filter(
    (one) => one.workload === undefined && contains(one.pods, pods),
  );
  return {
    namespace,
    pods,
    flows: flowsOf(containing),
    nearby: flowsOf(callers.filter((one) => overlap(one.pods, pods))),
    inMesh: podsInMesh(context, namespace, caller),
  };
}

function flowsOf(callers: readonly Callers[]): FlowData[] {
  return [...new Set(callers.flatMap(({ flows }) => [...flows]))];
}

/** Whoever names the pods may know better than their namespace; declared workloads know best. */
function podsInMesh(context: RenderContext, namespace: string, { pods, flows }: Callers): boolean {
  const said = [...flows].flatMap(({ from }) => (from.kind === 'pods' ? (from.inMesh ?? []) : []));
  if (said.length === 0 && namespaceInMesh(context.model, namespace) !== true) return false;
  if (said.includes(false)) return false;
  return workloadsIn(context.model, namespace)
    .filter(({ podLabels }) => selectorMatches(pods, podLabels))
    .every((workload) => workloadInMesh(context, workload) === true);
}

function overlap(a: SelectorData, b: SelectorData): boolean {
  return intersectSelectors(a, b) !== undefined;
}

function contains(outer: SelectorData, inner: SelectorData): boolean {
  const both = intersectSelectors(outer, inner);
  return both !== undefined && selectorKey(both) === selectorKey(inner);
}
