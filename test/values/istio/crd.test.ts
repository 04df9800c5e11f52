/**
 * Do the shapes beside the checks say what Istio's CRDs say, no more and no less? Both are brought
 * into one form and compared field by field.
 */

import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { checkShape } from '../../../src/values/istio/crd';
import { Field, type IstioProblem } from '../../../src/values/istio/field';
import { ISTIO_KINDS } from '../../../src/values/istio';
import {
  INT32,
  TEXT,
  choice,
  list,
  mapOf,
  nullable,
  object,
  text,
  type Shape,
} from '../../../src/values/istio/shape';
import { describeShared, sharedPath } from '../../shared';

interface OpenApi {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, OpenApi>>;
  readonly additionalProperties?: OpenApi;
  readonly items?: OpenApi;
  readonly required?: readonly string[];
  readonly oneOf?: readonly OpenApi[];
  readonly allOf?: readonly OpenApi[];
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly nullable?: boolean;
  readonly [keyword: string]: unknown;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: OpenApi };
    }[];
  };
}

describeShared('shapes', () => {
  const crds = ['security', 'networking'].flatMap((group) => {
    const file = sharedPath('crds', `${group}.istio.io.yaml`);
    return parseAllDocuments(readFileSync(file, 'utf8')).map(
      (document) => (document.toJS() as Crd).spec,
    );
  });

  test.each(ISTIO_KINDS)('$kind is what the CRD says', ({ kind, group, versions, ...rest }) => {
    const crd = crds.find(({ names }) => names.kind === kind);
    const schema = crd?.versions[0]?.schema.openAPIV3Schema;
    expect(crd?.group).toBe(group);
    expect(versions).toContain(crd?.versions[0]?.name);
    expect(rest.specRequired ?? false).toBe(schema?.required?.includes('spec') ?? false);
    expect(fromShape(rest.shape)).toEqual(fromOpenApi(schema?.properties?.['spec'] ?? {}));
  });

  test('cover every kind of both groups', () => {
    const kinds = crds.map(({ names }) => names.kind);
    expect(ISTIO_KINDS.map(({ kind }) => kind)).toEqual(kinds.sort());
  });
});

describe('checkShape', () => {
  const check = (shape: Shape, value: unknown): readonly string[] => {
    const problems: IstioProblem[] = [];
    checkShape(new Field(value, 'spec', 'crd', problems), shape);
    return problems.map(({ field, expected }) => `${field}: ${expected}`);
  };

  test('refuses null unless the field is nullable', () => {
    expect(check(nullable(INT32), null)).toEqual([]);
    expect(check(INT32, null)).toEqual(['spec: an integer']);
  });

  test('refuses values of another type', () => {
    expect(check(TEXT, 8080)).toEqual(['spec: a string (quote numbers and booleans)']);
    expect(check(INT32, 1.5)).toEqual(['spec: an integer']);
    expect(check(INT32, 2 ** 31)).toEqual(['spec: at most 2147483647']);
    expect(check(list(TEXT), {})).toEqual(['spec: a list']);
    expect(check(object({}), [])).toEqual(['spec: an object']);
  });

  test('counts characters, elements and entries', () => {
    expect(check(text({ max: 1 }), '😀')).toEqual([]);
    expect(check(text({ min: 1 }), '')).toEqual(['spec: at least 1 characters']);
    expect(check(list(TEXT, { max: 1 }), ['a', 'b'])).toEqual(['spec: at most 1 elements']);
    expect(check(mapOf(TEXT, { min: 1 }), {})).toEqual(['spec: at least 1 entries']);
  });

  test('knows enums, required, exclusive and unknown fields', () => {
    const shape = object(
      { mode: choice('STRICT'), a: TEXT, b: TEXT },
      { required: ['mode'], exclusive: [['a', 'b']] },
    );
    expect(check(shape, { mode: 'strict' })).toEqual(['spec.mode: one of STRICT']);
    expect(check(shape, { a: '', b: '', c: 1 })).toEqual([
      'spec.c: one of the fields mode, a, b',
      'spec.mode: a value: the field is required',
      'spec: only one of a, b',
    ]);
  });

  test('reads absent properties and holes as the API server does', () => {
    expect(check(object({ a: TEXT }), { a: undefined })).toEqual([]);
    expect(check(list(TEXT), Array(1))).toEqual(['spec[0]: a string (quote numbers and booleans)']);
  });
});

