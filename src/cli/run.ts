/**
 * From arguments to an exit code: 0 answered, 1 answered with an objection, 2 could not answer. On
 * standard output stands the result only; whatever else is to be said goes to standard error.
 */
import { printable } from '../report/words';
import { isNetpolError } from '../values/problem';
import type { Analyzer } from './analysis';
import { parseArguments } from './arguments';
import { CannotAnswer, messageOf, refuseWord } from './cannot-answer';
import type { Command } from './command';
import { COMMANDS } from './commands';
import { commandHelp, programHelp } from './help';
import type { Io } from './io';
import { EVERYWHERE } from './options';

/** What is run: the arguments behind the program's name, and the engine to ask. */
export interface Program {
  readonly argv: readonly string[];
  readonly version: string;
  readonly analyzer: () => Analyzer;
}

export async function run(program: Program, io: Io): Promise<number> {
  try {
    return await dispatch(program, io);
  } catch (thrown) {
    for (const line of linesOf(thrown, io))
      await io.stderr.write(`ml-netpol: ${printable(line)}\n`);
    return 2;
  }
}

async function dispatch({ argv, version, analyzer }: Program, io: Io): Promise<number> {
  const [first, ...rest] = argv;
  if (first === '--version' || first === '-V') {
    await io.stdout.write(`${version}\n`);
    return 0;
  }
  const asksHelp = first === undefined || ['--help', '-h', 'help'].includes(first);
  if (asksHelp && (rest[0] === undefined || first === undefined)) {
    const help = programHelp(COMMANDS.map((entry) => entry.load()));
    await (first === undefined ? io.stderr : io.stdout).write(help);
    return first === undefined ? 2 : 0;
  }
  const [name = '', given] = asksHelp ? [rest[0], ['--help']] : [first, rest];
  const command = commandOf(name);
  const args = parseArguments(name, given, { ...command.options, ...EVERYWHERE });
  if (args.has('help')) {
    await io.stdout.write(commandHelp(command));
    return 0;
  }
  return command.run(args, { io, analyzer, version });
}

function commandOf(name: string): Command {
  const entry = COMMANDS.find((each) => each.name === name);
  if (entry !== undefined) return entry.load();
  const words = name.startsWith('-') ? ['--help', '--version'] : COMMANDS.map((each) => each.name);
  return refuseWord('command line', name, words);
}

function linesOf(thrown: unknown, io: Io): readonly string[] {
  if (thrown instanceof CannotAnswer) return thrown.lines;
  if (isNetpolError(thrown)) return thrown.message.split('\n');
  return [`internal error: ${messageOf(thrown)}`, ...stackOf(thrown, io)];
}

/** A stack trace is for whoever reports a bug, not for everybody. */
function stackOf(thrown: unknown, { env }: Io): string[] {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  if (env['DEBUG'] === undefined) return ['set DEBUG=1 to see where, and please report it'];
  return stack === undefined ? [] : stack.split('\n').slice(1);
}
