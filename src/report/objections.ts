/**
 * What is wrong, in one shape: findings, changed reach and assertions that do not hold. SARIF, JUnit
 * and annotations differ in how they write it, not in what it is.
 */
import { createHash } from 'node:crypto';
import type {
  AssertionAnswer,
  DiffChange,
  Finding,
  Place,
  RuleMetadata,
  Severity,
} from '../engine/result';
import type { Judged } from './report';
import { knownText } from './words';

export interface Objection {
  readonly code: string;
  readonly name: string;
  /** `passed`: nothing is wrong, it was looked at. */
  readonly severity: Severity | 'passed';
  /** Absent: it stands in no file, as a connection that no policy denies any more. */
  readonly at?: Place;
  /** The object, the pair or the assertion. */
  readonly subject: string;
  readonly message: string;
  readonly got: string;
  readonly expected: string;
  readonly fix?: string;
  readonly acknowledged?: string;
}

const DIFF_RULES: readonly RuleMetadata[] = (
  [
    ['widened', 'warning', 'More is allowed than before.'],
    ['narrowed', 'info', 'Less is allowed than before.'],
    ['changed', 'warning', 'Something else is allowed than before.'],
  ] as const
).map(([change, severity, summary]) => ({
  code: `reach-${change}`,
  name: `reach-${change}`,
  severity,
  summary,
  why: 'Who can reach whom should change only where somebody meant it to.',
}));

const TEST_RULES: readonly RuleMetadata[] = (
  [
    ['failed', 'The policies do not do what the assertion says.'],
    ['unknown', 'Whether the assertion holds depends on a fact that no manifest shows.'],
  ] as const
).map(([verdict, summary]) => ({
  code: `assertion-${verdict}`,
  name: `assertion-${verdict}`,
  severity: 'error',
  summary,
  why: 'An assertion states who must, and who must never, reach whom.',
}));

/** The rules by which a result objects. */
export function rulesOf(result: Judged): readonly RuleMetadata[] {
  if (result.query === 'lint') return result.rules;
  return result.query === 'diff' ? DIFF_RULES : TEST_RULES;
}

/** In the result's order. */
export function objectionsOf(result: Judged): readonly Objection[] {
  switch (result.query) {
    case 'lint':
      return result.findings.map(ofFinding);
    case 'diff':
      return result.changes.map(ofChange);
    case 'test':
      return result.assertions.map(ofAssertion);
  }
}

function ofFinding({ object, ...finding }: Finding): Objection {
  return { ...finding, subject: object };
}

function ofChange(change: DiffChange): Objection {
  const rule = DIFF_RULES.find(({ code }) => code === `reach-${change.change}`);
  const { from, to, protocol, because } = change;
  const [was, now] = [knownText(protocol, change.was), knownText(protocol, change.now)];
  return {
    code: `reach-${change.change}`,
    name: `reach-${change.change}`,
    severity: rule?.severity ?? 'warning',
    at: because[0],
    subject: `${from} -> ${to}`,
    message: `${change.change} ${from} -> ${to}: ${now}, was ${was}`,
    got: now,
    expected: was,
  };
}

function ofAssertion({ verdict, assertion, reason, ...answer }: AssertionAnswer): Objection {
  const why = reason === undefined ? '' : ` (${reason})`;
  return {
    code: `assertion-${verdict}`,
    name: `assertion-${verdict}`,
    severity: verdict === 'passed' ? 'passed' : 'error',
    at: answer.at,
    subject: assertion,
    message: `${verdict} ${assertion}${why}`,
    got: answer.got,
    expected: answer.expected,
  };
}

/**
 * One fingerprint for each objection: of the rule, the object and what is wrong, never of lines, which
 * move. Equal ones are numbered.
 */
export function fingerprints(
  objections: readonly Pick<Objection, 'code' | 'subject' | 'got'>[],
): readonly string[] {
  const seen = new Map<string, number>();
  return objections.map(({ code, subject, got }) => {
    const hash = createHash('sha256').update([code, subject, got].join('\0')).digest('hex');
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return `${hash.slice(0, 32)}:${count}`;
  });
}
