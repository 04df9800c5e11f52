import { answer } from '../answer';
import type { Command } from '../command';
import { checkPolicies, openAnalysis } from '../inputs';
import { Names } from '../names';
import { ANSWERS, NAMESPACE, READS } from '../options';
import { outputsOf } from '../outputs';

export const exposure: Command = {
  name: 'exposure',
  summary: 'What strangers reach, and which strangers are reached: other pods, the internet, nodes',
  takes: 'PATH...',
  options: { ...NAMESPACE, ...ANSWERS, ...READS },
  examples: ['exposure dist/', 'exposure dist/ -n llm-serving -o markdown'],
  async run(args, context) {
    const outputs = outputsOf(args, 'exposure');
    const analysis = await openAnalysis(args.positionals, args, context);
    checkPolicies([analysis], args.positionals, args);
    const namespace = args.text('namespace');
    if (namespace === undefined) return answer(analysis.exposure(), outputs, args, context);
    const ends = new Names(analysis.workloads).several('--namespace', `${namespace}/*`);
    const ids = ends.flatMap((end) => (end.kind === 'workload' ? [end.id] : []));
    return answer(analysis.exposure(ids), outputs, args, context);
  },
};
