/** Questions as JSON lines. Every line is checked; what is wrong is told with its line, all at once. */
import type { Question } from './analysis';
import { CannotAnswer, didYouMean, messageOf } from './cannot-answer';
import { isPort, protocolOf } from './connection';
import type { Names } from './names';

const KEYS = ['from', 'to', 'protocol', 'port', 'method', 'path', 'host', 'headers', 'jwt'];

type Members = Readonly<Record<string, unknown>>;

export function parseQuestions(file: string, text: string, names: Names): readonly Question[] {
  const problems: string[] = [];
  const questions: Question[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    try {
      questions.push(questionOf(`${file}:${index + 1}`, line, names));
    } catch (thrown) {
      if (!(thrown instanceof CannotAnswer)) throw thrown;
      problems.push(...thrown.lines);
    }
  });
  if (problems.length > 0) throw new CannotAnswer(problems);
  if (questions.length === 0) {
    throw new CannotAnswer([`${file}: got no questions, expected one JSON object a line`]);
  }
  return questions;
}

function questionOf(where: string, line: string, names: Names): Question {
  const members = membersOf(where, line);
  const { port, protocol = 'TCP' } = members;
  const word = typeof protocol === 'string' ? protocolOf(protocol) : undefined;
  if (word === undefined) wrong(where, 'protocol', protocol, 'TCP, UDP or SCTP');
  if (!isPort(port)) wrong(where, 'port', port, 'a number from 1 to 65535');
  const { jwt } = members;
  if (isGiven(jwt) && !isObject(jwt)) wrong(where, 'jwt', jwt, 'an object of claims');
  return {
    from: names.one(`${where}: from`, textOf(where, 'from', members['from'])),
    to: names.called(`${where}: to`, textOf(where, 'to', members['to'])),
    protocol: word,
    port,
    ...optionalText(where, 'method', members),
    ...optionalText(where, 'path', members),
    ...optionalText(where, 'host', members),
    ...headersOf(where, members['headers']),
    ...(isObject(jwt) ? { jwt } : {}),
  };
}

function membersOf(where: string, line: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new CannotAnswer([`${where}: no JSON: ${messageOf(cause)}`]);
  }
  if (!isObject(value)) wrong(where, 'question', value, `an object with ${KEYS.join(', ')}`);
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    wrong(where, 'key', unknown, `one of ${KEYS.join(', ')}${didYouMean(unknown, KEYS)}`);
  }
  return value;
}

function headersOf(where: string, headers: unknown): Pick<Question, 'headers'> {
  if (!isGiven(headers)) return {};
  if (!isObject(headers)) wrong(where, 'headers', headers, 'an object of strings');
  const entries = Object.entries(headers).map(([name, value]) => {
    return [name.toLowerCase(), textOf(where, `headers.${name}`, value)] as const;
  });
  return { headers: Object.fromEntries(entries) };
}

function optionalText<K extends 'method' | 'path' | 'host'>(
  where: string,
  key: K,
  members: Members,
): { readonly [key in K]?: string } {
  const value = members[key];
  return isGiven(value) ? ({ [key]: textOf(where, key, value) } as { [key in K]?: string }) : {};
}

function textOf(where: string, key: string, value: unknown): string {
  return typeof value === 'string' ? value : wrong(where, key, value, 'a string');
}

function wrong(where: string, key: string, got: unknown, expected: string): never {
  const text = got === undefined ? 'nothing' : JSON.stringify(got);
  throw new CannotAnswer([`${where}: ${key}: got ${text}, expected ${expected}`]);
}

/** JSON has no undefined: null says the same. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
