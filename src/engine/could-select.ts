/**
 * Whether a selector could select pods of whom not every label is known: those that a controller
 * makes, with keys whose values no text shows.
 */
import type { PodFacts } from '../read/cluster';
import type { SelectorData } from '../values/selector';
import { selectorMatches } from '../values/selector';

export function couldSelect(
  { matchLabels, matchExpressions }: SelectorData,
  { labels, openLabels = [] }: Pick<PodFacts, 'labels' | 'openLabels'>,
): boolean {
  const isOpen = (key: string): boolean => openLabels.includes('*') || openLabels.includes(key);
  const known = {
    matchLabels: Object.fromEntries(
      Object.entries(matchLabels).filter(([key]) => !isOpen(key) || Object.hasOwn(labels, key)),
    ),
    matchExpressions: matchExpressions.filter(
      ({ key }) => !isOpen(key) || Object.hasOwn(labels, key),
    ),
  };
  return selectorMatches(known, labels);
}
