/**
 * Objects with one mistake each: a valid object, and at one of its places a value that somebody may
 * write there, in the words of Istio's own fields.
 */
import type { Dice } from '../../fuzz/dice';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

type Manifest = Readonly<Record<string, Json>>;

/** An object, and what was done to it. */
export interface Mutant {
  readonly what: string;
  readonly object: Manifest;
}

const TEXTS = [
  ...[
    '',
    '*',
    '**',
    'x',
    'X y!',
    'a*b',
    '*x',
    'x*',
    '*.x',
    'x.*',
    '*.x.com',
    '-x',
    '.',
    '.x',
    'x.',
  ],
  ...[
    '/',
    '//',
    '/x',
    '/x*',
    '*/x',
    'x/y',
    './*',
    '*/*',
    '~/*',
    './x',
    'ns/*.x.com',
    'ns/',
    '/x/y/z',
  ],
  ...['/a/{*}/b', '/a/{**}', '/a/{**}/{*}', '/{*}{**}', '/a/{x}', '/a/*b', '{*}', '/a/{*', '/%2e'],
  ...[
    'http://x',
    'https://x.com/keys',
    'http://',
    'ftp://x',
    'x.com:443',
    'x.com:0',
    ':80',
    '[::1]:80',
  ],
  ...['cluster.local/ns/a/sa/b', 'spiffe://x/ns/a/sa/b', 'a/b', 'a/*', '*/b', 'ns/sa'],
  ...[
    '10.0.0.1',
    '10.0.0.0/8',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '::1',
    'fd00::/8',
    '10.0.0',
    '0.0.0.0/0',
  ],
  ...['request.headers', 'request.headers[x]', 'request.headers[]', 'request.auth.claims[a][b]'],
  ...[
    'source.ip',
    'source.foo',
    'destination.port',
    'experimental.envoy.filters.x[y]',
    'connection.sni',
  ],
  ...['(', '[a', 'a{2001}', '^x$', '\\', '(?=x)', '\\C'],
  ...['1s', '0s', '1ms', '0.5ms', '1h', '1', '-1s', '1.5s', '1d', '1µs'],
  ...[
    'HTTP',
    'http',
    'HTTPS',
    'TCP',
    'TLS',
    'GRPC',
    'UDP',
    'mongo',
    'GET',
    'get',
    'unix:///x',
    '@x',
  ],
  ...[
    '5xx',
    'gateway-error,bad',
    '503',
    'ALLOW',
    'STRICT',
    'mesh',
    ':authority',
    'Host',
    'x'.repeat(64),
  ],
  ...['{"keys":[]}', '{}', '80', '0', '65536', '80-90'],
] as const;

const NUMBERS = [0, 1, 2, 7, 80, 99, 100, 101, 200, 443, 599, 600, 999, 65535, 65536, 2 ** 31 - 1];

type Path = readonly (string | number)[];

/** One mistake at a random place of the spec or of what is said of the object. */
export function mutant(dice: Dice, base: Mutant): Mutant {
  const path = dice.from(placesOf(base.object['spec'] ?? {}, ['spec'])) ?? ['spec'];
  const old = valueAt(base.object, path);
  const [what, value] = changed(dice, old);
  return {
    what: `${base.what}, ${path.join('.')} ${what}`,
    object: replaced(base.object, path, value) as Manifest,
  };
}

function changed(dice: Dice, old: Json | undefined): readonly [string, Json | undefined] {
  if (dice.chance(0.12)) return ['removed', undefined];
  if (Array.isArray(old)) {
    const items = old as readonly Json[];
    const [first = ''] = items;
    return dice.pick([
      ['emptied', []],
      ['with its first item twice', [first, ...items]],
      ['without its first item', items.slice(1)],
      ['with an empty text', [...items, '']],
      ['with a text', [...items, dice.pick(TEXTS)]],
      ['with an empty object', [...items, {}]],
    ]);
  }
  if (typeof old === 'object' && old !== null) return objectChanged(dice, old);
  if (typeof old === 'number') return told(dice.from(NUMBERS) ?? 0);
  if (typeof old === 'boolean') return told(!old);
  return told(dice.pick(TEXTS));
}

function objectChanged(dice: Dice, old: object): readonly [string, Json | undefined] {
  const entries = Object.entries(old) as [string, Json][];
  const [key = '', value = ''] = dice.from(entries) ?? [];
  return dice.pick([
    ['emptied', {}],
    [`with ${key} alone`, { [key]: value }],
    ['with a key of another name', { ...Object.fromEntries(entries), [dice.pick(TEXTS)]: value }],
  ]);
}

function told(value: Json): readonly [string, Json] {
  return [`= ${JSON.stringify(value)}`, value];
}

/** Every place below, itself included. */
function placesOf(value: Json, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Array.isArray(value)
    ? (value as readonly Json[]).map((item, index) => [index, item] as const)
    : Object.entries(value as Manifest);
  return [path, ...below.flatMap(([key, item]) => placesOf(item, [...path, key]))];
}

function valueAt(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(
    (own, key) =>
      typeof own === 'object' && own !== null ? (own as Manifest)[String(key)] : undefined,
    value,
  );
}

function replaced(value: Json, [key, ...rest]: Path, by: Json | undefined): Json {
  if (key === undefined) return by ?? null;
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((item, index) => {
      if (index !== key) return [item];
      return rest.length === 0 && by === undefined ? [] : [replaced(item, rest, by)];
    });
  }
  const own = value as Manifest;
  if (rest.length === 0 && by === undefined) {
    return Object.fromEntries(Object.entries(own).filter(([name]) => name !== key));
  }
  return { ...own, [key]: replaced(own[String(key)] ?? {}, rest, by) };
}
