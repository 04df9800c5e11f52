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
export type Check = (value: unknown, field: string) => readonly FieldProblem[];

/** The fields of an object whose names are all known. */
export type Fields = Readonly<Record<string, unknown>>;

/** A rule over text, as in `names.ts`: undefined when it is met, else the rule in words. */
type TextRule = (text: string) => string | undefined;

/** 256 KiB of keys and values together, in UTF-8. */
const ANNOTATIONS_LIMIT = 256 * 1024;

const FINE: readonly FieldProblem[] = [];

/** Any value of any type. */
export const anything: Check = () => FINE;

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
  ...relations: ((fields: Fields, at: string) => readonly FieldProblem[])[]
): Check {
  const names = Object.keys(table);
  const entries = Object.entries(table).map(([name, entry]) => {
    const isOptional = typeof entry === 'function';
    return { name, isOptional, check: isOptional ? entry : entry.required };
  });
  return (value, at) => {
    const given = value ?? {};
    if (!isPlainObject(given)) return fieldProblem(at, value, 'an object');
    const unknown = unknownFields(given, names);
    const problems: FieldProblem[] = [...unknown];
    for (const { name, isOptional, check } of entries) {
      if (isOptional && isAbsent(given[name])) continue;
      problems.push(...below(() => memberPath('', name), check(given[name], '')));
    }
    if (unknown.length === 0) for (const judge of relations) problems.push(...judge(given, ''));
    return below(() => at, problems);
  };
}

/** A list; each item is checked at `field[index]`. */
export function list(item: Check): Check {
  return (value, field) => {
    if (isAbsent(value)) return FINE;
    if (!Array.isArray(value)) return fieldProblem(field, value, 'a list');
    const problems: FieldProblem[] = [];
    for (const [index, each] of (value as unknown[]).entries()) {
      problems.push(...below(() => `${field}[${String(index)}]`, item(each, '')));
    }
    return problems;
  };
}

/** Keys and texts, such as labels. A wrong key stands at its entry too, and is what it got. */
export function map(keyRule: TextRule, textRule: TextRule): Check {
  const [checkKey, checkText] = [text(keyRule), text(textRule)];
  return (value, field) => {
    if (isAbsent(value)) return FINE;
    if (!isPlainObject(value)) return fieldProblem(field, value, 'an object of strings');
    const problems: FieldProblem[] = [];
    for (const key of Object.keys(value)) {
      const entry = value[key];
      if (entry === undefined) continue;
      const own = [...checkKey(key, ''), ...checkText(entry, '')];
      problems.push(...below(() => memberPath(field, key), own));
    }
    return problems;
  };
}

/** A string that meets a rule. */
export function text(rule: TextRule): Check {
  return (value, field) => {
    const given = value ?? '';
    const expected =
      typeof given === 'string' ? rule(given) : 'a string (quote numbers and booleans)';
    return expected === undefined ? FINE : fieldProblem(field, value, expected);
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

function annotations(value: unknown, field: string): readonly FieldProblem[] {
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

function unknownFields(given: Fields, names: readonly string[]): readonly FieldProblem[] {
  return Object.keys(given)
    .filter((name) => !names.includes(name) && given[name] !== undefined)
    .flatMap((name) =>
      fieldProblem(memberPath('', name), given[name], `no such field, but ${suggest(name, names)}`),
    );
}

/**
 * Problems of a part, as problems of the whole. Most objects have none: paths are put together only
 * where something is wrong, for they would cost more than all the rules.
 */
function below(place: () => string, problems: readonly FieldProblem[]): readonly FieldProblem[] {
  if (problems.length === 0) return FINE;
  const at = place();
  return problems.map(({ field, ...problem }) => ({ field: joined(at, field), ...problem }));
}

function joined(at: string, field: string): string {
  if (at === '' || field === '') return at + field;
  return field.startsWith('[') ? at + field : `${at}.${field}`;
}

function suggest(word: string, vocabulary: readonly string[]): string {
  const meant = nearMiss(word, vocabulary);
  const question = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `one of ${vocabulary.join(', ')}${question}`;
}

/** Where a field of an object stands. */
export function memberPath(at: string, name: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(name)) return `${at}[${JSON.stringify(name)}]`;
  return at === '' ? name : `${at}.${name}`;
}

/** What JSON can say, whichever realm it was made in: the prototype is a root, or there is none. */
function isPlainObject(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
