/**
 * What changed in who can reach whom between two worlds. Both list their pairs by source, in the same
 * order, so that each source is compared once and only what differs is kept.
 */
import { answersOf } from './connection-words';
import type { Because, SaidBy } from './compare';
import { changesOf } from './compare';
import { addressChanges } from './diff-addresses';
import type { PairVerdict } from './pair';
import { compareText, remember } from './pods';
import type { DiffChange, DiffResult, ResultBase } from './result';
import type { Rewritten } from './rewritten';
import { rewrittenPolicies } from './rewritten';
import { isStranger } from './strangers';
import type { World } from './world';

export type Difference = Omit<DiffResult, keyof ResultBase>;

export interface DiffOptions {
  /** Also pairs of workloads that only one of the worlds has. @default false */
  readonly all?: boolean;
}

export function diff(older: World, newer: World, { all = false }: DiffOptions = {}): Difference {
  const [before, after] = [idsOf(older), idsOf(newer)];
  const both = (id: string): boolean => all || (before.has(id) && after.has(id));
  const policies = rewrittenPolicies(older, newer);
  const because = (...ids: readonly string[]) => becauseOf(policies, ids);
  const changes = [
    ...podChanges(older, newer, both, because),
    ...addressChanges(older, newer, both, because),
  ];
  const blamed = new Set(changes.flatMap((one) => one.because));
  return {
    query: 'diff',
    changes: changes.sort(byChange),
    workloads: {
      added: [...after].filter((id) => !before.has(id)).sort(),
      removed: [...before].filter((id) => !after.has(id)).sort(),
    },
    rewritten: policies
      .filter(({ how, evidence }) => how === 'changed' && !blamed.has(evidence))
      .map(({ evidence }) => evidence),
  };
}

function podChanges(
  older: World,
  newer: World,
  both: (id: string) => boolean,
  because: Because,
): DiffChange[] {
  const [was, now] = [older.reach.pool, newer.reach.pool];
  const same = new Map<string, boolean>();
  const found: DiffChange[] = [];
  for (const [from, before, after] of merged(sources(older, both), sources(newer, both))) {
    for (const to of new Set([...before.keys(), ...after.keys()])) {
      const [a, b] = [before.get(to) ?? [], after.get(to) ?? []];
      const [earlier, later] = [
        { pool: was, verdicts: a },
        { pool: now, verdicts: b },
      ];
      const key = `${textOf(earlier)} > ${textOf(later)}`;
      if (same.get(key) === true) continue;
      const changes = changesOf({ from, to }, earlier, later, () => because(from, to));
      same.set(key, changes.length === 0);
      found.push(...changes);
    }
  }
  return found;
}

const texts = new WeakMap<PairVerdict, string>();

/** Equal for equal answers; verdicts are shared by many pairs. */
function textOf({ pool, verdicts }: SaidBy): string {
  return verdicts
    .map((verdict) => {
      const text = texts.get(verdict) ?? JSON.stringify(answersOf(pool, verdict));
      texts.set(verdict, text);
      return text;
    })
    .join(' ');
}

type Targets = ReadonlyMap<string, readonly PairVerdict[]>;

/** By namespace and id: the order of the classes. */
function* sources(
  { reach, classes }: World,
  wanted: (id: string) => boolean,
): Generator<readonly [id: string, targets: Targets]> {
  const shown = classes.map(({ workload }) => !isStranger(workload) && wanted(workload.id));
  const among = (place: number): boolean => shown[place] === true;
  let [id, targets] = ['', new Map<string, PairVerdict[]>()];
  for (const { from, to, verdict } of reach.pairs(among, among)) {
    const own = classes[from]?.workload.id ?? '';
    if (own !== id) {
      if (targets.size > 0) yield [id, targets];
      [id, targets] = [own, new Map<string, PairVerdict[]>()];
    }
    const verdicts = remember(targets, classes[to]?.workload.id ?? '', (): PairVerdict[] => []);
    if (!verdicts.includes(verdict)) verdicts.push(verdict);
  }
  if (targets.size > 0) yield [id, targets];
}

type Source = readonly [id: string, targets: Targets];

const NOBODY: Source = ['', new Map()];

/** Both lists in step. */
function* merged(
  a: Generator<Source>,
  b: Generator<Source>,
): Generator<readonly [id: string, before: Targets, after: Targets]> {
  let [left, right] = [nextOf(a), nextOf(b)];
  while (left !== undefined || right !== undefined) {
    const order = byPlace(left?.[0], right?.[0]);
    const [id, before] = (order <= 0 ? left : undefined) ?? NOBODY;
    const [other, after] = (order >= 0 ? right : undefined) ?? NOBODY;
    yield [id === '' ? other : id, before, after];
    if (order <= 0) left = nextOf(a);
    if (order >= 0) right = nextOf(b);
  }
}

function nextOf(list: Generator<Source>): Source | undefined {
  const { done, value } = list.next() as IteratorResult<Source, undefined>;
  return done === true ? undefined : value;
}

/** Whoever has nothing left comes last. */
function byPlace(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  const [[home = ''], [other = '']] = [a.split('/'), b.split('/')];
  return compareText(home, other) || compareText(a, b);
}

function idsOf({ classes }: World): ReadonlySet<string> {
  return new Set(classes.flatMap(({ workload }) => (isStranger(workload) ? [] : [workload.id])));
}

function becauseOf(policies: readonly Rewritten[], ids: readonly string[]): DiffChange['because'] {
  return policies
    .filter(({ about }) => ids.some((id) => about.has(id)))
    .map(({ evidence }) => evidence);
}

const ORDER: readonly DiffChange['change'][] = ['widened', 'changed', 'narrowed'];

function byChange(a: DiffChange, b: DiffChange): number {
  return (
    ORDER.indexOf(a.change) - ORDER.indexOf(b.change) ||
    compareText(a.from, b.from) ||
    compareText(a.to, b.to) ||
    compareText(a.protocol, b.protocol)
  );
}
