/**
 * What does one value of a policy say about a text? Exact, `abc*`, `*abc`, `*` (present) and, for
 * paths, templates with `{*}` (one segment) and `{**}` (any tail). Whether one pattern holds all
 * texts of another, or shares one with it, is decided exactly.
 *
 * Source: istio/istio:pilot/pkg/security/authz/matcher/string.go, path templates of
 * pkg/config/security/security.go (1.28 to 1.31).
 */
import { findText } from './automaton';
import type { Pattern } from './automaton';
import { templateContains, templatesDisjoint } from './templates';

export const PRESENT: Pattern = { kind: 'present', text: '' };

/** `*` first, then a leading, then a trailing asterisk; anywhere else it is a letter. */
export function textPattern(value: string): Pattern {
  if (value === '*') return PRESENT;
  if (value.startsWith('*')) return { kind: 'suffix', text: value.slice(1) };
  if (value.endsWith('*')) return { kind: 'prefix', text: value.slice(0, -1) };
  return { kind: 'exact', text: value };
}

/** Paths know templates besides. */
export function pathPattern(value: string): Pattern {
  if (/\{\*\*?\}/.test(value)) return { kind: 'template', text: value };
  return textPattern(value);
}

/** Host names have no case; the port is part of them. */
export function hostPattern(value: string): Pattern {
  return textPattern(value.toLowerCase());
}

/** As a policy writes it; equal for equal patterns of one field. */
export function describePattern({ kind, text }: Pattern): string {
  switch (kind) {
    case 'exact':
    case 'template':
      return text;
    case 'prefix':
      return `${text}*`;
    case 'suffix':
      return `*${text}`;
    case 'present':
      return '*';
  }
}

export function patternMatches({ kind, text }: Pattern, value: string): boolean {
  switch (kind) {
    case 'exact':
      return value === text;
    case 'prefix':
      return value.startsWith(text);
    case 'suffix':
      return value.endsWith(text);
    case 'present':
      return value !== '';
    case 'template':
      return templateMatches(text, value);
  }
}

/** Whether every text of `inner` is one of `outer`. */
export function patternContains(outer: Pattern, inner: Pattern): boolean {
  if (outer.kind === inner.kind && outer.text === inner.text) return true;
  if (inner.kind === 'exact') return patternMatches(outer, inner.text);
  if (outer.kind === 'exact') return false;
  if (outer.kind === 'present' && inner.kind !== 'template') return true;
  if (outer.kind === 'template' || inner.kind === 'template') {
    const question = { some: [[inner]], none: [outer] };
    return templateContains(outer, inner) ?? findText(question) === undefined;
  }
  // of different kinds each has texts that the other lacks: something before, or something behind
  if (outer.kind !== inner.kind) return false;
  return patternMatches(outer, inner.text);
}

/** Whether no text is one of both. */
export function patternsDisjoint(a: Pattern, b: Pattern): boolean {
  if (a.kind === 'exact') return !patternMatches(b, a.text);
  if (b.kind === 'exact') return !patternMatches(a, b.text);
  if (a.kind === 'template' || b.kind === 'template') {
    return templatesDisjoint(a, b) ?? findText({ some: [[a], [b]], none: [] }) === undefined;
  }
  if (a.kind !== b.kind || a.kind === 'present') return false;
  return !patternMatches(a, b.text) && !patternMatches(b, a.text);
}

/** Texts that the pattern matches, short ones first; enough to show most sets not to be empty. */
export function witnessesOf({ kind, text }: Pattern): string[] {
  switch (kind) {
    case 'exact':
      return [text];
    case 'prefix':
      return [text, `${text}~`, `${text}~/~`];
    case 'suffix':
      return [text, `~${text}`, `/~${text}`];
    case 'present':
      return ['~', '/~'];
    case 'template':
      return ['', '~', '~/~'].map((tail) => text.replaceAll('{**}', tail).replaceAll('{*}', '~'));
  }
}

/** Which ends of the value the pieces reach, one after the other. */
function templateMatches(template: string, value: string): boolean {
  const pieces = template.split(/(\{\*\*?\})/);
  // positions of the value that the pieces so far can reach: O(pieces x length)
  let reached = new Set([0]);
  for (const piece of pieces) {
    const next = new Set<number>();
    for (const at of reached) for (const end of endsOf(piece, value, at)) next.add(end);
    reached = next;
  }
  return reached.has(value.length);
}

function endsOf(piece: string, value: string, at: number): number[] {
  if (piece !== '{*}' && piece !== '{**}') {
    return value.startsWith(piece, at) ? [at + piece.length] : [];
  }
  const slash = piece === '{*}' ? value.indexOf('/', at) : -1;
  const last = slash < 0 ? value.length : slash;
  const first = piece === '{*}' ? at + 1 : at;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
