/**
 * What the policies of one direction say of a class of pods, and what follows for one peer.
 *
 * Tiers in order: Admin rules, NetworkPolicy, Baseline rules, then allowed. Classes whose policies say
 * the same share one gate. A rule whose peers are relative (the pods' own namespace) stays so in the
 * gate: ten thousand namespaces with the same policies have one.
 * Source: kubernetes/api:networking/v1/types.go; kubernetes-sigs/network-policy-api:apis/v1alpha2
 */
import type { Family } from './addresses';
import type { ConnectionPool, ConnectionsId } from './connections';
import { EVERY, NONE } from './connections';
import type { AddressSet, PeerSet } from './peer-sets';
import type { Fact, Verdict } from './verdict';
import { verdictOf } from './verdict';

/** Who is meant by a rule. */
export type Peers =
  | { readonly kind: 'everyone' }
  /** Pods of a set, in the namespace of whoever has the rule. */
  | { readonly kind: 'same-namespace'; readonly set: PeerSet }
  /** By connections of a family, where their addresses are what the rule is about. */
  | { readonly kind: 'pods'; readonly set: PeerSet; readonly family?: Family }
  | { readonly kind: 'addresses'; readonly set: AddressSet }
  /** Addresses behind names: nobody knows which. */
  | { readonly kind: 'names'; readonly names: readonly string[] };

export type Action = 'allow' | 'deny' | 'pass';

/** A rule, resolved to the pods and ports of this cluster. */
export interface Entry {
  readonly id: number;
  /** Equal for entries that answer alike for every pod, though addresses outside tell them apart. */
  readonly meaning: number;
  readonly peers: Peers;
  readonly connections: ConnectionsId;
  readonly action: Action;
  /** What must hold for the rule to say this; absent: nothing. */
  readonly fact?: Fact;
}

/** Rules of one ClusterNetworkPolicy. */
export interface Ordered {
  readonly priority: number;
  readonly entries: readonly Entry[];
}

export interface Gate {
  readonly id: number;
  readonly admin: readonly Ordered[];
  /** Whether NetworkPolicy isolates the pods; else the fact that decides it. */
  readonly isolated: boolean | Fact;
  /** What NetworkPolicy allows. */
  readonly entries: readonly Entry[];
  readonly baseline: readonly Ordered[];
}

/** Whether a rule means a peer; a fact, where that decides. */
export type Answer = boolean | Fact;

/** The connections that a gate lets through for a peer. */
export function passing(
  pool: ConnectionPool,
  gate: Gate,
  means: (entry: Entry) => Answer,
): Verdict {
  if (gate.admin.length === 0 && gate.baseline.length === 0) return ofPolicies(pool, gate, means);
  const admin = runTier(pool, gate.admin, EVERY, means);
  const policies = ofPolicies(pool, gate, means);
  const facts = new Set([...admin.facts, ...policies.facts]);
  let sure: ConnectionsId = EVERY;
  let possible: ConnectionsId = NONE;
  for (const { accepted, left } of admin.outcomes) {
    const rest = afterAdmin(pool, { gate, left, policies }, means);
    for (const fact of rest.facts) facts.add(fact);
    sure = pool.common(sure, pool.union(accepted, rest.sure));
    possible = pool.union(possible, pool.union(accepted, pool.union(rest.sure, rest.unsure)));
  }
  return verdictOf(pool, sure, possible, [...facts]);
}

/** NetworkPolicy is final where it isolates; Baseline decides elsewhere (CNP-04). */
function afterAdmin(
  pool: ConnectionPool,
  { gate, left, policies }: { gate: Gate; left: ConnectionsId; policies: Verdict },
  means: (entry: Entry) => Answer,
): Verdict {
  const isolated = {
    sure: pool.common(left, policies.sure),
    unsure: pool.common(left, policies.unsure),
  };
  if (gate.isolated === true) return { ...isolated, facts: policies.facts };
  const baseline = runTier(pool, gate.baseline, left, means);
  let sure: ConnectionsId = left;
  let possible: ConnectionsId = NONE;
  for (const { accepted, left: undecided } of baseline.outcomes) {
    const allowed = pool.union(accepted, undecided);
    sure = pool.common(sure, allowed);
    possible = pool.union(possible, allowed);
  }
  if (gate.isolated === false) return verdictOf(pool, sure, possible, baseline.facts);
  // whether NetworkPolicy counts is not known: certain is what holds both ways
  const narrow = passingIfIsolated(pool, gate, means);
  const least = pool.common(pool.common(left, narrow.sure), sure);
  const most = pool.union(possible, pool.common(left, pool.union(narrow.sure, narrow.unsure)));
  return verdictOf(pool, least, most, [...baseline.facts, ...narrow.facts, gate.isolated]);
}

function ofPolicies(pool: ConnectionPool, gate: Gate, means: (entry: Entry) => Answer): Verdict {
  if (gate.isolated === false) return { sure: EVERY, unsure: NONE, facts: [] };
  const narrow = passingIfIsolated(pool, gate, means);
  if (gate.isolated === true) return narrow;
  return verdictOf(pool, narrow.sure, EVERY, [...narrow.facts, gate.isolated]);
}

