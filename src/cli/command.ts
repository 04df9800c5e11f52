/** One command, one file in commands/. It says what it takes; `run` returns the exit code. */
import type { Analyzer } from './analysis';
import type { Args, OptionSpecs } from './arguments';
import type { Io } from './io';

export interface Context {
  readonly io: Io;
  /** Loaded by the first call. */
  readonly analyzer: () => Analyzer;
  /** Of this package. */
  readonly version: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** `FROM TO PROTO/PORT PATH...` */
  readonly takes: string;
  readonly options: OptionSpecs;
  /** Without the program's name. */
  readonly examples: readonly string[];
  run(args: Args, context: Context): Promise<number>;
}
