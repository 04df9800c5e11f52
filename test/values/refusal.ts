/**
 * How do tests look at a value that is refused where it is written? By code, place and value, and
 * always by the line of the test that wrote it: found here from the stack, independently of src.
 */

import { relative, sep } from 'node:path';
import { isNetpolError, type Problem } from '../../src/values/problem';

/**
 * Expects that the value is refused once, for this problem, at the line on which `refused(` stands,
 * so `write` must stand there too. Returns the text behind the place: `Port.tcp: port: got 0, …`.
 */
export function refused(write: () => unknown, problem: Partial<Problem>): string {
  const source = lineOfCaller();
  const error = thrownBy(write);
  if (!isNetpolError(error)) throw error;
  expect(error.problems).toEqual([{ ...error.problems[0], source, ...problem }]);
  expect(error.message.startsWith(`${source} `)).toBe(true);
  return error.message.slice(source.length + 1);
}

function thrownBy(write: () => unknown): unknown {
  let value: unknown;
  try {
    value = write();
  } catch (thrown) {
    return thrown;
  }
  throw new Error(`expected a refusal, but it was accepted: ${JSON.stringify(value)}`);
}

function lineOfCaller(): string {
  const [, , , frame = ''] = (new Error().stack ?? '').split('\n');
  const [, file = '', line = ''] = /\(?([^( ]+):(\d+):\d+\)?$/.exec(frame) ?? [];
  return `${relative(process.cwd(), file).split(sep).join('/')}:${line}`;
}
