/**
 * Globs as people write them in quotes: `*`, `**`, `?`, `[a-z]`, `{a,b}`. Node 20 has none.
 */

export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The folder that every match lies in: what stands before the first wildcard. */
export function globRoot(pattern: string): string {
  const segments = pattern.split('/');
  const first = segments.findIndex(isGlob);
  const fixed = segments.slice(0, first).join('/');
  if (fixed !== '') return fixed;
  return pattern.startsWith('/') ? '/' : '.';
}

/** A whole path, with `/` between its parts. */
export function globMatcher(pattern: string): RegExp {
  let source = '';
  let open = 0;
  const tokens = pattern.replace(/^\.\//, '').match(/\*\*\/?|\[[^\]/]+\]|[^]/gu) ?? [];
  for (const token of tokens) {
    if (token === '**/') source += '(?:[^/]+/)*';
    else if (token === '**') source += '.*';
    else if (token === '*') source += '[^/]*';
    else if (token === '?') source += '[^/]';
    else if (token === '{') {
      open += 1;
      source += '(?:';
    } else if (token === '}' && open > 0) {
      open -= 1;
      source += ')';
    } else if (token === ',' && open > 0) source += '|';
    else if (token.length > 2 && token.startsWith('[')) source += characterClass(token);
    else source += token.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  return new RegExp(`^${source}${')'.repeat(open)}$`, 'u');
}

function characterClass(token: string): string {
  const inner = token
    .slice(1, -1)
    .replace(/^!/, '^')
    .replace(/[\\[\]]/g, '\\$&');
  try {
    return new RegExp(`[${inner}]`, 'u').source;
  } catch {
    // [z-a] is no class: the characters themselves
    return token.replace(/[[\]]/g, '\\$&');
  }
}
