/**
 * The end of every query: the exit code, then the reports, then what could not be read. A finding never
 * hides an unreadable file, and an unreadable file never hides a finding.
 */
import { isObjection, SEVERITIES } from '../engine/severity';
import type { Reported } from '../report/report';
import type { Args } from './arguments';
import type { Context } from './command';
import { problemText } from './inputs';
import type { Output } from './outputs';
import { writeOutputs } from './outputs';

export async function answer(
  result: Reported,
  outputs: readonly Output[],
  args: Args,
  context: Context,
): Promise<number> {
  const code = exitCodeOf(result, args);
  await writeOutputs(outputs, result, args, context);
  for (const problem of result.problems) {
    await context.io.stderr.write(`ml-netpol: ${problemText(problem)}\n`);
  }
  return code;
}

export function exitCodeOf(result: Reported, args: Args): number {
  if (result.problems.length > 0) return 2;
  const strict = args.has('strict') && result.notAnalyzed.length > 0;
  const objected = strict || objects(result, args.text('fail-on'));
  return objected && !args.has('exit-zero') ? 1 : 0;
}

function objects(result: Reported, failOn: string | undefined): boolean {
  switch (result.query) {
    case 'lint': {
      const least = SEVERITIES.find((severity) => severity === failOn) ?? 'warning';
      return result.findings.some((finding) => isObjection(finding, least));
    }
    case 'diff':
      // what changed may allow something new: only a narrowed pair certainly does not
      return result.changes.some(({ change }) => failOn !== 'widened' || change !== 'narrowed');
    case 'test':
      return result.assertions.some(({ verdict }) => verdict !== 'passed');
    case 'reach':
    case 'explain':
    case 'exposure':
      return false;
  }
}
