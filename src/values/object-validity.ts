/**
 * What every Kubernetes object must meet before the rules of its kind count: fields that exist, of
 * the type that the API server decodes, and metadata. A kind's file is a table of these checks.
 *
 * Reads as the API server does under strict field validation: null is absent, and the empty value
 * in lists and maps; field names are case-sensitive; what only servers set is not looked at. Only
 * plain data passes: a Map, a Date or a class instance would be written as something else.
 * Source: kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go;
 * answers compared with k8s.io/kubernetes v1.36.3
 */
import {
  expectedDnsLabel,
  expectedDnsSubdomain,
  expectedLabelKey,
  expectedLabelValue,
} from './names';
import { nearMiss } from './near-miss';

/** One field that the API server would refuse or drop. */
export interface FieldProblem {
  /** `spec.ingress[0].ports[0].port`; `metadata.labels["team/owner"]`. */
  readonly field: string;
  /** Undefined for a field that is missing. */
  readonly got: unknown;
  /** The rule that the value must meet. */
  readonly expected: string;
}

/** What is wrong with a value; `field` is where it stands. Takes any value, never throws. */
export type Check = (value: unknown, field: string) => FieldProblem[];

/** The fields of an object whose names are all known. */
export type Fields = Readonly<Record<string, unknown>>;

/** A rule over text, as in `names.ts`: undefined when it is met, else the rule in words. */
type TextRule = (text: string) => string | undefined;

/** 256 KiB of keys and values together, in UTF-8. */
const ANNOTATIONS_LIMIT = 256 * 1024;

/** Any value of any type. */
export const anything: Check = () => [];

/** A list of one problem. */
export function fieldProblem(field: string, got: unknown, expected: string): FieldProblem[] {
  return [{ field, got, expected }];
}

/**
 * An object with these fields and no others. An absent field is checked only where the table says
 * `required`; relations between fields are judged once every field is a known one.
 */
export function object(
  table: Readonly<Record<string, Check | { readonly required: Check }>>,
  ...relations: ((fields: Fields, at: string) => FieldProblem[])[]
): Check {
  const names = Object.keys(table);
  return (value, at) => {
    const given = value ?? {};
    if (!isPlainObject(given)) return fieldProblem(at, value, 'an object');
    const unknown = unknownFields(given, names, at);
    const known = Object.entries(table).flatMap(([name, entry]) => {
      const check = typeof entry === 'function' ? entry : entry.required;
      const skipped = isAbsent(given[name]) && check === entry;
      return skipped ? [] : check(given[name], memberPath(at, name));
    });
    const related = unknown.length > 0 ? [] : relations.flatMap((relation) => relation(given, at));
    return [...unknown, ...known, ...related];
  };
}

/** A list; each item is checked at `field[index]`. */
export function list(item: Check): Check {
  return (value, field) => {
    if (isAbsent(value)) return [];
    if (!Array.isArray(value)) return fieldProblem(field, value, 'a list');
    const items: unknown[] = Array.from<unknown>(value);
    return items.flatMap((each, index) => item(each, `${field}[${String(index)}]`));
  };
}

/** Keys and texts, such as labels. A wrong key stands at its entry too, and is what it got. */
export function map(keyRule: TextRule, textRule: TextRule): Check {
  const [checkKey, checkText] = [text(keyRule), text(textRule)];
  return (value, field) => {
    if (isAbsent(value)) return [];
    if (!isPlainObject(value)) return fieldProblem(field, value, 'an object of strings');
    return Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .flatMap(([key, entry]) => [
        ...checkKey(key, memberPath(field, key)),
        ...checkText(entry, memberPath(field, key)),
      ]);
  };
}

/** A string that meets a rule. */
export function text(rule: TextRule): Check {
  return (value, field) => {
    const given = value ?? '';
    const expected =
      typeof given === 'string' ? rule(given) : 'a string (quote numbers and booleans)';
    return expected === undefined ? [] : fieldProblem(field, value, expected);
  };
}

/** One of these words. */
export function oneOf(...words: string[]): Check {
  return text((given) => (words.includes(given) ? undefined : suggest(given, words)));
}

/** Absent to the API server. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** `metadata` of a namespaced object. An absent namespace is the one that the object is sent to. */
export const namespacedMetadata: Check = object(
  {
    name: text((name) => (name === '' ? undefined : expectedDnsSubdomain(name))),
    // a suffix follows, so that a dash may stand at the end
    generateName: text((prefix) => expectedDnsSubdomain(prefix.replace(/-$/, '0'))),
    namespace: text((namespace) => (namespace === '' ? undefined : expectedDnsLabel(namespace))),
    labels: map(expectedLabelKey, expectedLabelValue),
    annotations,
    ownerReferences: anything,
    finalizers: anything,
    uid: anything,
    resourceVersion: anything,
    generation: anything,
    creationTimestamp: anything,
    deletionTimestamp: anything,
    deletionGracePeriodSeconds: anything,
    managedFields: anything,
    selfLink: anything,
  },
  ({ name = '', generateName = '' }, at) =>
    [name, generateName].every((given) => given === '' || given === null)
      ? fieldProblem(memberPath(at, 'name'), name === '' ? undefined : name, 'a name')
      : [],
);

function annotations(value: unknown, field: string): FieldProblem[] {
  // keys are label keys but for their case: ValidateAnnotations lowers it first
  const problems = map(
    (key) => expectedLabelKey(key.toLowerCase()),
    () => undefined,
  )(value, field);
  if (problems.length > 0 || isAbsent(value)) return problems;
  const size = Object.entries(value).reduce(
    (sum, [key, entry]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(entry ?? '')),
    0,
  );
  if (size <= ANNOTATIONS_LIMIT) return [];
  const expected = `at most ${ANNOTATIONS_LIMIT} bytes of keys and values together`;
  return fieldProblem(field, `${size} bytes`, expected);
}

function unknownFields(given: Fields, names: readonly string[], at: string): FieldProblem[] {
  return Object.entries(given)
    .filter(([name, value]) => value !== undefined && !names.includes(name))
    .flatMap(([name, value]) =>
      fieldProblem(memberPath(at, name), value, `no such field, but ${suggest(name, names)}`),
    );
}

function suggest(word: string, vocabulary: readonly string[]): string {
  const meant = nearMiss(word, vocabulary);
  const question = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `one of ${vocabulary.join(', ')}${question}`;
}

function memberPath(at: string, name: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(name)) return `${at}[${JSON.stringify(name)}]`;
  return at === '' ? name : `${at}.${name}`;
}

/** What JSON can say, whichever realm it was made in: the prototype is a root, or there is none. */
function isPlainObject(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
