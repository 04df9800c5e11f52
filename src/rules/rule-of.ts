import { nearMiss } from '../values/near-miss';
import { refuse } from '../values/problem';
import { RULES } from './index';
import type { Rule } from './rule';

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
