/**
 * Lines of text in columns, with colours. Colour never carries meaning alone, and is put on after the
 * columns are measured.
 */
import { styleText } from 'node:util';

export type Tone = 'good' | 'bad' | 'unsure' | 'faint' | 'strong';

const STYLES = {
  good: 'green',
  bad: 'red',
  unsure: 'yellow',
  faint: 'dim',
  strong: 'bold',
} as const satisfies Readonly<Record<Tone, string>>;

/** A text, or one with a tone. */
export type Cell = string | readonly [text: string, tone: Tone];

/** Puts a tone on a text, or leaves it as it is. */
export type Paint = (text: string, tone: Tone) => string;

export function painter(color: boolean): Paint {
  if (!color) return (text) => text;
  // whether there is colour was decided by whoever knows the stream
  return (text, tone) => styleText(STYLES[tone], text, { validateStream: false });
}

/** Lines, each with its end; the columns are two spaces apart. */
export function table(rows: readonly (readonly Cell[])[], indent: number, paint: Paint): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, textOf(cell).length);
    });
  }
  return rows.map((row) => `${' '.repeat(indent)}${line(row, widths, paint)}\n`).join('');
}

function line(row: readonly Cell[], widths: readonly number[], paint: Paint): string {
  const last = row.reduce((found, cell, index) => (textOf(cell) === '' ? found : index), -1);
  return row
    .slice(0, last + 1)
    .map((cell, index) => {
      const text = textOf(cell);
      const gap = index === last ? '' : ' '.repeat((widths[index] ?? 0) - text.length + 2);
      return `${typeof cell === 'string' || text === '' ? text : paint(text, cell[1])}${gap}`;
    })
    .join('');
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell[0];
}
