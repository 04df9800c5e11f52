/** What a selector that selects nobody probably meant: a key or value that is nearly one of its own. */
import type { Labels } from '../read/cluster';
import type { SelectorData } from '../values/selector';
import { nearMiss } from '../values/near-miss';

export interface Likely {
  readonly wrong: string;
  readonly right: string;
}

/** By the labels that are there; undefined: nothing comes near. */
export function likelyLabel(
  { matchLabels, matchExpressions }: SelectorData,
  known: readonly Labels[],
): Likely | undefined {
  const asked: [string, string | undefined][] = [
    ...Object.entries(matchLabels),
    ...matchExpressions.flatMap(({ key, operator, values }): [string, string | undefined][] => {
      if (operator === 'In') return values.map((value) => [key, value]);
      return operator === 'Exists' ? [[key, undefined]] : [];
    }),
  ];
  const keys = [...new Set(known.flatMap((labels) => Object.keys(labels)))];
  for (const [key, value] of asked) {
    const values = [...new Set(known.flatMap((labels) => own(labels, key)))];
    if (values.length > 0) {
      if (value === undefined || values.includes(value)) continue;
      const near = nearValue(value, values);
      if (near !== undefined) return { wrong: `${key}: ${value}`, right: `${key}: ${near}` };
      continue;
    }
    const other =
      nearMiss(key, keys) ??
      keys.find(
        (one) =>
          value !== undefined &&
          isSameName(one, key) &&
          known.some((labels) => labels[one] === value),
      );
    if (other === undefined) continue;
    const shown = value === undefined ? '' : `: ${value}`;
    return { wrong: `${key}${shown}`, right: `${other}${shown}` };
  }
  return undefined;
}

/** Short names are near to everything: half of the text at least has to agree. */
function nearValue(value: string, values: readonly string[]): string | undefined {
  const near = nearMiss(value, values);
  return near !== undefined && value.length > 3 ? near : undefined;
}

/** `app` and `app.kubernetes.io/name` are asked for in each other's place. */
function isSameName(a: string, b: string): boolean {
  return NAMES.includes(a) && NAMES.includes(b);
}

const NAMES = ['app', 'name', 'k8s-app', 'app.kubernetes.io/name', 'app.kubernetes.io/instance'];

function own(labels: Labels, key: string): string[] {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  return value === undefined ? [] : [value];
}
