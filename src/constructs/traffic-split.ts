/**
 * How requests are divided among the variants of a workload, as immutable values in whole percent.
 */
import { refuse } from '../values/problem';
import { checkVariantName } from './variants';

/** A roll-out in steps. */
export interface RollOutOptions {
  /** Variant that serves before the roll-out. */
  readonly from: string;

  /** Variant that is rolled out. */
  readonly to: string;

  /** Percentages for the variant that is rolled out: they rise, and the last one is 100. */
  readonly steps: number[];

  /** Steps taken so far: 0 before the roll-out, the number of steps when it is complete. */
  readonly step: number;
}

/**
 * Shares of a workload's variants in its requests.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/traffic-shifting/
 */
export class TrafficSplit {
  /** Every request goes to one variant. */
  public static all(variant: string): TrafficSplit {
    return TrafficSplit.of('TrafficSplit.all', [[variant, 100]]);
  }

  /** Percentages by variant, with a sum of 100. */
  public static weights(weights: Record<string, number>): TrafficSplit {
    return TrafficSplit.of('TrafficSplit.weights', Object.entries(weights));
  }

  /** Some percent for the canary, the rest for the stable variant. */
  public static canary(stable: string, canary: string, percent: number): TrafficSplit {
    return TrafficSplit.pair('TrafficSplit.canary', [stable, canary], percent);
  }

  /** A roll-out that has taken some of its steps. Its variants stay known through all of them. */
  public static rollOut({ from, to, steps, step }: RollOutOptions): TrafficSplit {
    const where = 'TrafficSplit.rollOut';
    const rising = steps.every((percent, index) => percent > (steps[index - 1] ?? 0));
    if (!rising || steps.at(-1) !== 100) {
      refuse({
        code: 'roll-out-steps',
        where: `${where}: steps`,
        got: steps,
        expected: 'percentages that rise, the last one 100',
        fix: 'steps: [5, 25, 50, 100]',
      });
    }
    if (!Number.isInteger(step) || step < 0 || step > steps.length) {
      refuse({
        code: 'roll-out-step',
        where: `${where}: step`,
        got: step,
        expected: `an integer from 0 to ${steps.length}, the number of steps`,
        fix: 'step: 1',
      });
    }
    return TrafficSplit.pair(where, [from, to], [0, ...steps][step] ?? 0);
  }

  private static pair(
    where: string,
    [stable, canary]: readonly [string, string],
    percent: number,
  ): TrafficSplit {
    if (stable === canary) {
      refuse({
        code: 'variant-twice',
        where,
        got: stable,
        expected: 'two different variants',
        fix: `TrafficSplit.all('${stable}')`,
      });
    }
    return TrafficSplit.of(where, [
      [stable, 100 - percent],
      [canary, percent],
    ]);
  }

  private static of(where: string, entries: readonly (readonly [string, number])[]): TrafficSplit {
    for (const [variant, weight] of entries) {
      checkVariantName(where, variant);
      if (Number.isInteger(weight) && weight >= 0 && weight <= 100) continue;
      refuse({
        code: 'weight',
        where: `${where}: ${variant}`,
        got: weight,
        expected: 'a whole percentage from 0 to 100',
        fix: `TrafficSplit.weights({ stable: 90, canary: 10 })`,
      });
    }
    const sum = entries.reduce((total, [, weight]) => total + weight, 0);
    if (sum !== 100) {
      refuse({
        code: 'weights-sum',
        where,
        got: Object.fromEntries(entries),
        expected: `percentages with a sum of 100, not ${sum}`,
        fix: `TrafficSplit.weights({ stable: 90, canary: 10 })`,
      });
    }
    return new TrafficSplit([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private constructor(
    /** @internal */
    readonly _shares: readonly (readonly [variant: string, weight: number])[],
  ) {
    Object.freeze(this);
  }

  /** Readable form: `canary 10, stable 90`. */
  public toString(): string {
    return this._shares.map(([variant, weight]) => `${variant} ${weight}`).join(', ');
  }
}
