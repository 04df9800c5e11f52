/**
 * From a field's path to its line and column, found when asked for: the document is parsed once more,
 * this time for the offsets of its nodes. Few documents are ever reported, so nothing is kept for the
 * others but their text.
 */
import type { Event } from 'js-yaml';
import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import type { FieldPath, Position } from './resource';

/** Nesting above it is refused; the API server refuses far less in any real kind. */
export const DEPTH_LIMIT = 200;

/** Keys that are named in one document; who repeats more of them has seen enough. */
const REPEATED_LIMIT = 100;

const QUOTED: ReadonlySet<number> = new Set([
  SCALAR_STYLE.SINGLE_QUOTED,
  SCALAR_STYLE.DOUBLE_QUOTED,
]);

interface Node {
  start: number;
  /** Of a mapping; an entry's offset is its key's. */
  readonly entries: Map<string, { readonly key: number; readonly value: Node }>;
  readonly items: Node[];
  /** Mappings that `<<` brings in. */
  readonly merged: Node[];
}

/** A key that its mapping has already. */
export interface RepeatedKey {
  readonly path: FieldPath;
  readonly offset: number;
}

/** One document's text, from `---` to `---`, and where it stands in its file. */
export class DocumentSource {
  private tree: Node | undefined;
  private lineStarts: readonly number[] | undefined;

  constructor(
    readonly file: string,
    readonly text: string,
    /** Line of the file that the text starts in, counted from 0. */
    readonly lineBefore: number,
    /** Which document of the text: `...` may end one without a `---`. */
    private readonly index: number,
  ) {}

  /** Where the field stands, or its nearest ancestor that the text has. */
  locate(path: FieldPath): Position {
    let [node, offset] = [this.root, this.root.start];
    for (const step of path) {
      const next = child(node, step);
      if (next === undefined) break;
      [node, offset] = [next.node, next.offset];
    }
    return this.positionOf(offset);
  }

  /** O(log lines) from the second time on. */
  positionOf(offset: number): Position {
    const starts = (this.lineStarts ??= lineStartsOf(this.text));
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = offset - (starts[low] ?? 0) + 1;
    return { file: this.file, line: this.lineBefore + low + 1, column };
  }

  /** Every key that stands twice in one mapping. */
  repeatedKeys(): RepeatedKey[] {
    const repeated: RepeatedKey[] = [];
    new TreeBuilder(this.text, repeated).document(this.index);
    return repeated;
  }

  private get root(): Node {
    this.tree ??= new TreeBuilder(this.text, []).document(this.index);
    return this.tree;
  }
}

/** Line breaks as YAML knows them: LF, CRLF, CR. */
export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) {
    if (text[at + 1] !== '\n') lines += 1;
  }
  return lines;
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (const { index, 0: lineBreak } of text.matchAll(/\r\n?|\n/g)) {
    starts.push(index + lineBreak.length);
  }
  return starts;
}

/** `spec.ingress[0]["a.b"]` as a path. */
export function fieldPath(field: string): FieldPath {
  const path: (string | number)[] = [];
  for (const [, name, index, quoted] of field.matchAll(
    /([^.[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g,
  )) {
    if (name !== undefined) path.push(name);
    else if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) path.push(JSON.parse(quoted) as string);
  }
  return path;
}

/** `spec.ingress[0]["a.b"]`: a path as text. */
export function describePath(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[A-Za-z_][\w-]*$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

function child(node: Node, step: string | number): { node: Node; offset: number } | undefined {
  if (typeof step === 'number') {
    const item = node.items[step];
    return item && { node: item, offset: item.start };
  }
  const entry = node.entries.get(step);
  if (entry !== undefined) return { node: entry.value, offset: entry.key };
  for (const merged of node.merged) {
    const found = child(merged, step);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Frame {
  readonly node: Node;
  readonly isMapping: boolean;
  readonly path: FieldPath;
  key: { readonly name: string; readonly offset: number } | undefined;
}

/** Builds the nodes of one document out of the parser's events. */
class TreeBuilder {
  private readonly anchors = new Map<string, Node>();
  private readonly frames: Frame[] = [];
  private root = emptyNode(0);

  constructor(
    private readonly text: string,
    private readonly repeated: RepeatedKey[],
  ) {}

  document(index: number): Node {
    let document = -1;
    for (const event of parseEvents(this.text, { maxDepth: DEPTH_LIMIT })) {
      if (event.type === EVENT_ID.DOCUMENT) document += 1;
      else if (document === index) this.take(event);
    }
    return this.root;
  }

  private take(event: Event): void {
    switch (event.type) {
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE: {
        const node = this.anchored(event, emptyNode(event.start));
        const path = this.add(node);
        const isMapping = event.type === EVENT_ID.MAPPING;
        this.frames.push({ node, isMapping, path, key: undefined });
        break;
      }
      case EVENT_ID.SCALAR: {
        // values of quoted text start behind the quote
        const quoted = QUOTED.has(event.style);
        const start = Math.max(quoted ? event.valueStart - 1 : event.valueStart, 0);
        const node = this.anchored(event, emptyNode(start));
        this.add(node, getScalarValue(this.text, event));
        break;
      }
      case EVENT_ID.ALIAS: {
        const target = this.anchors.get(this.text.slice(event.anchorStart, event.anchorEnd));
        this.add({ ...(target ?? emptyNode(0)), start: event.anchorStart });
        break;
      }
      case EVENT_ID.POP:
        this.frames.pop();
        break;
      case EVENT_ID.DOCUMENT:
        break;
    }
  }

  /** Puts the node where the text has it; returns its path. A mapping's keys are scalars. */
  private add(node: Node, scalar?: string): FieldPath {
    const frame = this.frames.at(-1);
    if (frame === undefined) {
      this.root = node;
      return [];
    }
    if (!frame.isMapping) return [...frame.path, frame.node.items.push(node) - 1];
    if (frame.key === undefined) {
      frame.key = { name: scalar ?? '', offset: node.start };
      return frame.path;
    }
    const { name, offset } = frame.key;
    frame.key = undefined;
    const path = [...frame.path, name];
    if (name === '<<') frame.node.merged.push(node, ...node.items);
    else if (frame.node.entries.has(name) && this.repeated.length < REPEATED_LIMIT) {
      this.repeated.push({ path, offset });
    }
    frame.node.entries.set(name, { key: offset, value: node });
    return path;
  }

  private anchored(event: { anchorStart: number; anchorEnd: number }, node: Node): Node {
    if (event.anchorStart >= 0) {
      this.anchors.set(this.text.slice(event.anchorStart, event.anchorEnd), node);
    }
    return node;
  }
}

function emptyNode(start: number): Node {
  return { start, entries: new Map(), items: [], merged: [] };
}
