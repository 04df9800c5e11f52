/**
 * A file of assertions, for people without TypeScript:
 *
 *     - allow: ml-training/bert -> mlflow/mlflow TCP/5000
 *       reason: experiment tracking
 *     - deny: reporting/* -> ml-training/*
 *
 * What is not understood is an error with its line: a typo must not make an assertion pass.
 */
import type { Node, YAMLMap, YAMLParseError } from 'yaml';
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Place } from '../engine/result';
import { CannotAnswer, didYouMean } from './cannot-answer';
import type { Port, Request } from './connection';
import { parsePort, parseRequest } from './connection';

export interface Assertion {
  readonly expect: 'allow' | 'deny';
  readonly from: string;
  readonly to: string;
  /** Absent: nothing at all may pass. */
  readonly port?: Port;
  /** Absent: every request. */
  readonly request?: Request;
  readonly reason?: string;
  /** As it was written. */
  readonly text: string;
  readonly at: Place;
}

const KEYS = ['allow', 'deny', 'reason'];
const FORM = '"from -> to PROTO/PORT [METHOD path]"';

/** Reads one file; all that is wrong with it is told at once. */
export function parseAssertions(file: string, text: string): readonly Assertion[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [document, ...others] = Array.isArray(documents) ? documents : [];
  const syntax = Array.isArray(documents) ? documents.flatMap(({ errors }) => errors) : [];
  if (syntax.length > 0) throw new CannotAnswer(syntax.map((error) => syntaxText(file, error)));
  const root = document?.contents;
  if (others.length > 0 || !isSeq<Node>(root) || root.items.length === 0) {
    throw new CannotAnswer([`${file}: got no assertions, expected a list of - allow: ${FORM}`]);
  }
  const problems: string[] = [];
  const assertions = root.items.flatMap((item) => {
    try {
      return [assertionOf(item, placeOf)];
    } catch (thrown) {
      if (!(thrown instanceof CannotAnswer)) throw thrown;
      problems.push(...thrown.lines);
      return [];
    }
  });
  if (problems.length > 0) throw new CannotAnswer(problems);
  return assertions;
}

/** The parser says the place in words, and shows the lines below. */
function syntaxText(
  file: string,
  { message, linePos }: Pick<YAMLParseError, 'message' | 'linePos'>,
): string {
  const [place] = linePos ?? [];
  const [first = ''] = message.split('\n');
  return `${file}:${place?.line ?? 1}: no YAML: ${first.replace(/ at line \d+, column \d+:?$/, '')}`;
}

function assertionOf(item: Node, placeOf: (offset: number) => Place): Assertion {
  const at = placeOf(item.range?.[0] ?? 0);
  const where = `${at.file}:${at.line}`;
  if (!isMap(item)) wrong(where, 'assertion', `allow: or deny: ${FORM}`);
  const members = membersOf(item, placeOf);
  const expect = members.has('allow') ? 'allow' : 'deny';
  const text = members.get(expect);
  if (text === undefined || (members.has('allow') && members.has('deny'))) {
    wrong(where, 'assertion', 'either allow or deny');
  }
  const reason = members.get('reason');
  return {
    expect,
    ...flowOf(where, expect, text),
    ...(reason === undefined ? {} : { reason }),
    text: `${expect} ${text}`,
    at,
  };
}

function membersOf(map: YAMLMap, placeOf: (offset: number) => Place): ReadonlyMap<string, string> {
  return new Map(
    map.items.map(({ key, value }) => {
      const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
      const { file, line } = placeOf(offset);
      const name = isScalar(key) ? String(key.value) : '';
      if (!KEYS.includes(name)) {
        const expected = `${KEYS.join(', ')}${didYouMean(name, KEYS)}`;
        wrong(`${file}:${line}`, `key ${JSON.stringify(name)}`, `one of ${expected}`);
      }
      const text: unknown = isScalar(value) ? value.value : undefined;
      if (typeof text !== 'string' || text.trim() === '') wrong(`${file}:${line}`, name, 'a text');
      return [name, text.trim()];
    }),
  );
}

function flowOf(
  where: string,
  expect: 'allow' | 'deny',
  text: string,
): Pick<Assertion, 'from' | 'to' | 'port' | 'request'> {
  const [, from, to, port, request] =
    /^(\S+)\s+->\s+(\S+)(?:\s+(\S+)(?:\s+(\S.*))?)?$/.exec(text) ?? [];
  if (from === undefined || to === undefined) wrong(where, JSON.stringify(text), FORM);
  if (port === undefined) {
    return expect === 'deny'
      ? { from, to }
      : wrong(where, JSON.stringify(text), `${FORM} with a port`);
  }
  return {
    from,
    to,
    port: parsePort(where, port),
    ...(request === undefined ? {} : { request: parseRequest(where, request) }),
  };
}

function wrong(where: string, got: string, expected: string): never {
  throw new CannotAnswer([`${where}: got ${got}, expected ${expected}`]);
}
