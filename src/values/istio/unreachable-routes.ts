/**
 * Warnings about routes of a VirtualService that no request reaches (VS-V19, IST0130, IST0131).
 *
 * Envoy takes the first match: after a route without matches, after an equal match, and (as istiod
 * reckons) after a prefix match that covers a longer one, a route is idle.
 * Source: istio/istio:pkg/config/validation/validation.go, analyzeUnreachableHTTPRules
 */
import { type Field, isRecord } from './field';

/** Reports idle routes and matches of one of `http`, `tcp` and `tls`. */
export function warnOfUnreachable(routes: Field): void {
  const seen = new Set<string>();
  const prefixes: PrefixMatch[] = [];
  let catchesAll = false;
  for (const route of routes.items) {
    const matches = route.at('match').items;
    if (matches.length === 0) {
      if (catchesAll) route.warn('matches: only the last route can have none');
      catchesAll = true;
      continue;
    }
    let repeated = 0;
    for (const match of matches) {
      const key = canonical(match);
      if (catchesAll) match.warn('a place before the route without matches');
      else if (seen.has(key)) {
        match.warn('a match that no route before has');
        repeated += 1;
      } else {
        seen.add(key);
        prefixes.push(...prefixMatches(match));
      }
    }
    if (repeated === matches.length) route.warn('a match that no route before has');
  }
  warnOfCoveredPrefixes(prefixes);
}

/** A match on a URI prefix; istiod reckons with nothing else. */
interface PrefixMatch {
  readonly field: Field;
  readonly prefix: string;
  readonly port: number;
  /** Method, authority, headers: `exact:` or `prefix:` and the text, by kind and name. */
  readonly conditions: ReadonlyMap<string, string>;
}

function prefixMatches(field: Field): readonly PrefixMatch[] {
  const prefix = field.at('uri').at('prefix').text;
  if (prefix === '') return [];
  const conditions = new Map([
    // a match without method is reckoned as GET: genMatchHTTPRoutes
    ['method', stringMatch(field.at('method')) || 'exact:GET'],
    ['authority', stringMatch(field.at('authority'))],
  ]);
  for (const part of ['headers', 'queryParams', 'withoutHeaders']) {
    for (const [name, match] of field.at(part).entries) {
      conditions.set(`${part}/${name}`, stringMatch(match));
    }
  }
  return [{ field, prefix, port: field.at('port').number, conditions }];
}

function warnOfCoveredPrefixes(matches: readonly PrefixMatch[]): void {
  for (const [index, later] of matches.entries()) {
    for (const earlier of matches.slice(0, index)) {
      if (earlier.prefix !== later.prefix && covers(earlier, later)) {
        later.field.warn(`a prefix that ${earlier.field.path} (${earlier.prefix}) does not cover`);
      }
    }
  }
}

function covers(earlier: PrefixMatch, later: PrefixMatch): boolean {
  if (!later.prefix.startsWith(earlier.prefix) || earlier.port !== later.port) return false;
  if (earlier.conditions.size !== later.conditions.size) return false;
  // istiod wants the earlier text to start with the later one: coveredValidation
  return [...earlier.conditions].every(([name, text]) => {
    const other = later.conditions.get(name);
    return other !== undefined && text.startsWith(other);
  });
}

function stringMatch(match: Field): string {
  const [exact, prefix] = [match.at('exact').text, match.at('prefix').text];
  if (exact !== '') return `exact:${exact}`;
  return prefix === '' ? '' : `prefix:${prefix}`;
}

/** Equal text for equal matches; names do not count. */
function canonical(match: Field): string {
  const parts = match.entries.filter(([name]) => name !== 'name');
  return JSON.stringify(
    sorted(Object.fromEntries(parts.map(([name, { value }]) => [name, value]))),
  );
}

/** The value with its keys in one order at every depth. */
function sorted(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, child]) => [key, sorted(child)]));
}
