/** One step on a way from outside, and what of a route's requests gets through it. */
import { Protocol } from '../../values/port';
import { describeRequests } from '../http/request-text';
import type { RequestSet } from '../http/requests';
import {
  ALL_REQUESTS,
  containsRequests,
  intersectRequests,
  isEmptyRequests,
  NO_REQUESTS,
} from '../http/requests';
import type { Because } from '../layer';
import type { PairVerdict } from '../pair';
import type { VerdictWord } from '../result';
import type { World } from '../world';

export interface Step {
  readonly verdict: VerdictWord;
  readonly says: string;
  readonly by: readonly Because[];
  readonly facts: readonly string[];
}

/** What may be sent on one port: for certain, and if what is not known turns out so. */
export interface Passing {
  readonly allowed: RequestSet;
  readonly possible: RequestSet;
  readonly facts: readonly string[];
}

export function passingOf(
  { reach: { pool } }: World,
  { sure, limited, unknown }: PairVerdict,
  protocol: Protocol,
  port: number,
): Passing {
  const open = unknown.filter(({ connections }) => pool.has(connections, protocol, port));
  const part = limited.find(({ ports }) =>
    ports.some(([low, high]) => protocol === Protocol.TCP && low <= port && port <= high),
  );
  const all = pool.has(sure, protocol, port);
  const allowed = all ? ALL_REQUESTS : (part?.requests ?? NO_REQUESTS);
  return {
    allowed,
    possible: open.length > 0 ? ALL_REQUESTS : allowed,
    facts: [...new Set(open.flatMap(({ facts }) => facts))].sort(),
  };
}

export interface Judged {
  readonly verdict: VerdictWord;
  /** Those that certainly pass. */
  readonly passed: RequestSet;
  /** Of UNKNOWN. */
  readonly facts: readonly string[];
  /** `only GET /v1/*`; absent: all or nothing passes. */
  readonly only?: string;
}

/** Some that pass are enough for ALLOWED, and are said; a set that may be too large proves nothing. */
export function judgedRequests(
  requests: RequestSet,
  { allowed, possible, facts }: Passing,
  exact: boolean,
): Judged {
  if (containsRequests(allowed, requests))
    return { verdict: 'ALLOWED', passed: requests, facts: [] };
  const passed = intersectRequests(requests, allowed);
  const missing = exact ? facts : [...facts, 'routed-requests'];
  if (isEmptyRequests(passed)) {
    const none = isEmptyRequests(intersectRequests(requests, possible));
    return { verdict: none ? 'DENIED' : 'UNKNOWN', passed: NO_REQUESTS, facts: none ? [] : facts };
  }
  const only = `only ${describeRequests(passed)}`;
  if (!exact || passed.inexact)
    return { verdict: 'UNKNOWN', passed: NO_REQUESTS, facts: missing, only };
  return { verdict: 'ALLOWED', passed, facts: [], only };
}
