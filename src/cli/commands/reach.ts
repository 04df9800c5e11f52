import type { Analysis, End, ReachFilter } from '../analysis';
import { answer } from '../answer';
import type { Args } from '../arguments';
import { CannotAnswer } from '../cannot-answer';
import type { Command } from '../command';
import { checkPolicies, openAnalysis } from '../inputs';
import { Names } from '../names';
import { ANSWERS, NAMESPACE, READS } from '../options';
import { outputsOf } from '../outputs';

/** Nobody reads more, and no browser opens more. */
const MOST_PAIRS = 1_000_000;

export const reach: Command = {
  name: 'reach',
  summary: 'Who can reach whom, on which ports, with which requests',
  takes: 'PATH...',
  options: {
    from: {
      type: 'string',
      multiple: true,
      value: 'name',
      summary: 'only from this (ns/name, ns/*, CIDR)',
    },
    to: {
      type: 'string',
      multiple: true,
      value: 'name',
      summary: 'only to this (ns/name, ns/*, CIDR)',
    },
    ...NAMESPACE,
    ...ANSWERS,
    ...READS,
  },
  examples: [
    'reach dist/',
    "reach dist/ --from 'reporting/*' --to ml-training/bert",
    'reach dist/ -o json',
  ],
  async run(args, context) {
    const outputs = outputsOf(args, 'reach');
    const analysis = await openAnalysis(args.positionals, args, context);
    checkPolicies([analysis], args.positionals, args);
    const filter = filterOf(analysis, args);
    checkSize(analysis, filter, args);
    return answer(analysis.reach(filter), outputs, args, context);
  },
};

function filterOf({ workloads }: Analysis, args: Args): ReachFilter {
  const namespace = args.text('namespace');
  const names = new Names(workloads, namespace);
  const ends = (option: 'from' | 'to'): readonly End[] =>
    args.all(option).flatMap((pattern) => names.several(`--${option}`, pattern));
  const [from, to] = [ends('from'), ends('to')];
  if (namespace !== undefined && from.length + to.length === 0) {
    return { from: names.several('--namespace', `${namespace}/*`) };
  }
  return { ...(from.length > 0 ? { from } : {}), ...(to.length > 0 ? { to } : {}) };
}

function checkSize({ workloads }: Analysis, { from, to }: ReachFilter, args: Args): void {
  const pairs = (from?.length ?? workloads.length) * (to?.length ?? workloads.length);
  if (pairs <= MOST_PAIRS || args.has('all')) return;
  throw new CannotAnswer([
    `reach: got ${pairs} pairs, expected at most ${MOST_PAIRS}; fix: --from, --to or --namespace, or --all`,
  ]);
}
