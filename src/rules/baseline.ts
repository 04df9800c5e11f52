/**
 * Findings that were there when somebody began to look: a file of them, so that only new ones count.
 * An entry is code, object and what was got; no line numbers, which move with every edit.
 */
import { field, isObject, textAt } from '../read/json';
import { readDocuments } from '../read/yaml-documents';
import type { Json, Position, ReadProblem } from '../read/resource';
import type { Finding } from '../engine/result';

export interface BaselineEntry {
  readonly code: string;
  readonly object: string;
  /** What the finding got. */
  readonly detail: string;
  readonly at: Position;
}

export interface Baseline {
  readonly entries: readonly BaselineEntry[];
  readonly problems: readonly ReadProblem[];
}

/** A file `{"findings": [{"code", "object", "detail"}]}`. */
export function readBaseline(file: string, text: string): Baseline {
  const { documents, problems: found } = readDocuments(file, { text, invalid: false });
  const problems = [...found];
  const entries: BaselineEntry[] = [];
  for (const { value, source } of documents) {
    const list = isObject(value) ? field(value, 'findings') : undefined;
    if (!Array.isArray(list)) {
      problems.push(malformed(source.locate([]), value));
      continue;
    }
    for (const [index, item] of (list as readonly Json[]).entries()) {
      const at = source.locate(['findings', index]);
      const [code, object, detail] = isObject(item)
        ? [textAt(item, 'code'), textAt(item, 'object'), field(item, 'detail')]
        : [];
      if (code === undefined || object === undefined || typeof detail !== 'string') {
        problems.push(malformed(at, item));
      } else entries.push({ code, object, detail, at });
    }
  }
  return { entries, problems };
}

/** The baseline of findings: sorted, each once, those that are acknowledged left out. */
export function baselineText(findings: readonly Finding[]): string {
  const texts = findings
    .filter(({ acknowledged }) => acknowledged === undefined)
    .map(({ code, object, got }) => JSON.stringify({ code, object, detail: got }));
  const lines = [...new Set(texts)].sort().map((text) => `    ${text}`);
  return `{\n  "findings": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

export function baselineKey({ code, object, detail }: Omit<BaselineEntry, 'at'>): string {
  return JSON.stringify([code, object, detail]);
}

function malformed(at: Position, got: Json): ReadProblem {
  return {
    code: 'baseline-malformed',
    at,
    got: JSON.stringify(got).slice(0, 80),
    expected: '{"findings": [{"code", "object", "detail"}]}',
    fix: 'write the baseline again',
  };
}
