/** What is allowed where a request passes several proxies, or may take one of several ways. */
import {
  ALL_REQUESTS,
  equalRequests,
  intersectRequests,
  NO_REQUESTS,
  unionRequests,
} from '../http/requests';
import type { RequestSet } from '../http/requests';
import type { MissingFact } from './facts';
import { distinctFacts } from './facts';

export interface AllowedRequests {
  readonly allowed: RequestSet;
  /** Allowed, or not known to be denied. */
  readonly possible: RequestSet;
  /** Why `possible` is more than `allowed`; empty where it is not. */
  readonly missing: readonly MissingFact[];
}

export const NOTHING_ALLOWED: AllowedRequests = {
  allowed: NO_REQUESTS,
  possible: NO_REQUESTS,
  missing: [],
};

const EVERYTHING_ALLOWED: AllowedRequests = {
  allowed: ALL_REQUESTS,
  possible: ALL_REQUESTS,
  missing: [],
};

/** Every step must let the request through. */
export function allowedBySteps(steps: readonly AllowedRequests[]): AllowedRequests {
  return settled(
    steps.reduce(
      (a, b) => ({
        allowed: intersectRequests(a.allowed, b.allowed),
        possible: intersectRequests(a.possible, b.possible),
        missing: [...a.missing, ...b.missing],
      }),
      EVERYTHING_ALLOWED,
    ),
  );
}

/** One of the ways is enough. */
export function allowedByWays(ways: readonly AllowedRequests[]): AllowedRequests {
  return settled(
    ways.reduce(
      (a, b) => ({
        allowed: unionRequests(a.allowed, b.allowed),
        possible: unionRequests(a.possible, b.possible),
        missing: [...a.missing, ...b.missing],
      }),
      NOTHING_ALLOWED,
    ),
  );
}

/** Facts count only where they make a difference. */
export function settled({ allowed, possible, missing }: AllowedRequests): AllowedRequests {
  if (allowed.inexact || possible.inexact) {
    const fact = { fact: 'too-many-requests', detail: 'more rules than can be said' } as const;
    return { allowed: NO_REQUESTS, possible, missing: distinctFacts([...missing, fact]) };
  }
  if (missing.length === 0 || equalRequests(allowed, possible)) {
    return { allowed, possible: allowed, missing: [] };
  }
  return { allowed, possible, missing: distinctFacts(missing) };
}
