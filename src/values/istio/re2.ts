/**
 * Regular expressions as Envoy and istiod read them: RE2, which has no lookaround and no
 * backreferences, and other escapes than JavaScript.
 *
 * What RE2 alone reads is rewritten, what JavaScript alone reads is refused, the rest is compiled
 * by JavaScript. Not looked at: names of Unicode classes, and products of nested repetitions.
 * Source: https://github.com/google/re2/wiki/Syntax; Go's regexp/syntax
 */
import type { Field } from './field';

/** Envoy's limit on program size, approximated by istiod as a length in bytes. */
export const MAX_REGEX_LENGTH = 1024;

const MAX_REPEAT = 1000;

const QUOTED = String.raw`\\Q(?<quoted>[\s\S]*?)(?:\\E|$)`;
const CLASS = String.raw`(?<set>\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\])`;
const ESCAPE = String.raw`\\(?<escape>[pP](?:[A-Z]|\{\^?\w+\})|x(?:[\da-fA-F]{2}|\{[\da-fA-F]+\})|[1-7][0-7]|[\s\S])`;
const GROUP = String.raw`\(\?(?:P?<(?<name>\w+)>|(?<flags>[imsU]*(?:-[imsU]+)?)(?<end>[:)])|(?<foreign>))`;
const REPEAT = String.raw`\{(?<min>\d+)(?:,(?<max>\d*))?\}`;
const ANCHOR = String.raw`(?<anchor>[\^$]|\\[bBAz])`;
const TOKEN = new RegExp([QUOTED, CLASS, ANCHOR, ESCAPE, GROUP, REPEAT].join('|'), 'g');
const CLASS_MEMBER = new RegExp(String.raw`\[:\^?\w+:\]|${ESCAPE}`, 'g');

/** Escapes of both languages with one meaning: classes, control characters, punctuation. */
const COMMON_ESCAPE = /^[dDsSwWfnrtv0\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]$/;
/** Escapes that RE2 alone has, each a character or a class of characters. */
const FOREIGN_ESCAPE = /^(?:[pPx].+|[1-7][0-7]|a)$/;

/** Whether RE2 compiles the expression. */
export function isRe2(expression: string): boolean {
  const parts: string[] = [];
  let rest = 0;
  for (const token of expression.matchAll(TOKEN)) {
    const script = translate(token[0], token.groups ?? {});
    if (script === undefined) return false;
    parts.push(expression.slice(rest, token.index), script);
    rest = token.index + token[0].length;
  }
  return compiles(parts.join('') + expression.slice(rest));
}

/** RE2 and not longer than istiod allows; whether it may be empty is the caller's. */
export function checkRegex(field: Field): void {
  if (Buffer.byteLength(field.text) > MAX_REGEX_LENGTH) {
    field.refuse(`a regular expression of at most ${String(MAX_REGEX_LENGTH)} bytes`);
  } else if (!isRe2(field.text)) {
    field.refuse('a regular expression in RE2 syntax: no lookaround, no backreferences');
  }
}

/** JavaScript for one token, or undefined where RE2 refuses it. */
function translate(
  token: string,
  groups: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { quoted, set, anchor, escape, name, flags, end, foreign, min, max } = groups;
  if (quoted !== undefined) return quoted.replace(/[^\w\s]/g, '\\$&');
  if (set !== undefined) return translateClass(set);
  // RE2 lets anchors be repeated
  if (anchor !== undefined) return '(?:)';
  if (escape !== undefined) return translateEscape(token, escape);
  if (name !== undefined) return `(?<_${name}>`;
  if (flags !== undefined) return end === ':' ? '(?:' : '';
  if (foreign !== undefined) return undefined;
  return Math.max(Number(min), Number(max ?? 0)) <= MAX_REPEAT ? token : undefined;
}

function translateEscape(token: string, escape: string): string | undefined {
  if (COMMON_ESCAPE.test(escape)) return token;
  return FOREIGN_ESCAPE.test(escape) ? 'a' : undefined;
}

function translateClass(set: string): string | undefined {
  // a bracket right after the opening one is a member of the class
  const opened = set.replace(/^(\[\^?)\]/, '$1\\]');
  const escapes = Array.from(opened.matchAll(CLASS_MEMBER), (member) => member.groups?.escape);
  const isKnown = escapes.every((escape) => isForeign(escape) || COMMON_ESCAPE.test(escape ?? ''));
  if (!isKnown) return undefined;
  return opened.replace(CLASS_MEMBER, (member, escape?: string) =>
    isForeign(escape) ? 'a' : member,
  );
}

/** A named class, which is no escape, or an escape of RE2's own. */
function isForeign(escape: string | undefined): boolean {
  return escape === undefined || FOREIGN_ESCAPE.test(escape);
}

function compiles(script: string): boolean {
  try {
    new RegExp(script);
    return true;
  } catch {
    // the engine's message would speak of the rewritten text
    return false;
  }
}
