import { answer } from '../answer';
import { parseAssertions } from '../assertion-file';
import { judgeAssertion } from '../assertions';
import { CannotAnswer } from '../cannot-answer';
import type { Command } from '../command';
import { readText } from '../files';
import { checkPolicies, openAnalysis } from '../inputs';
import { Names } from '../names';
import { ANSWERS, NAMESPACE, READS } from '../options';
import { outputsOf } from '../outputs';

export const test: Command = {
  name: 'test',
  summary: 'Whether the policies do what a file of assertions says',
  takes: 'FLOWS.yaml PATH...',
  options: { ...NAMESPACE, ...ANSWERS, ...READS },
  examples: [
    'test flows.yaml dist/',
    'test flows.yaml dist/ -o text -o junit=flows.xml',
    `test <(echo '- deny: "reporting/* -> ml-training/*"') dist/`,
  ],
  async run(args, context) {
    const [file, ...paths] = args.positionals;
    if (file === undefined) {
      throw new CannotAnswer(['test: got nothing, expected FLOWS.yaml PATH...']);
    }
    const outputs = outputsOf(args, 'test');
    const assertions = parseAssertions(file, readText(file));
    const analysis = await openAnalysis(paths, args, context);
    checkPolicies([analysis], paths, args);
    const names = new Names(analysis.workloads, args.text('namespace'));
    const ends = assertions.map(({ at, from, to }) => {
      const where = `${at.file}:${at.line}`;
      return { from: names.several(where, from), to: names.several(where, to) };
    });
    const answers = assertions.map((assertion, index) => {
      const { from = [], to = [] } = ends[index] ?? {};
      return judgeAssertion(assertion, { from, to }, analysis);
    });
    const result = { ...analysis.about, query: 'test' as const, assertions: answers };
    return answer(result, outputs, args, context);
  },
};
