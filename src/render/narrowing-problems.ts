/** Grants to many pods that cannot be narrowed for one workload of them: policies only add up. */
import type { FlowData, WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import { flowsTouching } from '../traffic/model';
import { Protocol } from '../values/port';
import { commonRanges, rangesOf } from '../values/port-ranges';
import type { Problem } from '../values/problem';
import { selectorMatches } from '../values/selector';
import { containsPeer, inScope } from './containment';
import type { RenderContext } from './context';
import { flowProblem } from './flow-problem';
import { statedPorts } from './flow-ports';
import { isNarrowable } from './narrowing';

/** Every grant to a group of pods of whom one is limited for the same callers, once. */
export function narrowingProblems(context: RenderContext): Problem[] {
  const { model } = context;
  const found = new Map<FlowData, Problem>();
  for (const rule of model.flows.values()) {
    if (!rule.narrows || rule.to.kind !== 'workload') continue;
    const workload = model.workloads.get(workloadKey(rule.to.namespace, rule.to.name));
    if (workload === undefined) continue;
    for (const grant of flowsTouching(model, workload.namespace, 'ingress')) {
      if (found.has(grant) || !isAbout(context, grant, workload)) continue;
      if (!containsPeer(model, grant.from, rule.from) || !sharePorts(context, grant, rule))
        continue;
      found.set(grant, narrowedGroup(grant, workload));
    }
  }
  return [...found.values()];
}

/** Whether the grant is to a group with the workload among it. */
function isAbout(
  { model }: RenderContext,
  grant: FlowData,
  { namespace, podLabels }: WorkloadData,
): boolean {
  const { to } = grant;
  return (
    to.kind === 'pods' &&
    isNarrowable(grant) &&
    inScope(model, to.namespaces, namespace) &&
    selectorMatches(to.pods, podLabels)
  );
}

function sharePorts(context: RenderContext, grant: FlowData, rule: FlowData): boolean {
  const [granted, limited] = [grant, rule].map((flow) => statedPorts(context, flow).ports);
  return Object.values(Protocol).some(
    (protocol) =>
      commonRanges(rangesOf(granted ?? [], protocol), rangesOf(limited ?? [], protocol)).length > 0,
  );
}

function narrowedGroup(grant: FlowData, { namespace, name }: WorkloadData): Problem {
  return flowProblem(grant, {
    code: 'namespace-grant-narrowed',
    got: `a grant to ${grant.toName}`,
    expected: `grants to single workloads where an L7AccessRule limits one of them, ${workloadKey(namespace, name)}`,
    fix: 'grant to each workload, or leave the limited port out of the grant',
  });
}
