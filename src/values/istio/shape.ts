/**
 * Words for the shape of a spec: what a CRD says about fields, types, limits and CEL rules.
 *
 * The tables beside each kind's checks are written in these words; a test compares them with
 * ../shared/crds path by path, so that they say neither more nor less.
 */
import { isDuration } from './duration';

/** A CEL rule of the CRD: its message, and the same condition over plain data. */
export interface Rule<T> {
  readonly message: string;
  readonly holds: (value: T) => boolean;
}

/** An object as written: field names and values. */
export type Fields = Readonly<Record<string, unknown>>;

interface Common<T> {
  readonly nullable?: true;
  readonly rules?: readonly Rule<T>[];
}

/** Bounds, inclusive: of a number, or of the length of a string, list or map. */
interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export interface ObjectShape extends Common<Fields> {
  readonly type: 'object';
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  /** Of each group at most one field may be present. */
  readonly exclusive?: readonly (readonly string[])[];
  /** Fields beyond the listed ones are kept unread (`x-kubernetes-preserve-unknown-fields`). */
  readonly open?: true;
}

export interface MapShape extends Common<Fields>, Bounds {
  readonly type: 'map';
  readonly values: Shape;
}

export interface ListShape extends Common<readonly unknown[]>, Bounds {
  readonly type: 'list';
  readonly items: Shape;
  /** No two elements may agree in this field (`x-kubernetes-list-map-keys`). */
  readonly uniqueBy?: string;
}

export interface TextShape extends Common<string>, Bounds {
  readonly type: 'string';
  readonly oneOf?: readonly string[];
  readonly pattern?: RegExp;
  readonly format?: 'byte';
}

export interface NumberShape extends Common<number>, Bounds {
  readonly type: 'integer' | 'number';
}

export interface BooleanShape {
  readonly type: 'boolean';
  readonly nullable?: true;
}

export type Shape = ObjectShape | MapShape | ListShape | TextShape | NumberShape | BooleanShape;

export const TEXT: TextShape = { type: 'string' };
export const NON_EMPTY: TextShape = { type: 'string', min: 1 };
export const BOOLEAN: BooleanShape = { type: 'boolean' };
export const INT32: NumberShape = { type: 'integer', min: -(2 ** 31), max: 2 ** 31 - 1 };
export const UINT32: NumberShape = { type: 'integer', min: 0, max: 2 ** 32 - 1 };
export const DOUBLE: NumberShape = { type: 'number' };
export const TEXTS: ListShape = { type: 'list', items: TEXT };
export const TEXT_MAP: MapShape = { type: 'map', values: TEXT };

export const DURATION: TextShape = {
  type: 'string',
  rules: [{ message: 'must be a valid duration greater than 1ms', holds: isDuration }],
};

/** A port where 0 is refused. */
export const PORT: NumberShape = {
  ...UINT32,
  rules: [{ message: 'port must be between 1-65535', holds: (port) => 0 < port && port <= 65535 }],
};

export function text(limits: Omit<TextShape, 'type'>): TextShape {
  return { type: 'string', ...limits };
}

export function choice(...oneOf: readonly string[]): TextShape {
  return { type: 'string', oneOf };
}

export function list(items: Shape, limits: Omit<ListShape, 'type' | 'items'> = {}): ListShape {
  return { type: 'list', items, ...limits };
}

export function mapOf(values: Shape, limits: Omit<MapShape, 'type' | 'values'> = {}): MapShape {
  return { type: 'map', values, ...limits };
}

export function object(
  fields: ObjectShape['fields'],
  extra: Omit<ObjectShape, 'type' | 'fields'> = {},
): ObjectShape {
  return { type: 'object', fields, ...extra };
}

export function nullable<S extends Shape>(shape: S): S {
  return { ...shape, nullable: true };
}

/** CEL's usual sentence over several fields: at most one of them is present. */
export function atMostOne(message: string, ...names: readonly string[]): Rule<Fields> {
  return { message, holds: (value) => names.filter((name) => has(value, name)).length <= 1 };
}

/** CEL's `has(self.name)`. */
export function has(value: Fields, name: string): boolean {
  return value[name] !== undefined;
}
