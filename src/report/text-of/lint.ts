/** Findings by object, each with what is there, what should be, and the change that mends it. */
import type { Finding, LintResult } from '../../engine/result';
import { SEVERITIES } from '../../engine/severity';
import { table } from '../columns';
import { countText, printable } from '../words';
import type { TextOptions } from './options';
import { exactPlace, TONES } from './options';

export function* lintText(result: LintResult, options: TextOptions): Generator<string, string> {
  let object: string | undefined;
  const counting = result.findings.filter(({ acknowledged }) => acknowledged === undefined);
  for (const finding of options.all ? result.findings : counting) {
    const key = JSON.stringify([finding.object, finding.at.file]);
    if (key !== object) yield headOf(finding, options);
    object = key;
    yield findingText(finding, options);
  }
  const counts = SEVERITIES.map((severity) => {
    const count = counting.filter((finding) => finding.severity === severity).length;
    return severity === 'info' ? `${count} info` : countText(count, severity);
  });
  const acknowledged = result.findings.length - counting.length;
  const problems = `${countText(counting.length, 'problem')} (${counts.join(', ')})`;
  return `${problems}, ${acknowledged} acknowledged. ${countText(result.rules.length, 'rule')}`;
}

function headOf({ object, at }: Finding, { paint }: TextOptions): string {
  const path = at.constructPath === undefined ? '' : `${printable(at.constructPath)}  `;
  return `${paint(`${path}${printable(object)}`, 'strong')}  ${exactPlace(at)}\n`;
}

function findingText(finding: Finding, { paint }: TextOptions): string {
  const { severity, message, code, name, got, expected, fix, acknowledged } = finding;
  const details = [
    `got: ${got}    expected: ${expected}`,
    `fix: ${fix}`,
    ...(acknowledged === undefined ? [] : [`acknowledged: ${acknowledged}`]),
  ].map((detail) => `           ${printable(detail)}\n`);
  const tone = TONES[severity] ?? 'strong';
  const word = paint(severity.padEnd(7), tone);
  const head = table([[word, printable(message), [`${code} ${name}`, 'faint']]], 2, paint);
  return `${head}${details.join('')}`;
}
