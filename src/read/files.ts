/**
 * Files, folders, globs and stdin (`-`) -> everything that they say. The only file of the reading
 * side that opens files.
 *
 * Folders are walked in order of names, each real file is read once whatever leads to it, hidden
 * folders and node_modules are left out. What is named and cannot be read is a problem.
 */
import { readdirSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { CONSTRUCT_METADATA, constructPathsOf, noteConstructPaths } from './construct-paths';
import { globMatcher, globRoot, isGlob } from './glob';
import { readBytes } from './read-text';
import type { ReadProblem } from './resource';
import { ReadResource } from './resources';
import type { ReadResult } from './result';
import { combine } from './result';
import { FILE_LIMIT, tooLarge } from './text';

/** What folders and globs are searched for; a file that is named is read whatever it is called. */
const MANIFEST = /\.(?:ya?ml|json|jsonl)$/i;

/** Where stdin comes from; tests have their own. */
export interface ReadIo {
  /** All of it. */
  stdin(): Uint8Array;
}

interface Search {
  readonly files: string[];
  readonly problems: ReadProblem[];
  /** Real paths of files that are read already. */
  readonly seen: Set<string>;
  /** Real paths of folders of this walk: links may lead in circles. */
  folders: Set<string>;
}

/** Everything that the paths say, each file once, in the order of the paths. */
export function readPaths(paths: readonly string[], io: ReadIo = { stdin: readStdin }): ReadResult {
  const search: Search = { files: [], problems: [], seen: new Set(), folders: new Set() };
  for (const path of paths) {
    search.folders = new Set();
    find(path, search);
  }
  const results = search.files.map((file) => readFile(file, io));
  results.push({ resources: [], models: [], problems: search.problems });
  const result = combine(results);
  noteAllConstructPaths(result);
  return result;
}

function find(path: string, search: Search): void {
  if (path === '-') {
    add('-', path, search);
    return;
  }
  const stat = statOf(path);
  if (stat?.isDirectory() === true) walk(path, search, () => true);
  else if (stat !== undefined) add(realPath(path), path, search);
  else if (isGlob(path)) findGlob(path, search);
  else search.problems.push(missing(path, 'no such file or folder'));
}

function findGlob(pattern: string, search: Search): void {
  const matcher = globMatcher(pattern);
  const root = globRoot(pattern);
  // files that another path has led to count as found
  const found: string[] = [];
  const matches = (file: string): boolean => {
    const isMatch = matcher.test(file.split(sep).join('/'));
    if (isMatch) found.push(file);
    return isMatch;
  };
  if (statOf(root)?.isDirectory() === true) walk(root, search, matches);
  if (found.length === 0) {
    search.problems.push(missing(pattern, 'no file of that pattern'));
  }
}

function walk(folder: string, search: Search, wanted: (file: string) => boolean): void {
  const real = realPath(folder);
  if (search.folders.has(real)) return;
  search.folders.add(real);
  for (const name of namesIn(folder, search)) {
    const path = normalize(join(folder, name));
    const stat = statOf(path);
    if (stat === undefined) {
      if (MANIFEST.test(name)) search.problems.push(missing(path, 'a link that leads nowhere'));
    } else if (stat.isDirectory()) {
      if (!name.startsWith('.') && name !== 'node_modules') walk(path, search, wanted);
    } else if (stat.isFile() && MANIFEST.test(name) && name !== CONSTRUCT_METADATA) {
      if (wanted(path)) add(realPath(path), path, search);
    }
  }
}

function namesIn(folder: string, search: Search): string[] {
  try {
    return readdirSync(folder).sort((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    search.problems.push(missing(folder, messageOf(error)));
    return [];
  }
}

function add(real: string, file: string, { seen, files }: Search): void {
  if (seen.has(real)) return;
  seen.add(real);
  files.push(file);
}

function readFile(file: string, io: ReadIo): ReadResult {
  const failed = (problem: ReadProblem): ReadResult => ({
    resources: [],
    models: [],
    problems: [problem],
  });
  try {
    if (file === '-') return readBytes(file, io.stdin());
    const size = statSync(file).size;
    return size > FILE_LIMIT ? failed(tooLarge(file, size)) : readBytes(file, readFileSync(file));
  } catch (error) {
    return failed(missing(file, messageOf(error)));
  }
}

/** Bounded: what comes after the limit is not awaited. */
function readStdin(): Uint8Array {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size <= FILE_LIMIT) {
    const chunk = Buffer.alloc(1 << 20);
    let count: number;
    try {
      count = readSync(0, chunk);
    } catch (error) {
      // a terminal or pipe without data yet
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') continue;
      if ((error as NodeJS.ErrnoException).code === 'EOF') break;
      throw error;
    }
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    size += count;
  }
  return Buffer.concat(chunks);
}

/** Output folders are a file's own and, with a folder per chart, the one above it. */
function noteAllConstructPaths({ resources }: ReadResult): void {
  const byFolder = new Map<string, ReadResource[]>();
  for (const resource of resources) {
    if (!(resource instanceof ReadResource) || resource.file === '-') continue;
    const folder = dirname(resource.file);
    const list = byFolder.get(folder);
    if (list === undefined) byFolder.set(folder, [resource]);
    else list.push(resource);
  }
  for (const [folder, members] of byFolder) {
    const own = pathsIn(folder);
    const paths = own ?? pathsIn(dirname(folder));
    if (paths !== undefined) noteConstructPaths(members, paths);
  }
}

function pathsIn(folder: string): ReadonlyMap<string, string> | undefined {
  const path = join(folder, CONSTRUCT_METADATA);
  const stat = statOf(path);
  if (stat === undefined || stat.size > FILE_LIMIT) return undefined;
  return constructPathsOf(readFileSync(path, 'utf8'));
}

function statOf(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // a loop of links, or a folder that may not be entered
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function missing(path: string, got: string): ReadProblem {
  const at = { file: path, line: 1, column: 1 };
  return {
    code: 'file-unreadable',
    at,
    got,
    expected: 'a file or folder that can be read, a glob that finds one, or - for stdin',
    fix: 'correct the path',
    lost: { kind: 'unknown', name: path, at, why: 'file was not read' },
  };
}
