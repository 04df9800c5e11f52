/**
 * Runs the rules and says what is left of their findings: severities may be overridden, findings be
 * acknowledged. What excuses nothing any more is a finding itself, and a rule
 * that fails is a problem with its name: nothing is silent.
 */
import type { ReadProblem } from '../read/resource';
import type { ReadResult } from '../read/result';
import type { Finding, LintResult, Place, RuleMetadata, Severity } from '../engine/result';
import { byPlace, resultBase } from '../engine/result-base';
import type { World } from '../engine/world';
import { nearMiss } from '../values/near-miss';
import type { Acknowledged, Acknowledgement } from './acknowledgements';
import { annotated, breadth, isAbout, words } from './acknowledgements';
import { RULES } from './index';
import type { Found, Rule } from './rule';

export interface LintOptions {
  /** ISO date, by which acknowledgements expire. */
  readonly today: string;
  /** By code; instead of the rule's own. */
  readonly severities?: Readonly<Record<string, Severity | 'off'>>;
  /** Those of a file; annotations count besides. */
  readonly acknowledged?: Acknowledged;
  /** @default - all of them */
  readonly rules?: readonly Rule[];
}

/** What lint itself finds. */
export const UNUSED: RuleMetadata = {
  code: 'MLN501',
  name: 'unused-acknowledgement',
  severity: 'warning',
  summary: 'an acknowledgement, or an entry of the baseline, excuses nothing',
  why: 'What it excused is mended, or it never meant anything: it would hide the next finding.',
};

export const EXPIRED: RuleMetadata = {
  code: 'MLN502',
  name: 'expired-acknowledgement',
  severity: 'warning',
  summary: 'an acknowledgement has expired',
  why: 'Somebody wanted to look again by that day. Until then the finding counts.',
};

/** What there is to find, by code: of the rules, and of lint itself. */
export const FINDABLE: readonly RuleMetadata[] = [...RULES, UNUSED, EXPIRED]
  .flatMap((one) => metadataOf(one, new Map()))
  .sort(byCode);

export function lint(
  world: World,
  input: Pick<ReadResult, 'resources' | 'problems'>,
  options: LintOptions,
): LintResult {
  const rules = options.rules ?? RULES;
  const severities = new Map(Object.entries(options.severities ?? {}));
  const run = runRules(world, rules, severities);
  const given = [annotated(input.resources), options.acknowledged ?? NONE];
  const acknowledgements = given.flatMap((one) => one.acknowledgements);
  const codes = [...rules, UNUSED, EXPIRED].map(({ code }) => code);
  const settled = settle(run.findings, {
    acknowledgements,
    today: options.today,
    judged: run.judged,
  });
  const own = settled.own.flatMap((one) => withSeverity(one, severities.get(one.code)));
  const problems = [
    ...input.problems,
    ...run.problems,
    ...given.flatMap((one) => one.problems),
    ...acknowledgements.flatMap(({ code, at }) => unknownCode(code, at, codes)),
  ];
  return {
    ...resultBase(world, problems),
    query: 'lint',
    findings: [...settled.findings, ...own].sort(inOrder),
    rules: [...rules, UNUSED, EXPIRED].flatMap((one) => metadataOf(one, severities)).sort(byCode),
  };
}

const NONE: Acknowledged = { acknowledgements: [], problems: [] };

interface Run {
  readonly findings: readonly Finding[];
  readonly problems: readonly ReadProblem[];
  /** Codes of rules that ran to their end. */
  readonly judged: ReadonlySet<string>;
}

function runRules(
  world: World,
  rules: readonly Rule[],
  severities: ReadonlyMap<string, Severity | 'off'>,
): Run {
  const findings: Finding[] = [];
  const problems: ReadProblem[] = [];
  const judged = new Set<string>();
  for (const rule of rules) {
    const severity = severities.get(rule.code);
    if (severity === 'off') continue;
    try {
      const found = rule.check(world).map((one) => findingOf(rule, one, severity));
      judged.add(rule.code);
      findings.push(...found);
    } catch (error) {
      // a rule must not hide what the others found; its name and a problem tell that it is missing
      problems.push(failed(rule, error));
    }
  }
  return { findings, problems, judged };
}

function findingOf({ code, name, severity: usual }: Rule, found: Found, asked?: Severity): Finding {
  const { at, object, message, got, expected, fix, evidence = [], severity = usual } = found;
  return {
    ...{ code, name, severity: asked ?? severity, at, object },
    ...{ message, got, expected, fix, evidence },
  };
}