/** What any rule allows (NP-02). */
function passingIfIsolated(
  pool: ConnectionPool,
  gate: Gate,
  means: (entry: Entry) => Answer,
): Verdict {
  let sure: ConnectionsId = NONE;
  let possible: ConnectionsId = NONE;
  const facts: Fact[] = [];
  for (const entry of gate.entries) {
    const answer = means(entry);
    if (answer === false) continue;
    if (answer === true && entry.fact === undefined) {
      sure = pool.union(sure, entry.connections);
    } else {
      possible = pool.union(possible, entry.connections);
      if (answer !== true) facts.push(answer);
      if (entry.fact !== undefined) facts.push(entry.fact);
    }
  }
  return verdictOf(pool, sure, pool.union(sure, possible), facts);
}

/** What a tier accepts, and what it leaves to the next one. */
interface Outcome {
  readonly accepted: ConnectionsId;
  readonly left: ConnectionsId;
}

interface State extends Outcome {
  readonly undecided: ConnectionsId;
}

interface Tier {
  readonly outcomes: readonly Outcome[];
  readonly facts: readonly Fact[];
}

/** So many ways in which unknown facts may fall are followed; beyond, nothing is certain. */
const MOST_OUTCOMES = 64;

/** First match decides; every way in which unknown facts may fall is followed (CNP-02, CNP-03). */
function runTier(
  pool: ConnectionPool,
  tier: readonly Ordered[],
  start: ConnectionsId,
  means: (entry: Entry) => Answer,
): Tier {
  const facts = new Set<Fact>();
  let states: State[] = [{ accepted: NONE, left: NONE, undecided: start }];
  for (const group of byPriority(tier)) {
    const orders = ordersOf(pool, group, means);
    if (orders.length > 1) facts.add('equal-priority');
    states = distinct(
      orders.flatMap((order) =>
        states.flatMap((state) => follow(state, order, { pool, means, facts })),
      ),
    );
    if (states.length > MOST_OUTCOMES) {
      const nothing = { accepted: NONE, left: NONE };
      return { outcomes: [nothing, { accepted: start, left: NONE }], facts: [...facts] };
    }
  }
  const outcomes = states.map(({ accepted, left, undecided }) => ({
    accepted,
    left: pool.union(left, undecided),
  }));
  return { outcomes, facts: [...facts] };
}

interface Following {
  readonly pool: ConnectionPool;
  readonly means: (entry: Entry) => Answer;
  /** Those that mattered on the way are added. */
  readonly facts: Set<Fact>;
}

function follow(
  start: State,
  entries: readonly Entry[],
  { pool, means, facts }: Following,
): State[] {
  let states = [start];
  for (const entry of entries) {
    const answer = means(entry);
    if (answer === false) continue;
    const applied = states.map((state) => apply(pool, state, entry));
    const certain = answer === true && entry.fact === undefined;
    if (answer !== true) facts.add(answer);
    if (entry.fact !== undefined) facts.add(entry.fact);
    states = certain ? applied : distinct([...applied, ...states]);
    if (states.length > MOST_OUTCOMES) return states;
  }
  return states;
}

function apply(
  pool: ConnectionPool,
  { accepted, left, undecided }: State,
  { connections, action }: Entry,
): State {
  const matched = pool.common(undecided, connections);
  return {
    accepted: action === 'allow' ? pool.union(accepted, matched) : accepted,
    left: action === 'pass' ? pool.union(left, matched) : left,
    undecided: pool.without(undecided, matched),
  };
}

function distinct(states: readonly State[]): State[] {
  const keys = new Map(
    states.map((state) => [
      `${String(state.accepted)} ${String(state.left)} ${String(state.undecided)}`,
      state,
    ]),
  );
  return [...keys.values()];
}

function byPriority(tier: readonly Ordered[]): (readonly Ordered[])[] {
  const groups: Ordered[][] = [];
  for (const one of tier) {
    const last = groups.at(-1);
    if (last?.[0]?.priority === one.priority) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

/**
 * The orders in which policies of one priority may be asked. Which of them wins is undefined (CNP-07);
 * it matters only where they decide differently, and then each may be the first.
 */
function ordersOf(
  pool: ConnectionPool,
  group: readonly Ordered[],
  means: (entry: Entry) => Answer,
): (readonly Entry[])[] {
  const listed = group.flatMap(({ entries }) => entries);
  if (group.length === 1 || !conflict(pool, group, means)) return [listed];
  return group.map((first) => [
    ...first.entries,
    ...group.flatMap((one) => (one === first ? [] : one.entries)),
  ]);
}

function conflict(
  pool: ConnectionPool,
  group: readonly Ordered[],
  means: (entry: Entry) => Answer,
): boolean {
  const matching = group.map(({ entries }) => entries.filter((entry) => means(entry) !== false));
  return matching.some((entries, at) =>
    matching
      .slice(at + 1)
      .some((others) =>
        entries.some((a) =>
          others.some(
            (b) => a.action !== b.action && pool.common(a.connections, b.connections) !== NONE,
          ),
        ),
      ),
  );
}

/** Sets that a gate tells apart. */
export function mentions(gate: Gate): readonly Entry[] {
  if (gate.admin.length === 0 && gate.baseline.length === 0) return gate.entries;
  const ordered = [...gate.admin, ...gate.baseline].flatMap(({ entries }) => entries);
  return [...ordered, ...gate.entries];
}

/** The address family that an entry is about; undefined: any. */
export function familyOf({ peers }: Entry): Family | undefined {
  if (peers.kind === 'pods') return peers.family;
  return peers.kind === 'addresses' ? peers.set.block.family : undefined;
}
