/**
 * The pods that a namespace's policies are about, each kind once: a declared workload, or pods that
 * are none. Policies add up, so whoever asks what reaches some pods must look at all of theirs.
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import { workloadsIn } from '../../traffic/model';
import type { SelectorData } from '../../values/selector';
import { intersectSelectors, selectorMatches } from '../../values/selector';
import type { RenderContext } from '../context';
import type { Assignment } from '../subjects';
import { workloadInMesh } from './participation';

/** Some pods, with every flow that is written into a policy that selects them. */
export interface PolicyTarget {
  readonly namespace: string;
  /** Absent: pods that no declared workload is about. */
  readonly workload?: WorkloadData;
  readonly pods: SelectorData;
  readonly flows: readonly FlowData[];
}

/** Everybody whom the policies of some assignments protect. */
export function targetsOf(
  context: RenderContext,
  assignments: readonly Assignment[],
): PolicyTarget[] {
  const byNamespace = new Map<string, Assignment[]>();
  for (const one of assignments) {
    const { namespace } = one.subject;
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), one]);
  }
  return [...byNamespace].flatMap(([namespace, here]) => [
    ...workloadsIn(context.model, namespace)
      .filter((workload) => workloadInMesh(context, workload) === true)
      .map((workload) => targetOf(namespace, workload, here)),
    ...here
      .filter(({ subject }) => subject.workload === undefined)
      .map(({ subject }) => unnamedTarget(namespace, subject.pods, here)),
  ]);
}

/** Whether the policies of a subject select a workload's pods. */
export function selects({ subject }: Assignment, workload: WorkloadData): boolean {
  if (subject.namespace !== workload.namespace) return false;
  return subject.workload === undefined
    ? selectorMatches(subject.pods, workload.podLabels)
    : subject.workload === workload.name;
}

function targetOf(
  namespace: string,
  workload: WorkloadData,
  here: readonly Assignment[],
): PolicyTarget {
  const flows = here.filter((one) => selects(one, workload)).flatMap((one) => one.flows);
  const pods = { matchLabels: workload.podLabels, matchExpressions: [] };
  return { namespace, workload, pods, flows };
}

/** Pods with other labels besides may be selected by the other policies too. */
function unnamedTarget(
  namespace: string,
  pods: SelectorData,
  here: readonly Assignment[],
): PolicyTarget {
  const flows = here
    .filter(
      ({ subject }) =>
        subject.workload === undefined && intersectSelectors(subject.pods, pods) !== undefined,
    )
    .flatMap((one) => one.flows);
  return { namespace, pods, flows };
}