interface Excuses {
  readonly acknowledgements: readonly Acknowledgement[];
  readonly today: string;
  readonly judged: ReadonlySet<string>;
}

/** Findings with their excuses, and findings about excuses. */
function settle(
  findings: readonly Finding[],
  { acknowledgements, today, judged }: Excuses,
): { readonly findings: readonly Finding[]; readonly own: readonly Finding[] } {
  const used = new Set<string>();
  const settled = findings.map((finding): Finding => {
    const meant = acknowledgements
      .filter((one) => one.code === finding.code && isAbout(one, finding.object))
      .sort((a, b) => breadth(a) - breadth(b));
    // whatever expired is used: the finding that it meant is still there
    for (const one of meant) used.add(words(one));
    const valid = meant.find((one) => !isExpired(one, today));
    return valid === undefined ? finding : { ...finding, acknowledged: valid.reason };
  });
  const distinct = [...new Map(acknowledgements.map((one) => [words(one), one])).values()];
  return {
    findings: settled,
    own: [
      ...distinct.filter((one) => isExpired(one, today)).map((one) => expired(one, today)),
      ...distinct
        .filter((one) => judged.has(one.code) && !used.has(words(one)) && !isExpired(one, today))
        .map(unused),
    ],
  };
}

function isExpired({ expires }: Acknowledgement, today: string): boolean {
  return expires !== undefined && expires < today;
}

function expired(one: Acknowledgement, today: string): Finding {
  const { code, reason, expires = '' } = one;
  return ofExcuse(EXPIRED, one, {
    message: `the acknowledgement of ${code} has expired`,
    got: `until ${expires}: ${reason}`,
    expected: `a day from ${today}`,
    fix: 'mend what it excuses, or give it another day',
  });
}

function unused(one: Acknowledgement): Finding {
  const { code, reason } = one;
  return ofExcuse(UNUSED, one, {
    message: `there is nothing that the acknowledgement of ${code} excuses`,
    got: `${code}: ${reason}`,
    expected: `a finding of ${code} about ${scopeOf(one)}`,
    fix: 'take the acknowledgement out',
  });
}

function ofExcuse(
  { code, name, severity }: RuleMetadata,
  one: Acknowledgement,
  said: Pick<Finding, 'message' | 'got' | 'expected' | 'fix'>,
): Finding {
  return { code, name, severity, at: one.at, object: scopeOf(one), ...said, evidence: [] };
}

function scopeOf({ object, namespace }: Acknowledgement): string {
  if (object !== undefined) return object;
  return namespace === undefined ? 'every object' : `Namespace ${namespace}`;
}

function failed({ code, name }: Rule, error: unknown): ReadProblem {
  return {
    code: 'rule-failed',
    at: { file: `src/rules/${name}.ts`, line: 1, column: 1 },
    got: `${code} ${name}: ${error instanceof Error ? error.message : String(error)}`,
    expected: 'a rule that judges every cluster',
    fix: 'report it with the objects that it failed on; the other rules ran',
  };
}

function unknownCode(code: string, at: Place, codes: readonly string[]): ReadProblem[] {
  if (codes.includes(code)) return [];
  const meant = nearMiss(code, codes);
  return [
    {
      code: 'unknown-rule',
      at,
      got: code,
      expected: 'the code of a rule',
      fix: meant === undefined ? 'take the acknowledgement out' : `is ${meant} meant?`,
    },
  ];
}

function withSeverity(finding: Finding, severity: Severity | 'off' | undefined): Finding[] {
  if (severity === 'off') return [];
  return [severity === undefined ? finding : { ...finding, severity }];
}

function metadataOf(
  { code, name, severity, summary, why }: RuleMetadata,
  severities: ReadonlyMap<string, Severity | 'off'>,
): RuleMetadata[] {
  const asked = severities.get(code) ?? severity;
  return asked === 'off' ? [] : [{ code, name, severity: asked, summary, why }];
}

function byCode(a: RuleMetadata, b: RuleMetadata): number {
  return a.code < b.code ? -1 : 1;
}

/** By place, then code, object and what was got: the same input gives the same bytes. */
function inOrder(a: Finding, b: Finding): number {
  const text = ({ code, object, got, message }: Finding): string =>
    [code, object, got, message].join('\n');
  return byPlace(a.at, b.at) || (text(a) < text(b) ? -1 : 1);
}
