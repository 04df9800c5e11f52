/**
 * What two patterns have in common, seen segment by segment: enough for most templates, and cheap.
 * Where `{**}` leaves it open the answer is undefined, and a search decides (automaton.ts).
 */
import type { Pattern } from './automaton';

const HOLE = /\{\*\*?\}/;

/** What all texts of a pattern that is not exact begin with. */
export function headOf({ kind, text }: Pattern): string {
  if (kind === 'template') return text.slice(0, text.search(HOLE));
  return kind === 'prefix' ? text : '';
}

/** What all texts of a pattern that is not exact end with. */
export function tailOf({ kind, text }: Pattern): string {
  if (kind === 'template') return text.slice(text.lastIndexOf('}') + 1);
  return kind === 'suffix' ? text : '';
}

/** Of patterns that are not exact, one of them a template. */
export function templateContains(outer: Pattern, inner: Pattern): boolean | undefined {
  // whatever stands beyond a literal end of `inner` may be a letter that `outer` does not expect
  if (!headOf(inner).startsWith(headOf(outer))) return false;
  if (!tailOf(inner).endsWith(tailOf(outer))) return false;
  if (outer.kind === 'prefix' || outer.kind === 'suffix') return true;
  const [a, b] = [fixedSegments(outer), fixedSegments(inner)];
  if (a === undefined || b === undefined) {
    return templatesDisjoint(outer, inner) === true ? false : undefined;
  }
  return a.length === b.length && a.every((one, index) => segmentContains(one, b[index] ?? ''));
}

/** Of patterns that are not exact, one of them a template. */
export function templatesDisjoint(a: Pattern, b: Pattern): boolean | undefined {
  const [heads, tails] = [
    [headOf(a), headOf(b)],
    [tailOf(a), tailOf(b)],
  ].map(([x = '', y = '']) => [x, y] as const);
  if (heads !== undefined && !startsAlike(heads)) return true;
  if (tails !== undefined && !endsAlike(tails)) return true;
  const [x, y] = [fixedSegments(a), fixedSegments(b)];
  if (x !== undefined && y !== undefined) {
    return x.length !== y.length || !x.every((one, index) => segmentsMeet(one, y[index] ?? ''));
  }
  const [first, second] = [leadingSegments(a), leadingSegments(b)];
  const known = Math.min(first.length, second.length);
  const meet = first.slice(0, known).every((one, at) => segmentsMeet(one, second[at] ?? ''));
  return meet ? undefined : true;
}

function startsAlike([a, b]: readonly [string, string]): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function endsAlike([a, b]: readonly [string, string]): boolean {
  return a.endsWith(b) || b.endsWith(a);
}

/** Every text of the pattern has these segments and no others; undefined: their number is open. */
function fixedSegments(pattern: Pattern): readonly string[] | undefined {
  if (pattern.kind !== 'template' || pattern.text.includes('{**}')) return undefined;
  const segments = pattern.text.split('/');
  return segments.every(isWhole) ? segments : undefined;
}

/** Segments that every text of the pattern begins with, one by one. */
function leadingSegments({ kind, text }: Pattern): readonly string[] {
  if (kind !== 'template' && kind !== 'prefix') return [];
  const segments = text.split('/');
  const open = segments.findIndex((one) => one.includes('{**}') || !isWhole(one));
  // of a prefix the last segment goes on
  return segments.slice(0, open < 0 ? segments.length - 1 : open);
}

/** Holes are whole segments in what Istio accepts. */
function isWhole(segment: string): boolean {
  return segment === '{*}' || !HOLE.test(segment);
}

function segmentContains(outer: string, inner: string): boolean {
  return outer === '{*}' ? inner !== '' : outer === inner;
}

function segmentsMeet(a: string, b: string): boolean {
  return segmentContains(a, b) || segmentContains(b, a);
}
