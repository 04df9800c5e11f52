/**
 * Values that break a shape (src/values/istio/shape.ts), one mistake at a time, at every field that
 * the shape has; and pairs of fields that may exclude each other.
 */

import { checkShape } from '../../../src/values/istio/crd';
import type { IstioProblem } from '../../../src/values/istio/field';
import { Field } from '../../../src/values/istio/field';
import type { ObjectShape, Shape } from '../../../src/values/istio/shape';
import type { Json } from './breakages';

/** A value, and what is special about it. */
type Named = readonly [what: string, value: Json];

const ODD: readonly Json[] = [
  ...[null, true, '', 'x', '80', '1s', '1us', 'http://x', 0, 1, -1, 1.5, 65535, 65536, 2 ** 32],
  ...[[], [''], [null], {}, { x: '' }, { x: null }, 'x'.repeat(400)],
];

/** Tried in turn until one meets the shape. */
const PLAUSIBLE: readonly Json[] = ['x', 80, 1, true, '1s', '/x', 'x.y', 'http://x', 'eA==', 0.5];

export function brokenShapes(shape: Shape): Named[] {
  const own = ODD.map((value): Named => [`= ${JSON.stringify(value).slice(0, 60)}`, value]);
  switch (shape.type) {
    case 'object':
      return [...own, ...brokenObjects(shape)];
    case 'list': {
      const item = plausible(shape.items);
      return [
        ...own,
        ['of two equal items', [item, item]],
        ['of 600 items', Array.from({ length: 600 }, () => item)],
        ...brokenShapes(shape.items).map(([what, value]): Named => [`[0] ${what}`, [value]]),
      ];
    }
    case 'map':
      return [
        ...own,
        ...['80', 'X y!'].map((key): Named => [`of ${key}`, { [key]: plausible(shape.values) }]),
        ...brokenShapes(shape.values).map(([what, value]): Named => [`.80 ${what}`, { 80: value }]),
      ];
    default:
      return own;
  }
}

function brokenObjects(shape: ObjectShape): Named[] {
  const base = plausible(shape) as { readonly [name: string]: Json };
  const names = Object.keys(shape.fields);
  const at = (name: string): Shape => shape.fields[name] ?? shape;
  const pairs = names.flatMap((one, index) =>
    names.slice(index + 1).map((other): Named => {
      const both = { [one]: plausible(at(one)), [other]: plausible(at(other)) };
      return [`with ${one} and ${other}`, { ...base, ...both }];
    }),
  );
  return [
    ['with an unknown field', { ...base, bogus: true }],
    ...names.map((name): Named => [`with ${name}`, { ...base, [name]: plausible(at(name)) }]),
    ...pairs,
    ...(shape.required ?? []).map((name): Named => {
      const rest = Object.entries(base).filter(([key]) => key !== name);
      return [`without ${name}`, Object.fromEntries(rest)];
    }),
    ...names.flatMap((name) =>
      brokenShapes(at(name)).map(([what, value]): Named => {
        return [`.${name} ${what}`, { ...base, [name]: value }];
      }),
    ),
  ];
}

/** The smallest value that meets the shape, where there is an obvious one. */
function plausible(shape: Shape): Json {
  switch (shape.type) {
    case 'object': {
      const required = shape.required ?? [];
      const fields = required.map((name) => [name, plausible(shape.fields[name] ?? shape)]);
      return Object.fromEntries(fields) as Json;
    }
    case 'list':
      return [plausible(shape.items)];
    case 'map':
      return { 80: plausible(shape.values) };
    case 'string':
      if (shape.oneOf?.[0] !== undefined) return shape.oneOf[0];
  }
  return PLAUSIBLE.find((value) => meets(shape, value)) ?? 'x';
}

function meets(shape: Shape, value: Json): boolean {
  const problems: IstioProblem[] = [];
  checkShape(new Field(value, '', 'crd', problems), shape);
  return problems.length === 0;
}
