/** `toHaveNoFindings`: no rule objects, or none of those that are named. */
import type { Finding, Severity } from '../engine/result';
import { placeText, printable } from '../report/words';
import { RULES } from '../rules';
import { lint } from '../rules/lint';
import { isObjection, SEVERITIES } from '../engine/severity';
import { ruleOf } from '../rules/rule-of';
import { refuse } from '../values/problem';
import { today } from '../values/today';
import type { PolicyCluster } from './policy-cluster';
import type { MatcherResult } from './reach';

export interface FindingsOptions {
  /**
   * Codes or names of the rules that are run.
   *
   * @default - all of them
   */
  readonly rules?: readonly string[];
  /**
   * What is less bad does not count.
   *
   * @default warning
   */
  readonly failOn?: Severity;
}

export function hasNoFindings(
  { world, input }: PolicyCluster,
  { rules, failOn = 'warning' }: FindingsOptions,
): MatcherResult {
  if (!SEVERITIES.includes(failOn)) refuseSeverity(failOn);
  const wanted = rules?.map((rule) => ruleOf('toHaveNoFindings: rules', rule).code);
  const off = RULES.filter(({ code }) => wanted !== undefined && !wanted.includes(code));
  const severities = Object.fromEntries(off.map(({ code }) => [code, 'off' as const]));
  const { findings, problems } = lint(world, input, { today: today(), severities });
  // a rule that failed has judged nothing
  const failed = problems.filter(({ code }) => code === 'rule-failed');
  const against = findings.filter((one) => isObjection(one, failOn));
  return {
    pass: against.length === 0 && failed.length === 0,
    message: () => {
      const lines = [
        ...failed.map(({ got, fix }) => `  ${got}\n    fix: ${fix}`),
        ...against.map(findingText),
      ];
      const which = rules === undefined ? '' : ` of ${rules.join(', ')}`;
      if (lines.length === 0) return `expected findings${which} at ${failOn} or above, got none`;
      return [`expected no finding${which} at ${failOn} or above`, ...lines].join('\n\n');
    },
  };
}

function findingText(finding: Finding): string {
  const { severity, code, name, at, object, message, got, expected, fix } = finding;
  return [
    `  ${severity} ${code} ${name}: ${object} (${placeText(at)})`,
    `    ${printable(message)}: got ${printable(got)}, expected ${printable(expected)}`,
    `    fix: ${fix.split('\n').join('\n      ')}`,
  ].join('\n');
}

function refuseSeverity(got: string): never {
  return refuse({
    code: 'fail-on',
    where: 'toHaveNoFindings: failOn',
    got,
    expected: `one of ${SEVERITIES.join(', ')}`,
    fix: "{ failOn: 'warning' }",
  });
}
