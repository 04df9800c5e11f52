/**
 * What the API server refuses in a label selector, where no validity rules of the whole kind exist
 * (ClusterNetworkPolicy): a selector that is not understood must not match silently.
 */
import { expectedLabelKey, expectedLabelValue } from '../../values/names';
import { field, isObject, listAt, objectAt, textAt } from '../json';
import { describePath } from '../locate';
import type { FieldPath, Json, JsonObject, Unclear } from '../resource';

export function selectorProblems(selector: JsonObject, path: FieldPath): Unclear[] {
  const problems: Unclear[] = [];
  const say = (at: FieldPath, why: string): void => {
    problems.push({ path: at, why: `${describePath(at)}: ${why}` });
  };
  for (const key of Object.keys(selector)) {
    if (key !== 'matchLabels' && key !== 'matchExpressions') {
      problems.push({ path: [...path, key], why: `unknown field ${describePath([...path, key])}` });
    }
  }
  for (const [key, value] of Object.entries(objectAt(selector, 'matchLabels'))) {
    const expected = expectedLabelKey(key) ?? expectedValue(value);
    if (expected !== undefined) say([...path, 'matchLabels', key], `expected ${expected}`);
  }
  for (const name of ['matchLabels', 'matchExpressions']) {
    const value = field(selector, name);
    const fits = name === 'matchLabels' ? isObject(value ?? {}) : Array.isArray(value ?? []);
    if (!fits) say([...path, name], 'expected another type');
  }
  for (const [index, item] of listAt(selector, 'matchExpressions').entries()) {
    const at = [...path, 'matchExpressions', index];
    const wrong = isObject(item) ? expressionProblem(item) : 'expected an object';
    if (wrong !== undefined) say(at, wrong);
  }
  return problems;
}

function expressionProblem(expression: JsonObject): string | undefined {
  const unknown = Object.keys(expression).find(
    (key) => !['key', 'operator', 'values'].includes(key),
  );
  if (unknown !== undefined) return `unknown field ${unknown}`;
  const key = textAt(expression, 'key');
  const wrongKey = key === undefined ? 'a key' : expectedLabelKey(key);
  if (wrongKey !== undefined) return `expected ${wrongKey}`;
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator') ?? '') {
    case 'In':
    case 'NotIn': {
      const wrong = values.map(expectedValue).find((one) => one !== undefined);
      return values.length === 0 ? 'expected values' : wrong && `expected ${wrong}`;
    }
    case 'Exists':
    case 'DoesNotExist':
      return values.length > 0 ? 'expected no values' : undefined;
    default:
      return 'expected operator In, NotIn, Exists or DoesNotExist';
  }
}

function expectedValue(value: Json): string | undefined {
  return typeof value === 'string' ? expectedLabelValue(value) : 'text (quote numbers)';
}
