/**
 * JUnit XML: a suite for each rule that found something (or one for the assertion file, or the
 * comparison), a case for each object. What is acknowledged is skipped, with its reason; what could
 * not be read is an error.
 */
import type { ResultProblem } from '../engine/result';
import type { Objection } from './objections';
import { objectionsOf } from './objections';
import type { Judged, Report } from './report';
import { isJudged } from './report';

interface Suite {
  readonly name: string;
  readonly cases: readonly string[];
  readonly failures: number;
  readonly skipped: number;
  readonly errors: number;
}

export const junit: Report = {
  mediaType: 'application/xml',
  *render(result) {
    if (!isJudged(result)) return;
    const suites = suitesOf(result);
    const total = (of: (suite: Suite) => number): number =>
      suites.reduce((sum, suite) => sum + of(suite), 0);
    yield '<?xml version="1.0" encoding="UTF-8"?>\n';
    yield `<testsuites name="ml-netpol ${result.query}" tests="${total(({ cases }) => cases.length)}" failures="${total(({ failures }) => failures)}" errors="${total(({ errors }) => errors)}" time="0">\n`;
    for (const suite of suites) yield suiteText(suite);
    yield '</testsuites>\n';
  },
};

function suitesOf(result: Judged): readonly Suite[] {
  const groups = new Map<string, Objection[]>();
  // a rule that found nothing is a case that passed: a server that sees no case takes it for no run
  if (result.query === 'lint')
    for (const { code, name } of result.rules) groups.set(`${code} ${name}`, []);
  for (const objection of objectionsOf(result)) {
    const suite = suiteNameOf(result, objection);
    groups.set(suite, [...(groups.get(suite) ?? []), objection]);
  }
  const suites = [...groups].map(([name, objections]) => suiteOf(name, objections));
  return result.problems.length === 0 ? suites : [...suites, unreadable(result.problems)];
}

function suiteNameOf(result: Judged, { code, name, at }: Objection): string {
  if (result.query === 'lint') return `${code} ${name}`;
  return result.query === 'diff' ? 'reach' : (at?.file ?? 'assertions');
}

function suiteOf(name: string, objections: readonly Objection[]): Suite {
  const acknowledged = objections.filter((one) => one.acknowledged !== undefined).length;
  const passed = objections.filter(({ severity }) => severity === 'passed').length;
  return {
    name,
    cases:
      objections.length === 0 ? [caseText(name, 'every object', '')] : casesOf(name, objections),
    failures: objections.length - acknowledged - passed,
    skipped: acknowledged,
    errors: 0,
  };
}

function casesOf(suite: string, objections: readonly Objection[]): string[] {
  return objections.map((objection) => {
    const { subject, message, got, expected, fix, acknowledged, at } = objection;
    if (objection.severity === 'passed') return caseText(suite, subject, '');
    if (acknowledged !== undefined) {
      return caseText(suite, subject, `<skipped message=${quoted(acknowledged)}/>`);
    }
    const place = at === undefined ? [] : [`${at.file}:${at.line}:${at.column}`];
    const lines = [...place, `got: ${got}`, `expected: ${expected}`];
    const text = [...lines, ...(fix === undefined ? [] : [`fix: ${fix}`])].join('\n');
    const attributes = `message=${quoted(message)} type=${quoted(objection.severity)}`;
    return caseText(suite, subject, `<failure ${attributes}>${escaped(text)}</failure>`);
  });
}

function unreadable(problems: readonly ResultProblem[]): Suite {
  const name = 'input';
  const cases = problems.map(({ code, file, line, column, got, expected, fix }) => {
    const message = `got ${got}, expected ${expected}`;
    const attributes = `message=${quoted(message)} type=${quoted(code)}`;
    const inner = `<error ${attributes}>${escaped(`fix: ${fix}`)}</error>`;
    return caseText(name, `${file}:${line}:${column}`, inner);
  });
  return { name, cases, failures: 0, skipped: 0, errors: problems.length };
}

function suiteText({ name, cases, failures, skipped, errors }: Suite): string {
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
  return `  <testsuite name=${quoted(name)} ${counts} time="0">\n${cases.join('')}  </testsuite>\n`;
}

function caseText(suite: string, name: string, inner: string): string {
  const attributes = `classname=${quoted(suite)} name=${quoted(name)} time="0"`;
  return inner === ''
    ? `    <testcase ${attributes}/>\n`
    : `    <testcase ${attributes}>\n      ${inner}\n    </testcase>\n`;
}

function quoted(text: string): string {
  return `"${escaped(text).replace(/[\n\t]/g, (space) => `&#${space.charCodeAt(0)};`)}"`;
}

/** XML 1.0 has no way to write most control characters, nor half a surrogate pair. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
