/**
 * Findings that somebody accepted, with a reason. They stand in annotations of the object, or of its
 * namespace, or in a file. The same words in several places are one acknowledgement: used anywhere,
 * it is used.
 */
import { field, isObject, objectAt, textAt } from '../read/json';
import { readDocuments } from '../read/yaml-documents';
import type { Json, Position, ReadProblem, Resource } from '../read/resource';
import { objectName } from '../engine/evidence';
import type { Place } from '../engine/result';
import type { AcknowledgementData } from '../values/acknowledgement';
import { ACKNOWLEDGE, parseAcknowledgements, RULE_CODE } from '../values/acknowledgement';
import { isIsoDate } from '../values/iso-date';

export interface Acknowledgement extends AcknowledgementData {
  readonly at: Place;
  /** `NetworkPolicy llm-serving/default-deny`; absent: every object of the namespace. */
  readonly object?: string;
  /** Absent with `object` absent: every object there is. */
  readonly namespace?: string;
}

export interface Acknowledged {
  readonly acknowledgements: readonly Acknowledgement[];
  readonly problems: readonly ReadProblem[];
}

const FORM = '`MLN203: reason` or `MLN203 until 2027-06-30: reason`, several with ; between them';

/** Those in annotations. */
export function annotated(resources: readonly Resource[]): Acknowledged {
  const acknowledgements: Acknowledgement[] = [];
  const problems: ReadProblem[] = [];
  for (const resource of resources) {
    const annotations = objectAt(resource.object, 'metadata', 'annotations');
    const value = field(annotations, ACKNOWLEDGE);
    if (value === undefined) continue;
    const at = placeIn(resource);
    const parts = parseAcknowledgements(typeof value === 'string' ? value : '');
    if (parts.length === 0) problems.push(malformed(at, JSON.stringify(value)));
    for (const { text, data } of parts) {
      if (data === undefined) problems.push(malformed(at, text));
      else acknowledgements.push({ ...data, at, ...scopeOf(resource) });
    }
  }
  return withoutContradictions(acknowledgements, problems);
}

/** Those of a YAML or JSON file: a list of `{code, object?, namespace?, reason, expires?}`. */
export function readAcknowledgements(file: string, text: string): Acknowledged {
  const { documents, problems: found } = readDocuments(file, { text, invalid: false });
  const problems = [...found];
  const acknowledgements: Acknowledgement[] = [];
  for (const { value, source } of documents) {
    if (value === null) continue;
    if (!Array.isArray(value)) {
      problems.push(notOne(source.locate([]), value));
      continue;
    }
    for (const [index, item] of (value as readonly Json[]).entries()) {
      const entry = entryOf(item, source.locate([index]));
      if (entry === undefined) problems.push(notOne(source.locate([index]), item));
      else acknowledgements.push(entry);
    }
  }
  return withoutContradictions(acknowledgements, problems);
}

/** Whether it means an object. */
export function isAbout(one: Acknowledgement, object: string): boolean {
  if (one.object !== undefined) return one.object === object;
  if (one.namespace === undefined) return true;
  return object === `Namespace ${one.namespace}` || namespaceOf(object) === one.namespace;
}

/** The narrower counts first: an object's own words before its namespace's before everybody's. */
export function breadth({ object, namespace }: Acknowledgement): number {
  if (object !== undefined) return 0;
  return namespace === undefined ? 2 : 1;
}

/** Equal for acknowledgements that say the same, wherever they stand. */
export function words({ code, reason, expires = '' }: Acknowledgement): string {
  return JSON.stringify([code, reason, expires]);
}

/** `NetworkPolicy llm-serving/default-deny` -> `llm-serving` */
function namespaceOf(object: string): string | undefined {
  const [, namespace] = /^\S+ ([^/]+)\//.exec(object) ?? [];
  return namespace;
}

function placeIn(resource: Resource): Place {
  const at = resource.locate(['metadata', 'annotations', ACKNOWLEDGE]);
  const { constructPath } = resource;
  return constructPath === undefined ? at : { ...at, constructPath };
}

function scopeOf(resource: Resource): Pick<Acknowledgement, 'object' | 'namespace'> {
  const isNamespace = resource.kind === 'Namespace' && resource.apiVersion === 'v1';
  return isNamespace ? { namespace: resource.name } : { object: objectName(resource) };
}

const KEYS = ['code', 'object', 'namespace', 'reason', 'expires'];

function entryOf(item: Json, at: Position): Acknowledgement | undefined {
  if (!isObject(item) || Object.keys(item).some((key) => !KEYS.includes(key))) return undefined;
  const texts = Object.fromEntries(KEYS.map((key) => [key, textAt(item, key)]));
  const { code, reason, object, namespace, expires } = texts;
  // what stands there and is no text would widen the entry if it were left out
  if (KEYS.some((key) => field(item, key) !== undefined && texts[key] === undefined))
    return undefined;
  if (code === undefined || !RULE_CODE.test(code) || reason === undefined) return undefined;
  if (expires !== undefined && !isIsoDate(expires)) return undefined;
  if (object !== undefined && namespace !== undefined) return undefined;
  return {
    ...{ code, reason, at },
    ...(object !== undefined && { object }),
    ...(namespace !== undefined && { namespace }),
    ...(expires !== undefined && { expires }),
  };
}

/** One code twice for one thing, in other words: whose reason counts? */
function withoutContradictions(
  all: readonly Acknowledgement[],
  problems: readonly ReadProblem[],
): Acknowledged {
  const known = new Map<string, Acknowledgement>();
  const contradictions: ReadProblem[] = [];
  for (const one of all) {
    const key = JSON.stringify([one.code, one.object, one.namespace]);
    const first = known.get(key);
    if (first === undefined) known.set(key, one);
    else if (words(first) !== words(one)) contradictions.push(twice(one, first));
  }
  return { acknowledgements: [...known.values()], problems: [...problems, ...contradictions] };
}

function malformed(at: Position, got: string): ReadProblem {
  return {
    code: 'acknowledgement-malformed',
    at,
    got,
    expected: FORM,
    fix: `${ACKNOWLEDGE}: 'MLN203: why it is accepted'`,
  };
}

function notOne(at: Position, got: Json): ReadProblem {
  return {
    code: 'acknowledgement-malformed',
    at,
    got: JSON.stringify(got).slice(0, 80),
    expected:
      'a list of {code: MLN203, reason, expires?: 2027-06-30} with object or namespace, or neither',
    fix: "- {code: MLN203, object: NetworkPolicy llm-serving/default-deny, reason: 'why'}",
  };
}

function twice(one: Acknowledgement, first: Acknowledgement): ReadProblem {
  return {
    code: 'acknowledgement-twice',
    at: one.at,
    got: `${one.code} again, with another reason or date`,
    expected: `once; it stands at ${first.at.file}:${first.at.line} already, and that one counts`,
    fix: 'leave one of the two',
  };
}
