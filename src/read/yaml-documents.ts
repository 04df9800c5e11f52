/**
 * Text -> documents as plain values. YAML and JSON alike, since JSON is YAML.
 *
 * Documents are cut apart before they are parsed (`---` at a line's start means nothing else in
 * YAML), so that an error costs one document and a limit holds for one document. Parsed by js-yaml:
 * docs/reading.md has the measurement. Bounded for hostile text: size, depth, aliases, and what
 * aliases expand to.
 */
import { constructFromEvents, parseEvents, YAMLException } from 'js-yaml';
import { countLines, DEPTH_LIMIT, describePath, DocumentSource } from './locate';
import type { Json, JsonObject, Position, ReadProblem, Unclear } from './resource';
import type { Text } from './text';
import { KUBERNETES_SCHEMA } from './yaml-schema';

/** Characters of one document; the number of documents has no limit. */
export const DOCUMENT_LIMIT = 16 * 1024 * 1024;
/** Lines, and what separates values within them: memory goes by values, not by characters. */
const ITEM_LIMIT = 1_000_000;
const ALIAS_LIMIT = 10_000;
/** Values of one document with every alias written out. */
const EXPANDED_LIMIT = 1_000_000;

export interface YamlDocument {
  readonly value: Json;
  readonly source: DocumentSource;
  readonly unclear: readonly Unclear[];
}

interface Chunk {
  readonly text: string;
  /** Line of the file that it starts in, counted from 0. */
  readonly line: number;
}

/** Every document that can be read, and a problem for every one that cannot. */
export function readDocuments(
  file: string,
  { text, invalid }: Text,
): { documents: YamlDocument[]; problems: ReadProblem[] } {
  const [documents, problems]: [YamlDocument[], ReadProblem[]] = [[], []];
  for (const chunk of file.endsWith('.jsonl') ? linesOf(text) : chunksOf(text)) {
    const refused = refusal(file, chunk, invalid);
    if (refused !== undefined) problems.push(refused);
    else readChunk(file, chunk, documents, problems);
  }
  return { documents, problems };
}

function refusal(file: string, { text, line }: Chunk, invalid: boolean): ReadProblem | undefined {
  if (text.length > DOCUMENT_LIMIT || hasTooManyItems(text)) {
    return lostDocument(text, {
      code: 'document-too-large',
      at: { file, line: line + 1, column: 1 },
      got: `${text.length} characters`,
      expected: `at most ${DOCUMENT_LIMIT} characters and ${ITEM_LIMIT} lines and values in one document`,
      fix: 'write a list as several documents; there may be any number of them',
    });
  }
  const offset = invalid ? text.indexOf('\uFFFD') : -1;
  if (offset < 0) return undefined;
  return lostDocument(text, {
    code: 'invalid-utf8',
    at: new DocumentSource(file, text, line, 0).positionOf(offset),
    got: 'bytes that are no UTF-8',
    expected: 'text in UTF-8',
    fix: 'save the file as UTF-8',
  });
}

function hasTooManyItems(text: string): boolean {
  if (text.length <= ITEM_LIMIT) return false;
  let items = 0;
  for (let at = 0; at < text.length && items <= ITEM_LIMIT; at += 1) {
    if (SEPARATORS.has(text.charCodeAt(at))) items += 1;
  }
  return items > ITEM_LIMIT;
}

/** What ends a line, or starts a value within one. */
const SEPARATORS = new Set(Array.from('\n\r,[{', (character) => character.charCodeAt(0)));

function readChunk(
  file: string,
  { text, line }: Chunk,
  documents: YamlDocument[],
  problems: ReadProblem[],
): void {
  const sourceOf = (index: number): DocumentSource => new DocumentSource(file, text, line, index);
  let repeats = false;
  try {
    let values: Json[];
    try {
      values = parse(text, false);
    } catch (error) {
      if (!isRepeatedKey(error)) throw error;
      repeats = true;
      values = parse(text, true);
    }
    for (const [index, value] of values.entries()) {
      const source = sourceOf(index);
      if (text.includes('*') && !isBounded(value)) {
        problems.push(lostDocument(text, aliasBomb(source.positionOf(0))));
        continue;
      }
      const unclear = repeats ? repeatedKeys(source, problems) : [];
      documents.push({ value, source, unclear });
    }
  } catch (error) {
    problems.push(lostDocument(text, syntaxProblem(sourceOf(0), error)));
  }
}

function parse(text: string, json: boolean): Json[] {
  const events = parseEvents(text, { maxDepth: DEPTH_LIMIT });
  return constructFromEvents(events, {
    source: text,
    schema: KUBERNETES_SCHEMA,
    json,
    maxAliases: ALIAS_LIMIT,
    // the schema makes nothing but null, booleans, numbers, text, lists and mappings
  }) as Json[];
}

function isRepeatedKey(error: unknown): boolean {
  return error instanceof YAMLException && error.reason === 'duplicated mapping key';
}

