/** Problems of flows, told where the flow was declared. */
import type { FlowData } from '../traffic/data';
import { describeFlow } from '../traffic/data';
import type { Problem } from '../values/problem';

/** A problem of a flow, told at the construct and line that declared it. */
export function flowProblem(flow: FlowData, problem: Omit<Problem, 'where' | 'source'>): Problem {
  const [first] = flow.reasons;
  return {
    ...problem,
    where: `${first?.by ?? ''}: ${describeFlow(flow)}`,
    source: first?.at,
  };
}
