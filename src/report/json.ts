/**
 * The result itself, as docs/result.schema.json says. One line for each member of the long lists: such
 * a file is streamed, and two of them can be compared line by line.
 */
import type { Report, Reported } from './report';

/** Members of a result in the order in which they are written; others follow. */
const ORDER = ['version', 'query', 'counts', 'workloads', 'connections'];
/** What is wrong with the answer itself stands last, where it is seen. */
const LAST = ['notAnalyzed', 'problems'];

/** A piece of text is written at once; larger ones save calls. */
const PIECE = 64 * 1024;

export const json: Report = {
  mediaType: 'application/json',
  *render(result) {
    let piece = '';
    for (const text of textsOf(result)) {
      piece += text;
      if (piece.length < PIECE) continue;
      yield piece;
      piece = '';
    }
    yield piece;
  },
};

function* textsOf(result: Reported): Generator<string> {
  const members = new Map<string, unknown>(Object.entries(result));
  const between = [...members.keys()].filter((key) => !ORDER.includes(key) && !LAST.includes(key));
  let separator = '{\n';
  for (const key of [...ORDER, ...between, ...LAST]) {
    const value = members.get(key);
    if (value === undefined) continue;
    yield `${separator}  ${JSON.stringify(key)}: `;
    yield* valueTexts(value);
    separator = ',\n';
  }
  yield '\n}\n';
}

function* valueTexts(value: unknown): Generator<string> {
  if (!isIterable(value)) {
    yield JSON.stringify(value);
    return;
  }
  let separator = '[\n';
  for (const member of value) {
    yield `${separator}    ${JSON.stringify(member)}`;
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]' : '\n  ]';
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