/** Problems for the keys; the last one counts, as it does to the API server where it is lenient. */
function repeatedKeys(source: DocumentSource, problems: ReadProblem[]): Unclear[] {
  return source.repeatedKeys().map(({ path, offset }) => {
    problems.push({
      code: 'duplicate-key',
      at: source.positionOf(offset),
      got: describePath(path),
      expected: 'every key once in its mapping',
      fix: 'remove one of the two; the last one is read',
    });
    return { path, why: `key ${describePath(path)} stands twice` };
  });
}

function syntaxProblem(source: DocumentSource, error: unknown): Omit<ReadProblem, 'lost'> {
  const { reason, offset } = reasonOf(error);
  const at = source.positionOf(Math.min(offset, source.text.length));
  const [code, fix] = codeOf(reason);
  return { code, at, got: lineAt(source.text, offset), expected: `YAML: ${reason}`, fix };
}

function reasonOf(error: unknown): { reason: string; offset: number } {
  if (error instanceof YAMLException) {
    const mark = error.mark as { readonly position?: number } | undefined;
    return { reason: error.reason, offset: mark?.position ?? 0 };
  }
  // the parser recurses: its stack may end before its own limit
  return { reason: error instanceof Error ? error.message : String(error), offset: 0 };
}

function codeOf(reason: string): [code: string, fix: string] {
  if (reason.includes('maxDepth')) return ['too-deep', `at most ${DEPTH_LIMIT} levels`];
  if (reason.includes('exceeded max')) return ['too-many-aliases', 'write the values out'];
  return ['yaml-syntax', 'correct the line, or the one before it'];
}

function aliasBomb(at: Position): Omit<ReadProblem, 'lost'> {
  return {
    code: 'alias-bomb',
    at,
    got: 'aliases that contain themselves or expand without bound',
    expected: `at most ${EXPANDED_LIMIT} values and ${DEPTH_LIMIT} levels with aliases written out`,
    fix: 'write the values out',
  };
}

/** The problem with what it costs; a kind is guessed, for people only. */
function lostDocument(text: string, problem: Omit<ReadProblem, 'lost'>): ReadProblem {
  const guess = (pattern: RegExp): string | undefined => pattern.exec(text.slice(0, 65_536))?.[1];
  const kind = guess(/^["'{\s]*kind["']?:\s*["']?(\w+)/m) ?? 'unknown';
  const { file, line } = problem.at;
  const name = guess(/^ {1,8}name:\s*["']?([\w.-]+)/m) ?? `${file}:${line}`;
  const why = `document cannot be read: ${problem.expected}`;
  return { ...problem, lost: { kind, name, at: problem.at, why } };
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', Math.max(offset - 1, 0)) + 1;
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? start + 80 : Math.min(end, start + 80)).trim();
  return line === '' ? 'an empty line' : line;
}

/** Whether the value, written out without aliases, keeps within the limits. */
function isBounded(root: Json): boolean {
  const known = new Map<object, { readonly size: number; readonly height: number }>();
  const open = new Set<object>();
  const measure = (value: Json, depth: number): { size: number; height: number } => {
    if (typeof value !== 'object' || value === null) return { size: 1, height: 0 };
    const measured = known.get(value);
    if (measured !== undefined) return measured;
    if (depth > DEPTH_LIMIT || open.has(value)) return { size: Infinity, height: Infinity };
    open.add(value);
    let [size, height] = [1, 0];
    for (const member of Object.values<Json>(value as JsonObject)) {
      const inner = measure(member, depth + 1);
      [size, height] = [size + inner.size, Math.max(height, inner.height + 1)];
    }
    open.delete(value);
    known.set(value, { size, height });
    return { size, height };
  };
  const { size, height } = measure(root, 0);
  return size <= EXPANDED_LIMIT && height <= DEPTH_LIMIT;
}

/** Cuts at lines that start with `---`; directives stay with the document that follows them. */
function* chunksOf(text: string): Generator<Chunk> {
  let [start, line] = [0, 0];
  let from = text.startsWith('---') ? 3 : 0;
  for (;;) {
    const marker = nextMarker(text, from);
    const chunk = text.slice(start, marker);
    if (marker < text.length && isDirectives(chunk)) {
      from = marker + 3;
      continue;
    }
    if (!/^(?:---)?\s*$/.test(chunk)) yield { text: chunk, line };
    if (marker >= text.length) return;
    line += countLines(chunk);
    [start, from] = [marker, marker + 3];
  }
}

/** Lines of JSON are documents of their own. */
function* linesOf(text: string): Generator<Chunk> {
  let line = 0;
  for (const each of text.split('\n')) {
    if (/\S/.test(each)) yield { text: each, line };
    line += 1;
  }
}

/** Offset of the next `---` at a line's start; the text's length where there is none. */
function nextMarker(text: string, from: number): number {
  for (let at = text.indexOf('\n---', from); at >= 0; at = text.indexOf('\n---', at + 1)) {
    const after = text[at + 4];
    if (after === undefined || ' \t\r\n'.includes(after)) return at + 1;
  }
  return text.length;
}

function isDirectives(chunk: string): boolean {
  if (!chunk.startsWith('%') && !chunk.includes('\n%')) return false;
  return chunk.split('\n').every((line) => /^\s*$|^[#%]/.test(line));
}
