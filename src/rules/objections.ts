/** Which findings count, and which rules are meant: for whoever turns findings into pass or fail. */
import type { Finding, Severity } from '../engine/result';
import { nearMiss } from '../values/near-miss';
import { refuse } from '../values/problem';
import { RULES } from './index';
import type { Rule } from './rule';

/** From the worst to the least. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** Whether a finding is at least that bad, and nothing excuses it. */
export function isObjection({ severity, acknowledged }: Finding, failOn: Severity): boolean {
  return acknowledged === undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
}

/** The rule of a code or name. */
export function ruleOf(where: string, word: string): Rule {
  const found = RULES.find(({ code, name }) => code === word || name === word);
  if (found !== undefined) return found;
  const known = RULES.flatMap(({ code, name }): string[] => [code, name]);
  const meant = nearMiss(word, known);
  return refuse({
    code: 'unknown-rule',
    where,
    got: word,
    expected: 'the code or name of a rule',
    fix: meant === undefined ? 'ml-netpol rules lists them' : `'${meant}'`,
  });
}
