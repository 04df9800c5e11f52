/**
 * Random choices, the same for the same seed, and a count of what was made with them: a generator that
 * silently stops to produce a feature proves nothing about it.
 */
import { randomNumbers } from '../property/random';

/** How often each feature was made. */
export type Features = Map<string, number>;

export class Dice {
  private readonly next: () => number;

  constructor(
    seed: number,
    private readonly features: Features = new Map(),
  ) {
    this.next = randomNumbers(seed);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** 0 up to, not including, the limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<const T extends readonly [unknown, ...unknown[]]>(items: T): T[number] {
    return items[this.below(items.length)];
  }

  /** One of a list, if it has any. */
  from<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }

  /** At least `low`, at most `high` items. */
  list<T>(low: number, high: number, make: (index: number) => T): T[] {
    return Array.from({ length: low + this.below(high - low + 1) }, (_, index) => make(index));
  }

  /** Counts a feature, and passes on what has it. */
  has<T>(feature: string, value: T): T {
    this.features.set(feature, (this.features.get(feature) ?? 0) + 1);
    return value;
  }
}
