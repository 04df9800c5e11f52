/**
 * What is known of a set of connections: those that are certainly allowed, and those that hang on a
 * fact that no manifest shows. Everything else is denied. UNKNOWN never counts as allowed.
 */
import type { ConnectionPool, ConnectionsId } from './connections';
import { EVERY, NONE } from './connections';

/** A fact that no manifest shows. */
export type Fact =
  /** The address of a pod, for a rule about addresses. */
  | 'pod-address'
  /** The labels that a controller gives to its pods. */
  | 'pod-labels'
  /** The labels of a namespace that is known by name only. */
  | 'namespace-labels'
  /** Whether the CNI applies policies to pods of the host's network, and selects them. */
  | 'host-network'
  /** The number behind a port's name. */
  | 'named-port'
  /** Which of two policies of one priority wins. */
  | 'equal-priority'
  /** To which addresses a name resolves. */
  | 'domain-names'
  /** The addresses of nodes. */
  | 'node-address'
  /** What a policy says that is not understood, or that its API refuses. */
  | 'policy-unclear'
  /** Whether a pod takes part in the mesh. */
  | 'mesh-membership'
  /** Who the caller proves to be. */
  | 'caller-identity'
  /** Whether a port speaks HTTP. */
  | 'port-protocol'
  /** Which of several policies of one scope is the oldest. */
  | 'policy-age'
  /** Which of several Sidecars of one scope counts. */
  | 'conflicting-sidecars'
  /** More rules than can be said as a set of requests. */
  | 'too-many-requests'
  /** What a request carries: a header, a claim, an authorizer's answer. */
  | 'request-attribute'
  /** Whether pods see the addresses of clients outside, or that of a load balancer or node. */
  | 'client-address'
  /** Which pods serve an entry, and whether anything leads from outside to them. */
  | 'entry-controller'
  /** The port of the pods behind a listener. */
  | 'listener-port'
  /** What a route names and nobody read: a Gateway, a Service, the pods behind it. */
  | 'route-target'
  /** What requests a route sends on: patterns are not followed, nor paths that are rewritten. */
  | 'routed-requests'
  /** What a route says that is not understood. */
  | 'route-unclear';

/** Connections with what they hang on. */
export interface Unsure {
  readonly connections: ConnectionsId;
  readonly facts: readonly Fact[];
}

/** Certain connections, and those that hang on facts; the two never overlap. */
export interface Verdict {
  readonly sure: ConnectionsId;
  readonly unsure: ConnectionsId;
  /** Sorted, distinct; empty where nothing is unsure. */
  readonly facts: readonly Fact[];
}

const NO_FACTS: readonly Fact[] = [];

/** Nothing is allowed. */
export const DENIED: Verdict = { sure: NONE, unsure: NONE, facts: NO_FACTS };

/** Sure and possible connections as a verdict. */
export function verdictOf(
  pool: ConnectionPool,
  sure: ConnectionsId,
  possible: ConnectionsId,
  facts: readonly Fact[],
): Verdict {
  const unsure = pool.without(possible, sure);
  return { sure, unsure, facts: unsure === NONE ? NO_FACTS : [...new Set(facts)].sort() };
}

/** The same, but that everything passes if a fact holds. */
export function orEverything(pool: ConnectionPool, { sure, facts }: Verdict, fact: Fact): Verdict {
  return verdictOf(pool, sure, EVERY, [...facts, fact]);
}

/** What both sides allow. */
export function both(pool: ConnectionPool, a: Verdict, b: Verdict): Verdict {
  const sure = pool.common(a.sure, b.sure);
  if (a.unsure === NONE && b.unsure === NONE) return { sure, unsure: NONE, facts: NO_FACTS };
  const possible = pool.common(pool.union(a.sure, a.unsure), pool.union(b.sure, b.unsure));
  // only facts of connections that stay possible are missing
  const facts = [a, b].flatMap((side) =>
    pool.common(side.unsure, possible) === NONE ? [] : side.facts,
  );
  return verdictOf(pool, sure, possible, facts);
}

/** What either side allows. */
export function either(pool: ConnectionPool, a: Verdict, b: Verdict): Verdict {
  const sure = pool.union(a.sure, b.sure);
  if (a.unsure === NONE && b.unsure === NONE) return { sure, unsure: NONE, facts: NO_FACTS };
  const possible = pool.union(sure, pool.union(a.unsure, b.unsure));
  const facts = [a, b].flatMap((side) =>
    pool.without(side.unsure, sure) === NONE ? [] : side.facts,
  );
  return verdictOf(pool, sure, possible, facts);
}
