/**
 * Which labels does a label selector match? matchLabels and matchExpressions are AND-ed; the four
 * operators are those of kubernetes/apimachinery pkg/labels/selector.go (Requirement.Matches), which
 * NetworkPolicy and its relatives share. For naive evaluators only: nothing from src/, for ever.
 */

import type { Labels, Requirement, Selector } from './world';

export function selects({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  const own = new Map(Object.entries(labels));
  const holds = ({ key, operator, values }: Requirement): boolean => {
    const value = own.get(key);
    const listed = value !== undefined && !!values?.includes(value);
    if (operator === 'In') return listed;
    if (operator === 'NotIn') return !listed; // so an absent key matches
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    throw new Error(`there is no selector operator ${operator}`);
  };
  const equal = Object.entries(matchLabels ?? {}).every(([key, value]) => own.get(key) === value);
  return equal && (matchExpressions ?? []).every(holds);
}
