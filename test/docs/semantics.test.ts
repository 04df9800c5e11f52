/** Every decision of docs/semantics.md names tests that exist, or says that there is none. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const LINES = readFileSync(join(ROOT, 'docs/semantics.md'), 'utf8').split('\n');
const ROWS = LINES.filter((line) => line.startsWith('| ')).map((line) => line.slice(2, -2));
const DECISIONS = ROWS.filter((row) => /^[A-Z]{2}-\d+ \|/.test(row));

/** A file in backticks, and the titles in quotes that follow it. */
function namedIn(row: string): { readonly file: string; readonly title: string }[] {
  let file = '';
  return [...row.matchAll(/`([\w./-]+\.test\.ts)`|"([^"]+)"/g)].flatMap(([, path, title = '']) => {
    if (path !== undefined) file = path;
    return path === undefined && file !== '' ? [{ file, title }] : [];
  });
}

const NAMED = ROWS.flatMap(namedIn).map(({ file, title }): [string, string] => [file, title]);

test('there are decisions, each with a source and an id of its own', () => {
  const ids = DECISIONS.map((row) => row.split(' | ')[0]);
  expect(ids.length).toBeGreaterThan(80);
  expect(ids).toEqual([...new Set(ids)]);
  expect(DECISIONS.filter((row) => (row.split(' | ')[2] ?? '') === '')).toEqual([]);
});

test('every decision names a test, or says that it is untested', () => {
  const silent = DECISIONS.filter((row) => {
    return namedIn(row).length === 0 && !row.includes('**untested**');
  });
  expect(silent).toEqual([]);
});

test.each(NAMED)('%s has "%s"', (file, title) => {
  const path = join(ROOT, 'test', file);
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(title);
});

test('every missing fact is explained', () => {
  const verdict = readFileSync(join(ROOT, 'src/engine/verdict.ts'), 'utf8');
  const facts = [...verdict.matchAll(/^ {2}\| '([\w-]+)'/gm)].map(([, fact]) => fact);
  const told = ROWS.flatMap((row) => /^`([\w-]+)` \|/.exec(row)?.[1] ?? []);
  expect(told).toEqual(facts);
});
