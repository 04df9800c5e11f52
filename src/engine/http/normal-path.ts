/**
 * A request's path as policies see it. istiod has Envoy normalize paths first (RFC 3986, without
 * merging slashes and without decoding them), and applications get the same path.
 *
 * Source: istio/istio:pilot/pkg/networking/core/listener_builder.go (1.31, pathNormalization
 * DEFAULT); the details are Envoy's 1.40, asked in test/engines/envoy/paths.test.ts.
 */

/** Without query and fragment. */
export function normalPath(path: string): string {
  const [plain = ''] = path.split(/[?#]/, 1);
  if (!plain.startsWith('/')) return plain;
  // parameters of a dot segment, where the dots are written as dots
  const bare = plain.replace(/(?<=\/)(\.\.?);[^/]*/g, '$1');
  const [, ...segments] = bare.replaceAll('\\', '/').split('/').map(decoded);
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  // what a dot segment leaves behind is a folder
  if (last === '.' || last === '..') kept.push('');
  return `/${kept.join('/')}`.replace(UNSAFE, encodeURIComponent);
}

/** Envoy takes these, but escapes them. */
const UNSAFE = /["<>^`{|}]/g;

/** Escapes of letters, digits and `-._~` are undone, all others stay as they are written. */
function decoded(segment: string): string {
  return segment.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape;
  });
}
