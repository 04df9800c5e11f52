import { CannotAnswer } from '../cannot-answer';
import type { Command } from '../command';
import { readText } from '../files';
import { checkPolicies, openAnalysis, problemText } from '../inputs';
import { Names } from '../names';
import { NAMESPACE, READS } from '../options';
import { parseQuestions } from '../questions';

/** Lines that are written at once. */
const BATCH = 512;

export const ask: Command = {
  name: 'ask',
  summary: 'Many questions at once: JSON lines in, one line of JSON with the verdict out for each',
  takes: '[--requests FILE] PATH...',
  options: {
    requests: { type: 'string', value: 'file', summary: 'the questions; standard input otherwise' },
    ...NAMESPACE,
    ...READS,
  },
  examples: [
    'ask dist/ --requests questions.jsonl',
    `ask dist/ <<< '{"from":"ml-jobs/scorer","to":"mlflow/mlflow","port":5000}'`,
  ],
  async run(args, context) {
    const { io } = context;
    const file = args.text('requests');
    if (file === undefined && args.positionals.includes('-')) {
      throw new CannotAnswer([
        'ask: got - for manifests and questions, expected --requests <file>',
      ]);
    }
    const text = file === undefined ? await io.stdin() : readText(file);
    const analysis = await openAnalysis(args.positionals, args, context);
    checkPolicies([analysis], args.positionals, args);
    const names = new Names(analysis.workloads, args.text('namespace'), analysis.services);
    // all are checked before the first is answered: an answer never stands beside an error
    const questions = parseQuestions(file ?? 'stdin', text, names);
    for (let start = 0; start < questions.length; start += BATCH) {
      const lines = questions.slice(start, start + BATCH).map((question) => {
        const { verdict, by, unknown } = analysis.ask(question);
        return `${JSON.stringify({ verdict, by, unknown })}\n`;
      });
      if (!(await io.stdout.write(lines.join('')))) break;
    }
    const { problems } = analysis.about;
    for (const problem of problems) await io.stderr.write(`ml-netpol: ${problemText(problem)}\n`);
    return problems.length > 0 ? 2 : 0;
  },
};
