import type { DiffResult } from '../../engine/result';
import { namespaceOf } from '../../report/names';
import { countText } from '../../report/words';
import { answer } from '../answer';
import { CannotAnswer } from '../cannot-answer';
import type { Command } from '../command';
import { checkPolicies, openAnalysis } from '../inputs';
import { ANSWERS, NAMESPACE, READS } from '../options';
import { outputsOf } from '../outputs';

export const diff: Command = {
  name: 'diff',
  summary: 'What two folders allow differently; exits 1 on a difference',
  takes: 'OLD NEW',
  options: {
    'fail-on': {
      type: 'string',
      choices: ['any', 'widened'],
      summary: 'exit 1 on any difference (default), or only where more is allowed',
    },
    ...NAMESPACE,
    ...ANSWERS,
    ...READS,
  },
  examples: ['diff main/dist dist', 'diff main/dist dist --fail-on widened -o markdown=comment.md'],
  async run(args, context) {
    const { positionals } = args;
    const [older, newer, ...others] = positionals;
    if (older === undefined || newer === undefined || others.length > 0) {
      throw new CannotAnswer([
        `diff: got ${countText(positionals.length, 'input')}, expected two: OLD NEW`,
      ]);
    }
    if (older === '-' && newer === '-') {
      throw new CannotAnswer(['diff: got - twice, expected at most one standard input']);
    }
    const outputs = outputsOf(args, 'diff');
    const before = await openAnalysis([older], args, context);
    const after = await openAnalysis([newer], args, context);
    checkPolicies([before, after], positionals, args);
    const result = ofNamespace(before.diff(after), args.text('namespace'));
    return answer(result, outputs, args, context);
  },
};

/** Changes of which one end is in the namespace. */
function ofNamespace(result: DiffResult, namespace: string | undefined): DiffResult {
  if (namespace === undefined) return result;
  const isIn = (id: string): boolean => namespaceOf(id) === namespace;
  const { added, removed } = result.workloads;
  return {
    ...result,
    changes: result.changes.filter(({ from, to }) => isIn(from) || isIn(to)),
    workloads: { added: added.filter(isIn), removed: removed.filter(isIn) },
  };
}
