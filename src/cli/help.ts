/** Help on one screen: usage, commands or flags, exit codes, examples. */
import type { OptionSpec } from './arguments';
import type { Command } from './command';
import { EVERYWHERE } from './options';

const EXIT_CODES = `Exit codes:
  0  answered, nothing to object
  1  answered, with an objection: findings, a difference, an assertion that fails or is UNKNOWN
  2  no answer: wrong usage, unreadable input
`;

export function programHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return `Usage: ml-netpol <command> [options] <file, folder, glob or -> ...

Who can reach whom, by the network policies of a folder of YAML, without a cluster.

Commands:
${rowsText(rows)}
Options:
${rowsText([
  ['-h, --help', 'this help; ml-netpol <command> --help: of a command'],
  ['-V, --version', 'the version'],
])}
${EXIT_CODES}
Examples:
  ml-netpol reach dist/ --from ml-training/bert
  ml-netpol explain llm-api/gateway llm-serving/triton TCP/8001 dist/
  cdk8s synth --stdout | ml-netpol lint - -o text -o sarif=out.sarif
`;
}

export function commandHelp({ name, summary, takes, options, examples }: Command): string {
  const rows = Object.entries({ ...options, ...EVERYWHERE }).map(optionRow);
  return `Usage: ml-netpol ${name} [options] ${takes}

${summary}

Options:
${rowsText(rows)}
${EXIT_CODES}
Examples:
${examples.map((example) => `  ml-netpol ${example}\n`).join('')}`;
}

function optionRow([name, spec]: readonly [string, OptionSpec]): readonly [string, string] {
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  const value = spec.choices?.join('|') ?? spec.value;
  return [`${short}--${name}${value === undefined ? '' : ` <${value}>`}`, spec.summary];
}

function rowsText(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join('');
}
