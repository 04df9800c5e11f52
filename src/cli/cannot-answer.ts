/** Why there is no answer: wrong usage, or input that cannot be used. One clear line each; exit 2. */
import { nearMiss } from '../values/near-miss';

export class CannotAnswer extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'CannotAnswer';
  }
}

/** Refuses with one line: where, got, expected. */
export function refuse(where: string, got: string, expected: string): never {
  throw new CannotAnswer([`${where}: got ${JSON.stringify(got)}, expected ${expected}`]);
}

/** Refuses a word that is not of a vocabulary, and says which one was probably meant. */
export function refuseWord(where: string, got: string, words: readonly string[]): never {
  refuse(where, got, `one of ${words.join(', ')}${didYouMean(got, words)}`);
}

/** `; did you mean --from?`, or nothing. */
export function didYouMean(got: string, words: readonly string[]): string {
  const meant = nearMiss(got, words);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

/** Message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
