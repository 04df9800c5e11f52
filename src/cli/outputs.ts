/**
 * Where results go: `-o text -o sarif=out.sarif`. At most one format goes to standard output; the exit
 * code is decided before anything is written, and never by the format.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { FORMATS } from '../report';
import type { Format } from '../report';
import type { Query, Reported, ReportOptions } from '../report/report';
import type { Args } from './arguments';
import { CannotAnswer, messageOf, refuse, refuseWord } from './cannot-answer';
import type { Context } from './command';
import type { Io } from './io';

export interface Output {
  readonly format: Format;
  /** Absent: standard output. */
  readonly file?: string;
}

/** Checks the flags before any work is done. */
export function outputsOf(args: Args, query: Query): readonly Output[] {
  const given = args.all('output');
  const outputs = (given.length === 0 ? ['text'] : given).map((text) => outputOf(text, query));
  const here = outputs.filter(({ file }) => file === undefined).map(({ format }) => format.name);
  if (here.length > 1) {
    const fix = `-o ${here[1] ?? ''}=<file>`;
    throw new CannotAnswer([
      `--output: got ${here.join(' and ')} for standard output, expected one; fix: ${fix}`,
    ]);
  }
  return outputs;
}

export async function writeOutputs(
  outputs: readonly Output[],
  result: Reported,
  args: Args,
  context: Context,
): Promise<void> {
  const { io, version } = context;
  const options = { all: args.has('all'), quiet: args.has('quiet'), version };
  for (const { format, file } of outputs) {
    if (file === undefined) continue;
    writeFile(file, format.load().render(result, { ...options, color: false }));
  }
  const here = outputs.find(({ file }) => file === undefined);
  if (here !== undefined)
    await writeHere(here, result, { ...options, color: hasColor(args, io) }, io);
}

/** Flag, FORCE_COLOR, NO_COLOR (even empty), TERM=dumb, terminal: the first that says something. */
export function hasColor(args: Args, { env, stdout }: Io): boolean {
  if (args.has('no-color')) return false;
  if (args.has('color')) return true;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb' && stdout.isTTY;
}

function outputOf(text: string, query: Query): Output {
  const [name = '', ...rest] = text.split('=');
  const format = FORMATS.find((each) => each.name === name);
  if (format === undefined)
    refuseWord(
      '--output',
      name,
      FORMATS.map((each) => each.name),
    );
  if (!format.queries.includes(query)) {
    const able = FORMATS.filter(({ queries }) => queries.includes(query)).map((each) => each.name);
    refuse(`${query}: --output`, name, `a format that shows ${query}: ${able.join(', ')}`);
  }
  if (rest.length === 0) return { format };
  const file = rest.join('=');
  if (file === '') refuse('--output', text, `a file, such as ${name}=out.${name}`);
  return { format, file };
}

function writeFile(file: string, pieces: Iterable<string>): void {
  try {
    const descriptor = openSync(file, 'w');
    try {
      for (const piece of pieces) writeSync(descriptor, piece);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new CannotAnswer([`${file}: cannot be written: ${messageOf(cause)}`]);
  }
}

async function writeHere(
  { format }: Output,
  result: Reported,
  options: ReportOptions,
  io: Io,
): Promise<void> {
  for (const piece of format.load().render(result, options)) {
    if (!(await io.stdout.write(piece))) return;
  }
}
