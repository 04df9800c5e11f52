/** Assertions: those that do not hold, with what was found instead; all of them with --all. */
import type { AssertionAnswer, TestResult } from '../../engine/result';
import type { Cell } from '../columns';
import { table } from '../columns';
import { countText, placeText, printable } from '../words';
import type { TextOptions } from './options';
import { evidenceText, TONES } from './options';

const WORDS = { passed: 'passed', failed: 'FAILED', unknown: 'UNKNOWN' } as const;

export function* testText(result: TestResult, options: TextOptions): Generator<string, string> {
  for (const answer of result.assertions) {
    if (answer.verdict === 'passed' && (options.quiet || !options.all)) continue;
    yield answerText(answer, options);
  }
  const counts = (['passed', 'failed', 'unknown'] as const).map((verdict) => {
    return `${result.assertions.filter((each) => each.verdict === verdict).length} ${verdict}`;
  });
  return `${countText(result.assertions.length, 'assertion')}: ${counts.join(', ')}`;
}

function answerText(answer: AssertionAnswer, { paint }: TextOptions): string {
  const { verdict, assertion, at, reason, got, expected, evidence } = answer;
  const why = reason === undefined ? '' : printable(`(${reason})`);
  const word: Cell = [WORDS[verdict], TONES[verdict] ?? 'strong'];
  const head = table([[word, printable(assertion), why, placeText(at)]], 0, paint);
  if (verdict === 'passed') return head;
  const rows = evidence.map((each) => ['by', evidenceText(each), placeText(each)]);
  const details = `         ${printable(`got: ${got}    expected: ${expected}`)}\n`;
  return `${head}${details}${table(rows, 9, paint)}`;
}
