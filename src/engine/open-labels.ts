/**
 * Labels that a controller makes up (`pod-template-hash`, the index of a replica): a selector that asks
 * for one may or may not select the pods, which nothing but the running cluster shows.
 */
import type { PodFacts } from '../read/cluster';
import type { SelectorData } from '../values/selector';
import { couldSelect } from './could-select';

export class OpenLabels {
  private readonly byKey = new Map<string, number[]>();

  constructor(private readonly pods: readonly PodFacts[]) {
    pods.forEach(({ openLabels = [] }, place) => {
      for (const key of openLabels) {
        const places = this.byKey.get(key);
        if (places === undefined) this.byKey.set(key, [place]);
        else places.push(place);
      }
    });
  }

  /** Whether the selector asks for a label that a controller makes up. */
  asked(selector: SelectorData): boolean {
    if (this.byKey.size === 0) return false;
    if (this.byKey.has('*')) return keysOf(selector).length > 0;
    return keysOf(selector).some((key) => this.byKey.has(key));
  }

  /** Pods of which it is not known whether the selector selects them, ascending. */
  undecided(selector: SelectorData): readonly number[] {
    if (!this.asked(selector)) return [];
    const keys = keysOf(selector);
    // `*`: any label at all
    const candidates = new Set([...keys, '*'].flatMap((key) => this.byKey.get(key) ?? []));
    return [...candidates]
      .filter((place) => {
        const own = this.pods[place];
        if (own === undefined || !couldSelect(selector, own)) return false;
        const { labels, openLabels = [] } = own;
        return keys.some(
          (key) =>
            !Object.hasOwn(labels, key) && (openLabels.includes(key) || openLabels.includes('*')),
        );
      })
      .sort((a, b) => a - b);
  }
}

function keysOf({ matchLabels, matchExpressions }: SelectorData): string[] {
  return [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
}
