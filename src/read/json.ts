/**
 * Reading fields of text that may say anything: a field of the wrong type reads as absent, and only
 * own keys count, so that a label called `constructor` is a label. Who must not miss a wrong type
 * checks the whole object first (values/network-policy-validity.ts).
 */
import type { Labels } from './cluster';
import type { Json, JsonObject } from './resource';

const EMPTY_OBJECT: JsonObject = {};
const EMPTY_LIST: readonly Json[] = [];
export const NO_LABELS: Labels = {};

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field's value; null is absent, as it is to the API server. */
export function field(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined;
}

export function objectAt(object: JsonObject, ...keys: string[]): JsonObject {
  let here = object;
  for (const key of keys) {
    const next = field(here, key);
    if (!isObject(next)) return EMPTY_OBJECT;
    here = next;
  }
  return here;
}

export function listAt(object: JsonObject, key: string): readonly Json[] {
  const value = field(object, key);
  return Array.isArray(value) ? (value as readonly Json[]) : EMPTY_LIST;
}

/** Items that are objects. */
export function objectsAt(object: JsonObject, key: string): readonly JsonObject[] {
  return listAt(object, key).filter(isObject);
}

/** Text that is not empty. */
export function textAt(object: JsonObject, key: string): string | undefined {
  const value = field(object, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function textsAt(object: JsonObject, key: string): readonly string[] {
  return listAt(object, key).filter((item) => typeof item === 'string');
}

export function numberAt(object: JsonObject, key: string): number | undefined {
  const value = field(object, key);
  return typeof value === 'number' ? value : undefined;
}

export function flagAt(object: JsonObject, key: string): boolean | undefined {
  const value = field(object, key);
  return typeof value === 'boolean' ? value : undefined;
}

/** A map of strings; entries of other types, which the API server refuses, are left out. */
export function labelsAt(object: JsonObject, key: string): Labels {
  const value = field(object, key);
  if (!isObject(value)) return NO_LABELS;
  if (isLabels(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

function isLabels(value: JsonObject): value is JsonObject & Labels {
  for (const key of Object.keys(value)) if (typeof value[key] !== 'string') return false;
  return true;
}
