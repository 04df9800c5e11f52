// Keeps README.md and docs/ true. Every marked TypeScript block is compiled against the built package
// and run in a folder of its own; what it wrote, or the error that it ended with, is put into the
// blocks that are marked as its output. With --check it changes nothing, and fails naming the page and
// the block that differ. docs/README.md lists the markers.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import './build.mjs';
import { compileExamples, runExamples } from './docs/examples.mjs';
import { contentOf } from './docs/outputs.mjs';
import { blocksOf, pagesBelow, textWith, unmarkedFences } from './docs/pages.mjs';
import { fail, root } from './run.mjs';

/** Written by other scripts: jsii-docgen, bench, docs-rules.mjs. */
const NOT_OURS = ['docs/API.md', 'docs/benchmarks.md', ...pagesBelow('docs/rules')];

const check = process.argv.includes('--check');
const pages = ['README.md', ...pagesBelow('docs').filter((page) => !NOT_OURS.includes(page))];
const texts = new Map(pages.map((page) => [page, readFileSync(path.join(root, page), 'utf8')]));
const blocks = pages.flatMap((page) => blocksOf(page, texts.get(page)));

stopAt(pages.flatMap((page) => unmarkedFences(page, texts.get(page))));
const compiled = compileExamples(blocks);
stopAt(compiled.problems);
const runs = runExamples(compiled);
stopAt(runs.problems);

const differing = [];
for (const page of pages) {
  const outputs = blocks.filter((block) => block.page === page && block.marker !== 'example');
  const changes = outputs.flatMap((block) => {
    const content = contentOf(block, runs.results);
    return content === block.content ? [] : [{ block, content }];
  });
  if (changes.length === 0) continue;
  differing.push(...changes.map(({ block, content }) => difference(block, content)));
  if (!check) writeFileSync(path.join(root, page), textWith(texts.get(page), changes));
}
if (check) stopAt(differing, 'fix: npm run docs');

const examples = blocks.filter(({ marker }) => marker === 'example').length;
const changed = differing.length === 0 ? 'nothing to change' : `${differing.length} blocks changed`;
process.stdout.write(
  `docs: ${pages.length} pages, ${examples} examples run, ` +
    `${blocks.length - examples} blocks compared, ${changed}\n`,
);

/** The block and the first line in which it differs. */
function difference({ where, content }, expected) {
  const [have, want] = [content.split('\n'), expected.split('\n')];
  const at = want.findIndex((line, index) => line !== have[index]);
  const line = at < 0 ? want.length : at;
  return `${where} differs\n  has: ${have[line] ?? '(ends)'}\n  is:  ${want[line] ?? '(ends)'}`;
}

function stopAt(problems, fix) {
  if (problems.length > 0) fail([...problems, ...(fix === undefined ? [] : [fix])].join('\n'));
}