/** One form for both, without order and without what says nothing. */
function fromShape(shape: Shape): unknown {
  const { nullable: isNullable, type } = shape;
  const rules = 'rules' in shape ? shape.rules?.map(({ message }) => message).sort() : undefined;
  const common = { type, nullable: isNullable, rules };
  switch (shape.type) {
    case 'object':
      return {
        ...common,
        fields: mapValues(shape.fields, fromShape),
        required: sorted(shape.required),
        exclusive: shape.exclusive?.map(sorted),
        open: shape.open,
      };
    case 'map':
      return { ...common, values: fromShape(shape.values), ...bounds(shape.min, shape.max) };
    case 'list':
      return {
        ...common,
        items: fromShape(shape.items),
        uniqueBy: shape.uniqueBy,
        ...bounds(shape.min, shape.max),
      };
    case 'string':
      return {
        ...common,
        oneOf: sorted(shape.oneOf),
        pattern: shape.pattern?.source,
        format: shape.format,
        ...bounds(shape.min, shape.max),
      };
    case 'integer':
    case 'number':
      return { ...common, ...bounds(shape.min, shape.max) };
    case 'boolean':
      return common;
  }
}

function fromOpenApi(schema: OpenApi): unknown {
  const rules = schema['x-kubernetes-validations'] as { readonly message: string }[] | undefined;
  const common = {
    nullable: schema.nullable,
    rules: rules?.map(({ message }) => message).sort(),
  };
  const limit = (keyword: string) => bounds(schema[`min${keyword}`], schema[`max${keyword}`]);
  switch (schema.type) {
    case 'object':
      if (schema.additionalProperties !== undefined) {
        const values = fromOpenApi(schema.additionalProperties);
        return { ...common, type: 'map', values, ...limit('Properties') };
      }
      return {
        ...common,
        type: 'object',
        fields: mapValues(schema.properties ?? {}, fromOpenApi),
        required: sorted(schema.required),
        exclusive: exclusive(schema),
        open: schema['x-kubernetes-preserve-unknown-fields'],
      };
    case 'array':
      return {
        ...common,
        type: 'list',
        items: fromOpenApi(schema.items ?? {}),
        uniqueBy: (schema['x-kubernetes-list-map-keys'] as string[] | undefined)?.[0],
        ...limit('Items'),
      };
    case 'string':
      return {
        ...common,
        type: 'string',
        oneOf: sorted(schema.enum),
        pattern: schema.pattern && new RegExp(schema.pattern).source,
        format: schema.format,
        ...limit('Length'),
      };
    case 'integer':
      return {
        ...common,
        type: 'integer',
        ...(schema.format === 'int32' ? bounds(INT32.min, INT32.max) : limit('imum')),
      };
    default:
      return { ...common, type: schema.type, ...(schema.type === 'number' ? limit('imum') : {}) };
  }
}

/** `oneOf: [{ not: { anyOf: […] } }, { required: [a] }, { required: [b] }]`: at most one of a, b. */
function exclusive(schema: OpenApi): unknown {
  const groups = [schema, ...(schema.allOf ?? [])]
    .map(({ oneOf }) => sorted(oneOf?.flatMap(({ required }) => required ?? [])) ?? [])
    .filter(({ length }) => length > 1);
  return groups.length === 0 ? undefined : groups;
}

function bounds(min: unknown, max: unknown): object {
  return { min, max };
}

function sorted(names: readonly string[] | undefined): readonly string[] | undefined {
  return names && [...names].sort();
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  convert: (value: T) => unknown,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));
}
