/**
 * Two verdicts a cell, ours and an engine's, counted; close() fails the test on any difference.
 */

import { record } from './ledger';

/** Differences that a failure shows in full; the others are counted. */
const SHOWN = 20;

export class Tally {
  private agreements = 0;
  private readonly differences: string[] = [];
  private readonly reasons = new Map<string, number>();

  /** `engine` as in the closing lines, `part` names this table of it. */
  constructor(
    private readonly engine: string,
    private readonly part: string,
  ) {}

  /** One cell. `evidence` is asked for only when the two differ. */
  compare<T extends string | number | boolean>(
    cell: string,
    verdicts: { readonly ours: T; readonly theirs: T },
    evidence: () => string = () => '',
  ): void {
    const { ours, theirs } = verdicts;
    if (ours === theirs) this.agreements += 1;
    else this.differences.push(`${cell}: we say ${ours}, it says ${theirs}\n${evidence()}`.trim());
  }

  /** Cells that cannot be observed here, and why: never what turned out otherwise. */
  skip(why: string, cells = 1): void {
    this.reasons.set(why, (this.reasons.get(why) ?? 0) + cells);
  }

  /** So far; a negative control asks for it, and closes nothing: it does not count. */
  get disagreements(): number {
    return this.differences.length;
  }

  /** Records the counts and prints them; an Error when verdicts differ, or when there were none. */
  close(): void {
    const { engine, part, agreements, differences, reasons } = this;
    const skipped = [...reasons.values()].reduce((sum, cells) => sum + cells, 0);
    record({ engine, agreements, disagreements: differences.length, skipped });
    const why = [...reasons].map(([reason, cells]) => `, ${cells} skipped: ${reason}`).join('');
    const summary = `${engine}, ${part}: ${agreements} agree, ${differences.length} differ${why}`;
    process.stdout.write(`${summary}\n`);
    if (agreements + differences.length === 0) throw new Error(`${summary}: nothing was compared`);
    if (differences.length === 0) return;
    const shown = differences.slice(0, SHOWN).join('\n');
    throw new Error(`${summary}\n${shown}${differences.length > SHOWN ? '\n…' : ''}`);
  }
}
