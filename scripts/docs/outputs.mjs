// What stands in a block that is not an example: taken from what the example wrote, never typed.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { fail, root } from '../run.mjs';
import { keyOf } from './examples.mjs';
import { TABLES } from './tables.mjs';

/** The content that a block must have. */
export function contentOf(block, results) {
  if (block.marker === 'generated') return generated(block);
  const result = results.get(keyOf(block));
  if (result === undefined) fail(`${block.where}: the page has no example of that name`);
  switch (block.marker) {
    case 'output':
      return output(block, result);
    case 'objects':
      return documentsOf(result.folder)
        .map(({ names }) => names.at(-1))
        .join('\n');
    case 'files':
      return filesOf(result).join('\n');
    case 'record':
      return records(block, result);
    case 'prints':
      return result.printed.trimEnd();
    case 'asks':
      return asked(block, result);
    case 'error':
      return result.error;
  }
  return fail(`${block.where}: no such marker`);
}

/** `asks: name reach dist` is the command with its answer, asked in the folder of the example. */
function asked({ args }, { folder }) {
  const program = path.join(root, 'lib', 'src', 'cli', 'main.js');
  const words = args.match(/'[^']*'|\S+/g).map((word) => word.replace(/^'(.*)'$/, '$1'));
  const env = { ...process.env, NO_COLOR: '1' };
  const { stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    ...{ cwd: folder, env, encoding: 'utf8' },
  });
  return `$ ml-netpol ${args}\n${stdout}${stderr}`.trimEnd();
}

function generated(block) {
  const table = TABLES[block.name];
  if (table === undefined) fail(`${block.where}: one of ${Object.keys(TABLES).join(', ')}`);
  return `\n${table()}\n`;
}

/**
 * `output: name` is everything, `name a.yaml` a file, `name Kind a, Kind b/c` some objects; of a
 * program that writes several folders, `Kind a in dist/prod`.
 */
function output(block, { folder }) {
  const { args } = block;
  if (/^\S+\.\w+$/.test(args)) return textOf(block, path.join(folder, args)).trimEnd();
  const documents = documentsOf(folder);
  if (args === '') return documents.map(({ text }) => text).join('\n---\n');
  return args
    .split(/, */)
    .map((wanted) => one(block, documents, wanted))
    .join('\n---\n');
}

function one(block, documents, wanted) {
  const found = documents.filter(({ names }) => names.includes(wanted));
  if (found.length === 1) return found[0].text;
  const known = documents.map(({ names }) => names.at(-1)).join('\n  ');
  return fail(`${block.where}: ${found.length} objects are ${wanted}, there are\n  ${known}`);
}

/** Every object of the YAML below a folder, with the text that it was written as. */
function documentsOf(folder) {
  return filesOf({ folder })
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) =>
      readFileSync(path.join(folder, file), 'utf8')
        .split(/^---\n/m)
        .map((text) => ({ file, text: text.trimEnd(), object: parse(text) })),
    )
    .filter(({ object }) => object !== null)
    .map(({ file, text, object: { kind, metadata } }) => {
      const names = namesOf(kind, metadata);
      const below = path.posix.dirname(file);
      return { text, names: [...names.map((name) => `${name} in ${below}`), ...names] };
    });
}

function namesOf(kind, { name, namespace }) {
  return namespace === undefined
    ? [`${kind} ${name}`]
    : [`${kind} ${name}`, `${kind} ${namespace}/${name}`];
}

/** What an example wrote, relative to its folder. */
function filesOf({ folder }) {
  return readdirSync(folder, { recursive: true })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /\.\w+$/.test(file) && !/^main\.\w+$/.test(file))
    .sort();
}

/** Records of a kind in the only traffic model file that the example wrote. */
function records(block, { folder }) {
  const files = filesOf({ folder }).filter((file) => file.endsWith('.jsonl'));
  if (files.length !== 1) fail(`${block.where}: ${files.length} traffic model files`);
  return textOf(block, path.join(folder, files[0]))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ record }) => record === block.args)
    .map((record) => JSON.stringify(record, null, 2))
    .join('\n');
}

function textOf(block, file) {
  if (!existsSync(file)) fail(`${block.where}: the example writes no such file`);
  return readFileSync(file, 'utf8');
}
