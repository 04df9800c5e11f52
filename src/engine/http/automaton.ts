/**
 * Is there a text that is one of each of these lists of patterns and none of those? Every pattern is
 * a small automaton; they read a text together, letter by letter, and the search goes breadth first
 * over what they can be in at the same time. Letters that no pattern names behave alike, so one of
 * them stands for all: the alphabet is finite and the answer exact.
 *
 * Bound: states of the product; patterns without asterisk die at the first letter that differs, so
 * in practice the sum of the pattern lengths. Beyond `MAX_STATES` the answer is a text that says so.
 */

/** One value of a policy, read. */
export interface Pattern {
  readonly kind: 'exact' | 'prefix' | 'suffix' | 'present' | 'template';
  /** Without the asterisk; of a template as it is written. */
  readonly text: string;
}

export interface TextQuestion {
  /** Of each list one pattern at least. */
  readonly some: readonly (readonly Pattern[])[];
  /** None of these. */
  readonly none: readonly Pattern[];
}

/** Which texts there are at all. */
export interface TextDomain {
  readonly nonEmpty: boolean;
  /** Letters that never occur. */
  readonly without: string;
}

const EVERY_TEXT: TextDomain = { nonEmpty: false, without: '' };

/** Product states beyond which a search gives up. */
const MAX_STATES = 50_000;

/** What a search answers that gave up: no text, but not a proof of emptiness either. */
export const GAVE_UP = Symbol('gave up');

/** A piece of a pattern: reads one letter, or any number of them. */
interface Piece {
  readonly reads: 'letter' | 'no slash' | 'any letter';
  /** The one that `letter` reads. */
  readonly letter?: string;
  readonly repeats: boolean;
}

/** Positions between the pieces, sorted. */
type State = readonly number[];

/** The shortest such text; undefined: there is none. */
export function findText(
  { some, none }: TextQuestion,
  domain: TextDomain = EVERY_TEXT,
): string | undefined | typeof GAVE_UP {
  const patterns = [...some.flat(), ...none];
  const automata = patterns.map(piecesOf);
  const alphabet = alphabetOf(patterns, domain);
  const answers = (states: readonly State[]): boolean => accepts(states, automata, { some, none });
  const start = automata.map((pieces) => closure(pieces, [0]));
  if (!domain.nonEmpty && answers(start)) return '';
  const seen = new Set([keyOf(start)]);
  let layer: { readonly states: readonly State[]; readonly text: string }[] = [
    { states: start, text: '' },
  ];
  while (layer.length > 0) {
    const next: typeof layer = [];
    for (const { states, text } of layer) {
      for (const letter of alphabet) {
        const reached = states.map((state, index) => step(automata[index] ?? [], state, letter));
        if (answers(reached)) return text + letter;
        if (!canStillAnswer(reached, some)) continue;
        const key = keyOf(reached);
        if (seen.has(key)) continue;
        if (seen.size >= MAX_STATES) return GAVE_UP;
        seen.add(key);
        next.push({ states: reached, text: text + letter });
      }
    }
    layer = next;
  }
  return undefined;
}

function piecesOf({ kind, text }: Pattern): Piece[] {
  const any: Piece = { reads: 'any letter', repeats: true };
  switch (kind) {
    case 'exact':
      return lettersOf(text);
    case 'prefix':
      return [...lettersOf(text), any];
    case 'suffix':
      return [any, ...lettersOf(text)];
    case 'present':
      return [{ reads: 'any letter', repeats: false }, any];
    case 'template':
      return text.split(/(\{\*\*?\})/).flatMap((part): Piece[] => {
        if (part === '{**}') return [any];
        if (part !== '{*}') return lettersOf(part);
        return [
          { reads: 'no slash', repeats: false },
          { reads: 'no slash', repeats: true },
        ];
      });
  }
}

function lettersOf(text: string): Piece[] {
  return Array.from(text, (letter) => ({ reads: 'letter', letter, repeats: false }));
}

/** Letters that some pattern names, the slash, and one that stands for all others. */
function alphabetOf(patterns: readonly Pattern[], { without }: TextDomain): string[] {
  const named = new Set(patterns.flatMap(({ text }) => Array.from(text)));
  named.add('/');
  let other = '~'.charCodeAt(0);
  // lower-case letters and what lies beyond: a host has no capitals
  while (named.has(String.fromCharCode(other)) || without.includes(String.fromCharCode(other))) {
    other += 1;
  }
  return [...named, String.fromCharCode(other)].filter((letter) => !without.includes(letter));
}

/** What repeats may also be left out. */
function closure(pieces: readonly Piece[], state: State): State {
  const all = new Set<number>();
  for (const start of state) {
    for (let at = start; ; at += 1) {
      all.add(at);
      if (pieces[at]?.repeats !== true) break;
    }
  }
  return [...all].sort((a, b) => a - b);
}

function step(pieces: readonly Piece[], state: State, letter: string): State {
  const reached: number[] = [];
  for (const at of state) {
    const piece = pieces[at];
    if (piece !== undefined && reads(piece, letter)) reached.push(piece.repeats ? at : at + 1);
  }
  return closure(pieces, reached);
}

function reads(piece: Piece, letter: string): boolean {
  switch (piece.reads) {
    case 'letter':
      return letter === piece.letter;
    case 'no slash':
      return letter !== '/';
    case 'any letter':
      return true;
  }
}

function accepts(
  states: readonly State[],
  automata: readonly (readonly Piece[])[],
  { some, none }: TextQuestion,
): boolean {
  const done = states.map((state, index) => state.includes(automata[index]?.length ?? 0));
  let from = 0;
  for (const list of some) {
    if (!done.slice(from, from + list.length).includes(true)) return false;
    from += list.length;
  }
  return !done.slice(from, from + none.length).includes(true);
}

/** Whether of each list some automaton is still alive. */
function canStillAnswer(states: readonly State[], some: TextQuestion['some']): boolean {
  let from = 0;
  for (const list of some) {
    if (!states.slice(from, from + list.length).some((state) => state.length > 0)) return false;
    from += list.length;
  }
  return true;
}

function keyOf(states: readonly State[]): string {
  return states.map((state) => state.join(',')).join(';');
}
