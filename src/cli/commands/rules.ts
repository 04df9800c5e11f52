import type { RuleMetadata } from '../../engine/result';
import { CannotAnswer, refuseWord } from '../cannot-answer';
import type { Command } from '../command';

export const rules: Command = {
  name: 'rules',
  summary: 'The rules of lint, or one of them',
  takes: '[CODE]',
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'format',
      choices: ['text', 'json'],
      summary: 'text (default) or json',
    },
  },
  examples: ['rules', 'rules MLN203', 'rules -o json'],
  async run(args, { io, analyzer }) {
    const [wanted, ...others] = args.positionals;
    if (others.length > 0)
      throw new CannotAnswer([`rules: got ${others.join(' ')}, expected one rule`]);
    const all = analyzer().rules();
    const shown = all.filter(({ code, name }) => [undefined, code, name].includes(wanted));
    if (wanted !== undefined && shown.length === 0) {
      refuseWord(
        'rules',
        wanted,
        all.flatMap(({ code, name }) => [code, name]),
      );
    }
    const json = args.text('output') === 'json';
    const text = wanted === undefined ? shown.map(lineOf) : shown.map(pageOf);
    await io.stdout.write(json ? `${JSON.stringify(shown, null, 2)}\n` : text.join(''));
    return 0;
  },
};

function lineOf({ code, name, severity, summary }: RuleMetadata): string {
  return `${code}  ${severity.padEnd(7)}  ${name}: ${summary}\n`;
}

function pageOf({ code, name, severity, summary, why }: RuleMetadata): string {
  return `${code} ${name} (${severity})\n\n${summary}\n\nwhy: ${why}\n`;
}
