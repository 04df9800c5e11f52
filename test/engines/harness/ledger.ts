/**
 * What the tests of a run counted, in a file: each test file has its own memory, and the closing
 * lines are about all of them.
 */

import { appendFileSync, readFileSync } from 'node:fs';

/** Set by start-ledger.ts. */
export const LEDGER = 'ENGINES_LEDGER';

export interface Counts {
  readonly engine: string;
  readonly agreements: number;
  readonly disagreements: number;
  readonly skipped: number;
}

interface Missing {
  readonly engine: string;
  readonly missing: readonly string[];
}

export function record(counts: Counts): void {
  append(counts);
}

export function recordMissing(engine: string, missing: readonly string[]): void {
  append({ engine, missing });
}

/** The closing lines: an engine a line, and one for each that could not run. */
export function closingLines(entries: readonly (Counts | Missing)[]): string[] {
  const counts = entries.filter((entry) => 'agreements' in entry);
  const rows = namesOf(counts).map((engine) => {
    const own = counts.filter((entry) => entry.engine === engine);
    const sum = (of: (entry: Counts) => number) => own.reduce((all, one) => all + of(one), 0);
    const [agreements, disagreements, skipped] = [
      sum((one) => one.agreements),
      sum((one) => one.disagreements),
      sum((one) => one.skipped),
    ];
    return [engine, agreements + disagreements + skipped, agreements, disagreements, skipped];
  });
  const missing = entries
    .filter((entry) => 'missing' in entry)
    .map((entry) => `${entry.engine}: skipped, there is no ${entry.missing.join(', no ')}`);
  return [
    ...table([['engine', 'cells', 'agreements', 'disagreements', 'skipped'], ...rows]),
    ...new Set(missing),
  ];
}

export function entriesOf(file: string): (Counts | Missing)[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Counts | Missing);
}

function append(entry: Counts | Missing): void {
  const file = process.env[LEDGER];
  if (file === undefined) throw new Error('run these tests with npm run test:engines');
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

function namesOf(counts: readonly Counts[]): string[] {
  return [...new Set(counts.map(({ engine }) => engine))].sort();
}

/** Words to the left, numbers to the right. */
function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = rows.reduce<readonly number[]>(
    (wide, row) => row.map((cell, column) => Math.max(wide[column] ?? 0, String(cell).length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
      })
      .join('  '),
  );
}
