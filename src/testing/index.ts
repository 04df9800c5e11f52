/**
 * Questions about policies in tests, `cdk8s-ml-netpol/testing`. Importing it teaches jest's `expect`
 * the matchers; where `expect` is not global, `expect.extend(matchers)` does.
 *
 * Plain TypeScript; it loads nothing that writes: no cdk8s.
 */
import type { FindingsOptions } from './findings';
import { matchers } from './matchers';
import type { PolicyCluster } from './policy-cluster';
import type { Traffic } from './traffic';

export type { FindingsOptions } from './findings';
export { matchers } from './matchers';
export { PolicyCluster, type PolicyClusterOptions } from './policy-cluster';
export type { MatcherResult } from './reach';
export type { ProtocolWord, RequestOnPort, Traffic } from './traffic';

/** Matchers of what `expect` was given: those of clusters, or none. */
export interface PolicyMatchers<R, T> {
  /**
   * Whether `from` certainly reaches `to`; `.not`: certainly does not. Names are `namespace/name`, with
   * `*` for any part, or addresses; without `on`, anything counts.
   */
  readonly toReach: [T] extends [PolicyCluster]
    ? (from: string, to: string, on?: Traffic) => R
    : never;
  /** Whether all workloads of that name are isolated, in both directions or in one. */
  readonly toBeIsolated: [T] extends [PolicyCluster]
    ? (name: string, direction?: 'ingress' | 'egress') => R
    : never;
  /** Whether lint has nothing to object. */
  readonly toHaveNoFindings: [T] extends [PolicyCluster] ? (options?: FindingsOptions) => R : never;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- jest's types are made to be merged
  namespace jest {
    interface Matchers<R, T> extends PolicyMatchers<R, T> {}
  }
}

const { expect } = globalThis as {
  readonly expect?: { extend?(added: typeof matchers): void };
};
expect?.extend?.(matchers);
