// Markdown pages as far as scripts/docs.mjs looks at them: marker comments and the blocks below them.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fail, root } from '../run.mjs';

const MARKER = /^<!-- ([a-z]+): (.+) -->$/;
const FENCE = /^```(\w*)$/;
const MARKERS = [
  'example',
  'output',
  'objects',
  'files',
  'record',
  'prints',
  'asks',
  'error',
  'generated',
];

/** Languages that a reader takes for real: such a block needs a marker, or `<!-- as is: why -->`. */
const CHECKED = ['ts', 'yaml', 'json'];

/** Paths of the Markdown pages in a folder, sorted. */
export function pagesBelow(folder) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => `${folder}/${file.split(path.sep).join('/')}`)
    .filter((file) => file.endsWith('.md'))
    .sort();
}

/**
 * The marked blocks of a page: { page, where, marker, name, args, lang, content, start, end }.
 * `content` stands in the lines from `start` to before `end`.
 */
export function blocksOf(page, text) {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const [, marker, words] = MARKER.exec(line) ?? [];
    if (!MARKERS.includes(marker)) return [];
    const [name, ...args] = words.split(' ');
    const where = `${page}:${index + 1} ${marker} ${name}`;
    const place = marker === 'generated' ? untilEnd(lines, index) : fenceBelow(lines, index);
    if (place === undefined) fail(`${where}: no block below the marker`);
    const content = lines.slice(place.start, place.end).join('\n');
    return [{ page, where, marker, name, args: args.join(' '), ...place, content }];
  });
}

/** The text of a page with the content of some of its blocks replaced. */
export function textWith(text, changes) {
  const lines = text.split('\n');
  const fromTheEnd = [...changes].sort((a, b) => b.block.start - a.block.start);
  for (const { block, content } of fromTheEnd) {
    lines.splice(block.start, block.end - block.start, ...content.split('\n'));
  }
  return lines.join('\n');
}

/** Fences of a checked language that nothing checks. */
export function unmarkedFences(page, text) {
  const lines = text.split('\n');
  let inside = false;
  return lines.flatMap((line, index) => {
    if (!line.startsWith('```')) return [];
    inside = !inside;
    const [, lang] = FENCE.exec(line) ?? [];
    const above = lines[index - 1] === '' ? lines[index - 2] : lines[index - 1];
    if (!inside || !CHECKED.includes(lang) || /^<!-- .+: .+ -->$/.test(above ?? '')) return [];
    return [
      `${page}:${index + 1} ${lang} block without a marker\n  fix: <!-- example: name -->, or <!-- as is: why nothing checks it -->`,
    ];
  });
}

function fenceBelow(lines, marker) {
  const open = lines[marker + 1] === '' ? marker + 2 : marker + 1;
  const [, lang] = FENCE.exec(lines[open] ?? '') ?? [];
  const end = lines.indexOf('```', open + 1);
  return lang === undefined || end < 0 ? undefined : { lang, start: open + 1, end };
}

function untilEnd(lines, marker) {
  const end = lines.indexOf('<!-- end -->', marker);
  return end < 0 ? undefined : { start: marker + 1, end };
}
