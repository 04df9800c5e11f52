/** The matchers, for `expect.extend` of jest or vitest. */
import type { Direction } from '../engine/compilation';
import { refuse } from '../values/problem';
import type { FindingsOptions } from './findings';
import { hasNoFindings } from './findings';
import { isolates } from './isolation';
import { PolicyCluster } from './policy-cluster';
import type { MatcherResult } from './reach';
import { reaches } from './reach';
import type { Traffic } from './traffic';

interface Context {
  readonly isNot?: boolean;
}

export const matchers = {
  toReach(
    this: Context,
    received: unknown,
    ...[from, to, on]: [from: string, to: string, on?: Traffic]
  ): MatcherResult {
    const question = on === undefined ? { from, to } : { from, to, on };
    return reaches(clusterOf(received, 'toReach'), question, this.isNot === true);
  },

  toBeIsolated(
    this: Context,
    received: unknown,
    name: string,
    direction?: Direction,
  ): MatcherResult {
    return isolates(clusterOf(received, 'toBeIsolated'), name, direction, this.isNot === true);
  },

  toHaveNoFindings(received: unknown, options: FindingsOptions = {}): MatcherResult {
    return hasNoFindings(clusterOf(received, 'toHaveNoFindings'), options);
  },
};

function clusterOf(received: unknown, where: string): PolicyCluster {
  if (received instanceof PolicyCluster) return received;
  return refuse({
    code: 'no-cluster',
    where: `expect(…).${where}`,
    got: received === null ? 'null' : typeof received,
    expected: 'a PolicyCluster',
    fix: "expect(PolicyCluster.fromFolder('dist'))",
  });
}
