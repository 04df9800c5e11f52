/**
 * The first gate: does the API server accept this spec under Istio's CRDs?
 *
 * Types, limits, enums, required fields and CEL rules, and (stricter than the server's default,
 * like `fieldValidation=Strict`) no field that the CRD does not know: it would be dropped silently.
 * Source: istio/istio:manifests/charts/base/files/crd-all.gen.yaml
 */
import { type Field, isRecord } from './field';
import type {
  ListShape,
  MapShape,
  NumberShape,
  ObjectShape,
  Rule,
  Shape,
  TextShape,
} from './shape';

/**
 * What the API server keeps of a value: it drops null, as a field and as an entry of a map, where
 * the CRD does not allow it. Items of lists stay.
 * Source: kubernetes/kubernetes:staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/prune.go
 */
export function withoutNulls(value: unknown, shape: Shape): unknown {
  switch (shape.type) {
    case 'object':
      return keptOf(value, (name) =>
        Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined,
      );
    case 'map':
      return keptOf(value, () => shape.values);
    case 'list':
      if (!Array.isArray(value)) return value;
      return Array.from(value, (item: unknown) => withoutNulls(item, shape.items));
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return value;
  }
}

function keptOf(value: unknown, shapeOf: (name: string) => Shape | undefined): unknown {
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).flatMap(([name, child]): [string, unknown][] => {
    const shape = shapeOf(name);
    if (shape === undefined) return [[name, child]];
    return child === null && !shape.nullable ? [] : [[name, withoutNulls(child, shape)]];
  });
  return Object.fromEntries(kept);
}

/** Reports everything in which the field differs from the shape. */
export function checkShape(field: Field, shape: Shape): void {
  if (field.value === null && shape.nullable) return;
  switch (shape.type) {
    case 'object':
      checkObject(field, shape);
      return;
    case 'map':
      checkMap(field, shape);
      return;
    case 'list':
      checkList(field, shape);
      return;
    case 'string':
      checkText(field, shape);
      return;
    case 'integer':
    case 'number':
      checkNumber(field, shape);
      return;
    case 'boolean':
      if (typeof field.value !== 'boolean') field.refuse('true or false');
  }
}

function checkObject(field: Field, shape: ObjectShape): void {
  if (!isRecord(field.value)) {
    field.refuse('an object');
    return;
  }
  for (const [name, child] of field.entries) {
    const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (known !== undefined) checkShape(child, known);
    else if (!shape.open) child.refuse(`one of the fields ${Object.keys(shape.fields).join(', ')}`);
  }
  for (const name of shape.required ?? []) {
    if (field.value[name] === undefined) field.at(name).refuse('a value: the field is required');
  }
  for (const group of shape.exclusive ?? []) {
    const both = group.filter((name) => isRecord(field.value) && field.value[name] !== undefined);
    if (both.length > 1) field.refuse(`only one of ${group.join(', ')}`, both);
  }
  checkRules(field, field.value, shape.rules);
}

function checkMap(field: Field, shape: MapShape): void {
  if (!isRecord(field.value)) {
    field.refuse('an object');
    return;
  }
  checkBounds(field, field.entries.length, shape, 'entries');
  for (const [, child] of field.entries) checkShape(child, shape.values);
  checkRules(field, field.value, shape.rules);
}

function checkList(field: Field, shape: ListShape): void {
  const { value } = field;
  if (!Array.isArray(value)) {
    field.refuse('a list');
    return;
  }
  checkBounds(field, value.length, shape, 'elements');
  for (const item of field.items) checkShape(item, shape.items);
  if (shape.uniqueBy !== undefined) checkUnique(field, shape.uniqueBy);
  checkRules(field, value, shape.rules);
}

function checkUnique(field: Field, key: string): void {
  const seen = new Set<unknown>();
  for (const item of field.items) {
    const child = item.at(key);
    if (seen.has(child.value)) child.refuse(`a ${key} that no element before it has`);
    seen.add(child.value);
  }
}

function checkText(field: Field, shape: TextShape): void {
  const { value } = field;
  // to the API server a list is bytes too; the webhook reads them
  if (shape.format === 'byte' && Array.isArray(value)) return;
  if (typeof value !== 'string') {
    field.refuse('a string (quote numbers and booleans)');
    return;
  }
  if (shape.oneOf !== undefined && !shape.oneOf.includes(value)) {
    field.refuse(`one of ${shape.oneOf.join(', ')}`);
  }
  // limits count characters, not UTF-16 units
  checkBounds(field, Array.from(value).length, shape, 'characters');
  if (shape.pattern !== undefined && !shape.pattern.test(value)) {
    field.refuse(`text that matches ${shape.pattern.source}`);
  }
  if (shape.format === 'byte' && !BASE64.test(value)) field.refuse('base64, not empty');
  checkRules(field, value, shape.rules);
}

const BASE64 = /^(?!$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function checkNumber(field: Field, shape: NumberShape): void {
  const { value } = field;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    field.refuse(shape.type === 'integer' ? 'an integer' : 'a number');
    return;
  }
  if (shape.type === 'integer' && !Number.isInteger(value)) field.refuse('an integer');
  checkBounds(field, value, shape, '');
  checkRules(field, value, shape.rules);
}

function checkBounds(
  field: Field,
  size: number,
  { min = -Infinity, max = Infinity }: { readonly min?: number; readonly max?: number },
  unit: string,
): void {
  if (size < min) field.refuse(`at least ${String(min)} ${unit}`.trim());
  if (size > max) field.refuse(`at most ${String(max)} ${unit}`.trim());
}

function checkRules<T>(field: Field, value: T, rules: readonly Rule<T>[] = []): void {
  for (const rule of rules) {
    if (!rule.holds(value)) field.refuse(rule.message);
  }
}
