/** Whether every format has its file, its test, its entry; and what all formats promise. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FORMATS } from '../../src/report';
import { HOSTILE, OPTIONS, RESULTS } from './results';
import { schemaProblems } from './schema';

const ROOT = join(__dirname, '../..');
/** Files of src/report that are no format. */
const SHARED = ['columns', 'graph', 'index', 'names', 'objections', 'report', 'words'];

const cases = FORMATS.flatMap((format) =>
  Object.entries(RESULTS)
    .filter(([, { query }]) => format.queries.includes(query))
    .map(([title, result]) => ({ name: format.name, title, format, result })),
);

describe('the formats', () => {
  it('are the files of src/report', () => {
    const files = readdirSync(join(ROOT, 'src/report'))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.slice(0, -3))
      .filter((name) => !SHARED.includes(name));
    expect(FORMATS.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it.each(FORMATS)('$name has a test', ({ name }) => {
    expect(existsSync(join(ROOT, 'test/report', `${name}.test.ts`))).toBe(true);
  });

  it.each(Object.entries(RESULTS))('are shown %s as the schema says', (_, result) => {
    expect(schemaProblems(result)).toEqual([]);
  });

  it.each(cases)('$name shows $title, the same each time, on whole lines', ({ format, result }) => {
    const report = format.load();
    const text = [...report.render(result, OPTIONS)].join('');
    expect([...report.render(result, OPTIONS)].join('')).toBe(text);
    if (text !== '') expect(text.endsWith('\n')).toBe(true);
  });

  it.each(cases)('$name lets no name of $title reach the terminal', ({ format, result }) => {
    const all = { ...OPTIONS, all: true };
    const text = [...format.load().render(result, all)].join('');
    expect(text).not.toContain(HOSTILE);
    expect(text.replace(/\n/g, '')).not.toMatch(/\p{Cc}/u);
  });
});
