/**
 * Label selectors: which labels a pod or namespace must carry.
 *
 * Plain data in the shape of the Kubernetes API. All requirements are AND-ed; `NotIn` and
 * `DoesNotExist` match where the key is absent; a selector without requirements matches everything
 * and is therefore refused wherever it would silently mean "everybody".
 * Source: kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/labels/selector.go
 */
import { fixFields } from './immutable';
import { expectedLabelKey, expectedLabelValue } from './names';
import { refuse } from './problem';

/** Operators of a set-based requirement. */
export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';

/** One set-based requirement. */
export interface SelectorExpression {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted; empty for Exists and DoesNotExist. */
  readonly values: readonly string[];
}

/** A selector as plain data; keys and expressions are sorted, so equal selectors have equal JSON. */
export interface SelectorData {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly SelectorExpression[];
}

/** Matches every pod or namespace. */
export const EVERYTHING: SelectorData = { matchLabels: {}, matchExpressions: [] };

/** Requirements beyond plain equality. */
export interface LabelSelectorOptions {
  /**
   * Labels that must be present with exactly this value.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;

  /**
   * Labels that must be present with one of these values.
   *
   * @default - none
   */
  readonly oneOf?: Record<string, string[]>;

  /**
   * Labels that must not have one of these values; an absent label matches.
   *
   * @default - none
   */
  readonly noneOf?: Record<string, string[]>;

  /**
   * Labels that must be present, with any value.
   *
   * @default - none
   */
  readonly present?: string[];

  /**
   * Labels that must be absent.
   *
   * @default - none
   */
  readonly absent?: string[];
}

/**
 * Which labels pods or namespaces must carry.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export class LabelSelector {
  /** Every one of these labels, with exactly these values. */
  public static labels(labels: Record<string, string>): LabelSelector {
    return LabelSelector.of({ labels });
  }

  /** All of these requirements together. */
  public static of(options: LabelSelectorOptions): LabelSelector {
    return new LabelSelector(selectorFromOptions('LabelSelector.of', options));
  }

  private constructor(
    /** @internal */
    readonly _data: SelectorData,
  ) {
    fixFields(this);
  }

  /** Readable form: `app=model-api,tier in (a,b)`. */
  public toString(): string {
    return describeSelector(this._data);
  }
}

/** Checked, sorted selector data. An empty selector is refused: it would mean everybody. */
export function selectorFromOptions(where: string, options: LabelSelectorOptions): SelectorData {
  const matchExpressions = [
    ...expressions(where, 'In', options.oneOf),
    ...expressions(where, 'NotIn', options.noneOf),
    ...(options.present ?? []).map((key) => presence(where, 'Exists', key)),
    ...(options.absent ?? []).map((key) => presence(where, 'DoesNotExist', key)),
  ];
  const selector = {
    matchLabels: checkedLabels(where, options.labels ?? {}),
    matchExpressions: distinctByJson(matchExpressions),
  };
  if (isEverything(selector)) {
    refuse({
      code: 'empty-selector',
      where,
      got: {},
      expected: 'at least one label: an empty selector would match everybody',
      fix: `name the labels, for instance { app: 'model-api' }`,
    });
  }
  return selector;
}

/** Labels that the API server accepts, sorted by key. */
export function checkedLabels(
  where: string,
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of entries) checkLabel(where, key, value);
  return Object.fromEntries(entries);
}

/** Whether the selector has no requirement. */
export function isEverything(selector: SelectorData): boolean {
  return Object.keys(selector.matchLabels).length === 0 && selector.matchExpressions.length === 0;
}

/** Whether labels meet every requirement. */
export function selectorMatches(
  selector: SelectorData,
  labels: Readonly<Record<string, string>>,
): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels)) {
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
  }
  return selector.matchExpressions.every((expression) => expressionMatches(expression, labels));
}

/** Whether labels hold all of the wanted ones. */
export function carriesLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  for (const key of Object.keys(wanted)) {
    if (!Object.hasOwn(labels, key) || labels[key] !== wanted[key]) return false;
  }
  return true;
}

/** The fewest labels that a selector asks for. */
export function fewestLabels({
  matchLabels,
  matchExpressions,
}: SelectorData): Record<string, string> {
  const labels: Record<string, string> = { ...matchLabels };
  for (const { key, operator, values } of matchExpressions) {
    if (Object.hasOwn(labels, key)) continue;
    if (operator === 'In') labels[key] = values[0] ?? '';
    if (operator === 'Exists') labels[key] = '';
  }
  return labels;
}

