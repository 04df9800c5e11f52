/**
 * Arguments, by Node's own parser. Its tokens are checked here, because it knows neither near misses
 * nor which values an option takes.
 */
import { parseArgs } from 'node:util';
import { CannotAnswer, refuse, refuseWord } from './cannot-answer';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** How help calls the value; absent for booleans. */
  readonly value?: string;
  /** All values that there are. */
  readonly choices?: readonly string[];
  readonly summary: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What stands on the command line behind the command. */
export class Args {
  constructor(
    readonly positionals: readonly string[],
    private readonly given: ReadonlyMap<string, readonly string[]>,
  ) {}

  has(name: string): boolean {
    return this.given.has(name);
  }

  text(name: string): string | undefined {
    return this.given.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.given.get(name) ?? [];
  }
}

export function parseArguments(where: string, argv: readonly string[], specs: OptionSpecs): Args {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short, multiple = false }]) => {
      return [name, { type, multiple, ...(short === undefined ? {} : { short }) }];
    }),
  );
  const config = { args: [...argv], strict: false, tokens: true, allowPositionals: true } as const;
  const { positionals, tokens } = parseArgs({ ...config, options });
  const given = new Map<string, readonly string[]>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined)
      refuseWord(
        where,
        rawName,
        Object.keys(specs).map((key) => `--${key}`),
      );
    const before = given.get(name) ?? [];
    if (before.length > 0 && spec.multiple !== true && spec.type === 'string') {
      throw new CannotAnswer([`${where}: ${rawName} is given twice, expected one`]);
    }
    given.set(name, [...before, checkedValue(`${where}: ${rawName}`, spec, value, inlineValue)]);
  }
  return new Args(positionals, given);
}

function checkedValue(
  where: string,
  { type, value: called = 'value', choices }: OptionSpec,
  value: string | undefined,
  inline: boolean | undefined,
): string {
  if (type === 'boolean') {
    return value === undefined ? '' : refuse(where, value, 'no value');
  }
  // `--from --to x`: the parser takes the next option for the value
  if (value === undefined || value === '' || (inline !== true && /^-./.test(value))) {
    throw new CannotAnswer([
      `${where}: got nothing, expected ${where.split(': ').at(-1) ?? ''} <${called}>`,
    ]);
  }
  if (choices !== undefined && !choices.includes(value)) refuseWord(where, value, choices);
  return value;
}
