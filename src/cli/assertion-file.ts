/**
 * A file of assertions, for people without TypeScript:
 *
 *     - allow: ml-training/bert -> mlflow/mlflow TCP/5000
 *       reason: experiment tracking
 *     - deny: reporting/* -> ml-training/*
 *
 * What is not understood is an error with its line: a typo must not make an assertion pass.
 */
import type { Place } from '../engine/result';
import { isObject } from '../read/json';
import type { FieldPath, Json, JsonObject, ReadProblem } from '../read/resource';
import { readDocuments } from '../read/yaml-documents';
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
  const { documents, problems: syntax } = readDocuments(file, { text, invalid: false });
  if (syntax.length > 0) throw new CannotAnswer(syntax.map(syntaxText));
  const [document, ...others] = documents;
  const items = Array.isArray(document?.value) ? (document.value as readonly Json[]) : [];
  if (document === undefined || others.length > 0 || items.length === 0) {
    throw new CannotAnswer([`${file}: got no assertions, expected a list of - allow: ${FORM}`]);
  }
  const problems: string[] = [];
  const assertions = items.flatMap((item, index) => {
    try {
      return [assertionOf(item, (...path) => document.source.locate([index, ...path]))];
    } catch (thrown) {
      if (!(thrown instanceof CannotAnswer)) throw thrown;
      problems.push(...thrown.lines);
      return [];
    }
  });
  if (problems.length > 0) throw new CannotAnswer(problems);
  return assertions;
}

function syntaxText({ at, code, got, expected }: ReadProblem): string {
  // a key that stands twice is YAML for some, and here most likely an assertion without its dash
  if (code === 'duplicate-key')
    return `${at.file}:${at.line}: got ${got} again, expected ${expected}`;
  return `${at.file}:${at.line}: no YAML: ${expected.replace(/^YAML: /, '')}`;
}

/** Where an assertion stands, or one of its keys. */
type PlaceOf = (...path: FieldPath) => Place;

function assertionOf(item: Json, placeOf: PlaceOf): Assertion {
  const at = placeOf();
  const where = `${at.file}:${at.line}`;
  if (!isObject(item)) wrong(where, 'assertion', `allow: or deny: ${FORM}`);
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

function membersOf(object: JsonObject, placeOf: PlaceOf): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(object).map(([name, text]) => {
      const { file, line } = placeOf(name);
      if (!KEYS.includes(name)) {
        const expected = `${KEYS.join(', ')}${didYouMean(name, KEYS)}`;
        wrong(`${file}:${line}`, `key ${JSON.stringify(name)}`, `one of ${expected}`);
      }
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
