/**
 * How a mistake of the user is told: where, got, expected, how to mend, on one line.
 *
 * A value that is wrong in itself is refused where it is written (`refuse`), with the caller's
 * file and line and without a stack trace of this library. What needs the whole picture is
 * collected as `Problem`s and reported at once by the validation on the tree's root.
 */
import { inspect } from 'node:util';
import { callerLocation } from './caller';

/** One mistake, as data: tests and reports look at the fields, people at `formatProblem`. */
export interface Problem {
  /** Stable kebab-case name of the rule that was broken. */
  readonly code: string;
  /** Construct path, or the factory and argument that were called (`Port.tcp: port`). */
  readonly where: string;
  readonly got: unknown;
  /** The rule that the value must meet, never just "valid". */
  readonly expected: string;
  /** TypeScript that compiles, or the exact change to make. */
  readonly fix: string;
  /** `file:line` of the user's code, where it is known. */
  readonly source?: string;
}

/** Text of one problem: `main.ts:14 Port.tcp: port: got 0, expected …; fix: …`. */
export function formatProblem(problem: Problem): string {
  const source = problem.source === undefined ? '' : `${problem.source} `;
  const got = formatGot(problem.got);
  return `${source}${problem.where}: got ${got}, expected ${problem.expected}; fix: ${problem.fix}`;
}

/** JSON; JavaScript's own form for what JSON cannot say (NaN, a bigint, a construct with its tree). */
function formatGot(got: unknown): string {
  if (got === undefined) return 'nothing';
  if (typeof got === 'string') return JSON.stringify(got);
  if (typeof got !== 'object') return inspect(got);
  try {
    return JSON.stringify(got);
  } catch {
    // circular, or a bigint inside: nothing is lost but depth
    return inspect(got, { depth: 0, compact: true, breakLength: Infinity });
  }
}

const NETPOL_ERROR = Symbol.for('cdk8s-ml-netpol.NetpolError');

/** Thrown for the user's mistakes. Its stack is its message: the library's frames help nobody. */
export class NetpolError extends Error {
  constructor(
    readonly problems: readonly Problem[],
    lines: readonly string[] = problems.map(formatProblem),
  ) {
    super(lines.join('\n'));
    this.name = 'NetpolError';
    this.stack = this.message;
    Object.defineProperty(this, NETPOL_ERROR, { value: true });
    printWithoutSourceLine(this);
  }
}

/** Whether a caught value is this library's error, from whichever copy of the package. */
export function isNetpolError(thrown: unknown): thrown is NetpolError {
  return typeof thrown === 'object' && thrown !== null && NETPOL_ERROR in thrown;
}

/** Refuses a value where it is written. */
export function refuse(problem: Problem): never {
  throw new NetpolError([{ ...problem, source: problem.source ?? callerLocation() }]);
}

let guarded = false;

/**
 * Node prints the throwing line of library code above an uncaught error, whatever its stack says.
 * For the turn in which the error is thrown, an uncaught NetpolError is printed as its message alone.
 */
function printWithoutSourceLine(error: NetpolError): void {
  // a program with a handler of its own decides for itself
  if (guarded || process.listenerCount('uncaughtException') > 0) return;
  guarded = true;
  const onUncaught = (thrown: unknown): void => {
    const text = isNetpolError(thrown)
      ? thrown.message
      : thrown instanceof Error
        ? thrown.stack
        : String(thrown);
    process.stderr.write(`${text ?? error.message}\n`);
    process.exit(1);
  };
  process.once('uncaughtException', onUncaught);
  const release = (): void => {
    clearTimeout(timer);
    clearImmediate(immediate);
    process.off('uncaughtException', onUncaught);
    guarded = false;
  };
  // whichever phase of the next turn comes first: due timers run before immediates
  const timer = setTimeout(release, 0);
  const immediate = setImmediate(release);
}
