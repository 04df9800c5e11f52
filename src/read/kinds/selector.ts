/**
 * Label selectors as the API writes them -> plain data with sorted keys, so that equal selectors are
 * equal text. What the API server refuses is left out here; whoever decodes a policy knows of it
 * already and says that the policy is unclear.
 */
import type { SelectorData, SelectorExpression, SelectorOperator } from '../../values/selector';
import { EVERYTHING } from '../../values/selector';
import { field, isObject, labelsAt, objectsAt, textAt, textsAt } from '../json';
import type { Json, JsonObject } from '../resource';

const OPERATORS: readonly SelectorOperator[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** The selector at a field; absent where it is absent or null. */
export function selectorAt(object: JsonObject, key: string): SelectorData | undefined {
  const value = field(object, key);
  return value === undefined ? undefined : selectorOf(value);
}

export function selectorOf(value: Json): SelectorData {
  if (!isObject(value)) return EVERYTHING;
  return {
    matchLabels: sortedByKey(labelsAt(value, 'matchLabels')),
    matchExpressions: sortedByJson(objectsAt(value, 'matchExpressions').flatMap(expression)),
  };
}

function expression(object: JsonObject): SelectorExpression[] {
  const key = textAt(object, 'key');
  const operator = OPERATORS.find((known) => known === textAt(object, 'operator'));
  if (key === undefined || operator === undefined) return [];
  return [{ key, operator, values: [...new Set(textsAt(object, 'values'))].sort() }];
}

function sortedByKey(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(labels);
  if (entries.length < 2) return labels;
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sortedByJson<T>(items: readonly T[]): readonly T[] {
  if (items.length < 2) return items;
  const keyed = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
