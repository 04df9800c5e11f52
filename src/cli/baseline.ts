/**
 * Findings that were there before: they count no more, but stay visible. An entry that nothing meets any
 * more is a finding itself, so that a baseline only shrinks.
 */
import type { Finding, LintResult } from '../engine/result';
import { fingerprints } from '../report/objections';
import { UNUSED } from '../rules/lint';
import { CannotAnswer, messageOf } from './cannot-answer';
import { readText, writeText } from './files';

interface Entry {
  readonly code: string;
  readonly object: string;
  readonly fingerprint: string;
}

export function writeBaseline(file: string, findings: readonly Finding[]): void {
  const open = findings.filter(({ acknowledged }) => acknowledged === undefined);
  const prints = printsOf(open);
  const entries = open.map(({ code, object }, index) => {
    return `    ${JSON.stringify({ code, object, fingerprint: prints[index] })}`;
  });
  const list = entries.length === 0 ? '[]' : `[\n${entries.join(',\n')}\n  ]`;
  writeText(file, `{\n  "version": 1,\n  "findings": ${list}\n}\n`);
}

export function withBaseline(file: string, result: LintResult): LintResult {
  const text = readText(file, '--update-baseline writes it');
  const entries = new Map(entriesOf(file, text).map((entry) => [entry.fingerprint, entry]));
  const open = result.findings.filter(({ acknowledged }) => acknowledged === undefined);
  const prints = new Map(printsOf(open).map((print, index) => [open[index], print]));
  const findings = result.findings.map((finding) => {
    const known = entries.delete(prints.get(finding) ?? '');
    return known ? { ...finding, acknowledged: `in the baseline ${file}` } : finding;
  });
  const unused = [...entries.values()].map((entry) => unusedEntry(file, text, entry));
  return { ...result, findings: [...findings, ...unused] };
}

function printsOf(findings: readonly Finding[]): readonly string[] {
  return fingerprints(findings.map(({ code, object, got }) => ({ code, subject: object, got })));
}

function unusedEntry(file: string, text: string, { code, object, fingerprint }: Entry): Finding {
  const line = text.slice(0, text.indexOf(fingerprint)).split('\n').length;
  return {
    code: UNUSED.code,
    name: UNUSED.name,
    severity: UNUSED.severity,
    at: { file, line, column: 1 },
    object,
    message: `the baseline holds ${code}, which is not found any more`,
    got: 'an entry without a finding',
    expected: 'entries for findings that exist',
    fix: '--update-baseline',
    evidence: [],
  };
}

function entriesOf(file: string, text: string): readonly Entry[] {
  const expected = 'expected {"version": 1, "findings": [...]} as --update-baseline writes it';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CannotAnswer([`${file}: no JSON: ${messageOf(cause)}; ${expected}`]);
  }
  if (isBaseline(value)) return value.findings;
  throw new CannotAnswer([`${file}: got something else, ${expected}`]);
}

function isBaseline(value: unknown): value is { readonly findings: readonly Entry[] } {
  if (typeof value !== 'object' || value === null) return false;
  if (!('version' in value) || value.version !== 1 || !('findings' in value)) return false;
  return Array.isArray(value.findings) && value.findings.every(isEntry);
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  return ['code', 'object', 'fingerprint'].every((key) => typeof members.get(key) === 'string');
}