/** Equal for equal selectors. Lengths keep labels apart, whatever stands in them. */
export function selectorKey({ matchLabels, matchExpressions }: SelectorData): string {
  let key = '';
  for (const name of Object.keys(matchLabels)) {
    const value = matchLabels[name] ?? '';
    key += `${String(name.length)},${String(value.length)}:${name}=${value};`;
  }
  return matchExpressions.length === 0 ? key : key + JSON.stringify(matchExpressions);
}

/** Both selectors' requirements; undefined when no labels can meet them. */
export function intersectSelectors(a: SelectorData, b: SelectorData): SelectorData | undefined {
  for (const [key, value] of Object.entries(a.matchLabels)) {
    if (Object.hasOwn(b.matchLabels, key) && b.matchLabels[key] !== value) return undefined;
  }
  const labels = { ...a.matchLabels, ...b.matchLabels };
  const known = [...a.matchExpressions, ...b.matchExpressions];
  if (known.some(({ key }) => !isSatisfiable(key, known, labels))) return undefined;
  const open = known.filter((expression) => !Object.hasOwn(labels, expression.key));
  return {
    matchLabels: Object.fromEntries(Object.entries(labels).sort(([x], [y]) => (x < y ? -1 : 1))),
    matchExpressions: distinctByJson(open),
  };
}

/** Readable form: `app=model-api,tier in (a,b)`; `all pods` for no requirement. */
export function describeSelector(selector: SelectorData): string {
  if (isEverything(selector)) return 'all pods';
  const labels = Object.entries(selector.matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...labels, ...selector.matchExpressions.map(describeExpression)].join(',');
}

function describeExpression({ key, operator, values }: SelectorExpression): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}

function expressionMatches(
  { key, operator, values }: SelectorExpression,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Whether some label of this key, or none, meets all requirements on it. */
function isSatisfiable(
  key: string,
  requirements: readonly SelectorExpression[],
  labels: Readonly<Record<string, string>>,
): boolean {
  const onKey = requirements.filter((requirement) => requirement.key === key);
  // "*" is no label value: it stands for all those that no requirement names
  const named = ['*', ...onKey.flatMap(({ values }) => values)].map((value) => ({ [key]: value }));
  const candidates = Object.hasOwn(labels, key) ? [labels] : [{}, ...named];
  return candidates.some((candidate) =>
    onKey.every((requirement) => expressionMatches(requirement, candidate)),
  );
}

function expressions(
  where: string,
  operator: 'In' | 'NotIn',
  requirements: Readonly<Record<string, string[]>> = {},
): SelectorExpression[] {
  return Object.entries(requirements).map(([key, values]) => {
    if (values.length === 0) {
      refuse({
        code: 'selector-values',
        where: `${where}: ${key}`,
        got: values,
        expected: 'at least one value',
        fix: `{ ${JSON.stringify(key)}: ['value'] }, or present/absent`,
      });
    }
    for (const value of values) checkLabel(where, key, value);
    return { key, operator, values: [...new Set(values)].sort() };
  });
}

function presence(
  where: string,
  operator: 'Exists' | 'DoesNotExist',
  key: string,
): SelectorExpression {
  checkLabel(where, key, '');
  return { key, operator, values: [] };
}

function checkLabel(where: string, key: string, value: string): void {
  const expectedKey = expectedLabelKey(key);
  if (expectedKey !== undefined) {
    refuse({
      code: 'label-key',
      where,
      got: key,
      expected: expectedKey,
      fix: `{ 'app.kubernetes.io/name': 'model-api' }`,
    });
  }
  const expectedValue =
    typeof value === 'string' ? expectedLabelValue(value) : 'a string (quote numbers and booleans)';
  if (expectedValue !== undefined) {
    refuse({
      code: 'label-value',
      where: `${where}: ${key}`,
      got: value,
      expected: expectedValue,
      fix: `{ ${JSON.stringify(key)}: 'model-api' }`,
    });
  }
}

/** Sorted, without repeats, so that equal requirements have equal JSON. */
function distinctByJson<T>(items: readonly T[]): T[] {
  const keyed = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
