/**
 * Sets of texts: one of these patterns, and one of those, and none of these. Not every such set is a
 * list of patterns (`/v1/*` and `*.json`), so the lists stay apart where their meeting is none.
 */
import { findText } from './automaton';
import type { Pattern, TextDomain } from './automaton';
import {
  describePattern,
  patternContains,
  patternMatches,
  patternsDisjoint,
  witnessesOf,
} from './patterns';

export interface TextSet {
  /** Of each list one pattern at least; no lists: every text. */
  readonly some: readonly (readonly Pattern[])[];
  readonly none: readonly Pattern[];
}

export const EVERY: TextSet = { some: [], none: [] };

/** Pairs beyond which two lists are kept apart rather than met pattern by pattern. */
const MAX_PAIRS = 1024;

export function oneOf(patterns: readonly Pattern[]): TextSet {
  return { some: [patterns], none: [] };
}

export function noneOf(patterns: readonly Pattern[]): TextSet {
  return { some: [], none: patterns };
}

export function textMatches({ some, none }: TextSet, value: string): boolean {
  return (
    some.every((list) => list.some((pattern) => patternMatches(pattern, value))) &&
    !none.some((pattern) => patternMatches(pattern, value))
  );
}

/** Undefined: no text of the domain is one of both. */
export function intersectTexts(a: TextSet, b: TextSet, domain: TextDomain): TextSet | undefined {
  return normalText({ some: [...a.some, ...b.some], none: [...a.none, ...b.none] }, domain);
}

/** What is not in the set, as sets that may share texts. */
export function complementTexts({ some, none }: TextSet): TextSet[] {
  return [...some.map(noneOf), ...(none.length === 0 ? [] : [oneOf(none)])];
}

/** Cheap and sound, not complete: `false` may also mean that it takes a search to see. */
export function clearlyContains(outer: TextSet, inner: TextSet): boolean {
  const listHeld = (list: readonly Pattern[]): boolean =>
    inner.some.some((own) => own.every((one) => list.some((it) => patternContains(it, one))));
  const kept = (pattern: Pattern): boolean =>
    inner.none.some((own) => patternContains(own, pattern)) ||
    inner.some.some((own) => own.every((one) => patternsDisjoint(one, pattern)));
  return outer.some.every(listHeld) && outer.none.every(kept);
}

/** Equal sets that are written alike have one form; undefined: the set is empty. */
export function normalText(set: TextSet, domain: TextDomain): TextSet | undefined {
  const possible = set.some.map((list) =>
    widest(list).filter((one) => !set.none.some((not) => patternContains(not, one))),
  );
  // where there is no empty text, "present" says nothing
  const telling = possible.filter(
    (list) => !(domain.nonEmpty && list.some(({ kind }) => kind === 'present')),
  );
  const some = meetLists(telling);
  const none = widest(set.none).filter(
    (not) => !some.some((list) => list.every((one) => patternsDisjoint(one, not))),
  );
  const normal = { some: some.map(sorted).sort(byText), none: sorted(none) };
  return isEmptyText(normal, domain) ? undefined : normal;
}

/** Patterns that no other one of the list contains. */
function widest(patterns: readonly Pattern[]): Pattern[] {
  const keyed = [...new Map(patterns.map((one) => [describePattern(one), one])).values()];
  return keyed.filter(
    (one, index) =>
      !keyed.some(
        (other, at) =>
          at !== index &&
          patternContains(other, one) &&
          // of two patterns with the same texts the first one stays
          (at < index || !patternContains(one, other)),
      ),
  );
}

/** As few lists as possible: two become one where every pair meets in a pattern. */
function meetLists(lists: readonly (readonly Pattern[])[]): Pattern[][] {
  const met: Pattern[][] = [];
  for (const list of lists) {
    let current = [...list];
    for (let at = met.length - 1; at >= 0; at -= 1) {
      const both = meetOf(met[at] ?? [], current);
      if (both === undefined) continue;
      current = both;
      met.splice(at, 1);
    }
    met.push(current);
  }
  return met;
}

/** Undefined: some pair shares texts that no pattern describes. */
function meetOf(a: readonly Pattern[], b: readonly Pattern[]): Pattern[] | undefined {
  if (a.length * b.length > MAX_PAIRS) return undefined;
  const both: Pattern[] = [];
  for (const one of a) {
    for (const other of b) {
      if (patternContains(one, other)) both.push(other);
      else if (patternContains(other, one)) both.push(one);
      else if (!patternsDisjoint(one, other)) return undefined;
    }
  }
  return widest(both);
}

function isEmptyText(set: TextSet, domain: TextDomain): boolean {
  if (set.some.some((list) => list.length === 0)) return true;
  const inDomain = (text: string): boolean =>
    !(domain.nonEmpty && text === '') &&
    !Array.from(domain.without).some((it) => text.includes(it));
  const candidates = set.some.length === 0 ? ['~', '/~'] : set.some.flat().flatMap(witnessesOf);
  if (candidates.some((text) => inDomain(text) && textMatches(set, text))) return false;
  // no guess is in it: only a search can tell
  return findText(set, domain) === undefined;
}

function sorted(patterns: readonly Pattern[]): Pattern[] {
  return [...patterns].sort((a, b) => (describePattern(a) < describePattern(b) ? -1 : 1));
}

function byText(a: readonly Pattern[], b: readonly Pattern[]): number {
  const [x, y] = [a, b].map((list) => list.map(describePattern).join(','));
  return (x ?? '') < (y ?? '') ? -1 : 1;
}
