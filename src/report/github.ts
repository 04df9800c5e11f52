/**
 * Workflow commands of GitHub Actions: one annotation for each objection, at its line.
 * Source: actions/toolkit:packages/core/src/command.ts (what is escaped)
 */
import type { Place, Severity } from '../engine/result';
import { objectionsOf } from './objections';
import type { Report } from './report';
import { isJudged } from './report';
import { printable } from './words';

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
};

export const github: Report = {
  mediaType: 'text/plain',
  *render(result) {
    if (!isJudged(result)) return;
    for (const objection of objectionsOf(result)) {
      const { severity, acknowledged, at, code, name, subject, message, got, expected } = objection;
      if (severity === 'passed' || acknowledged !== undefined) continue;
      const title = code === name ? code : `${code} ${name}`;
      const fix = objection.fix === undefined ? [] : [`fix: ${objection.fix}`];
      const lines = [`${subject}: ${message}`, `got: ${got}`, `expected: ${expected}`, ...fix];
      yield command(COMMANDS[severity], title, lines.join('\n'), at);
    }
    for (const problem of result.problems) {
      const { code, got, expected, fix } = problem;
      const text = `got ${got}, expected ${expected}\nfix: ${fix}`;
      yield command('error', code, text, problem);
    }
  },
};

function command(name: string, title: string, text: string, at?: Place): string {
  const place =
    at === undefined || at.file === '-'
      ? []
      : [`file=${property(at.file)}`, `line=${at.line}`, `col=${at.column}`];
  return `::${name} ${[...place, `title=${property(title)}`].join(',')}::${data(text)}\n`;
}

function data(text: string): string {
  const [percent, carriageReturn, newLine] = ['%25', '%0D', '%0A'];
  return text
    .split(/(?<=[\r\n])|(?=[\r\n])/)
    .map((part) => {
      if (part === '\r') return carriageReturn;
      return part === '\n' ? newLine : printable(part).replace(/%/g, percent);
    })
    .join('');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
