/**
 * Objects broken field by field: a valid object that uses every field, and at each of its places
 * every value that somebody may write there by mistake.
 */

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Broken {
  /** `spec.ingress[0].ports[0].port = 0` */
  readonly what: string;
  readonly object: { readonly [key: string]: Json };
}

type Path = readonly (string | number)[];

/** A way to break: a name, and what stands there instead; undefined takes the field away. */
type Breakage = readonly [name: string, make: (value: Json) => Json | undefined];

const VALUES: readonly Json[] = [
  ...[null, true, '', 'x', 'X y!', '80', 0, 1, -1, 1.5, 65535, 65536, 2 ** 32, [], {}],
  ...['10.0.0.0/8', ['x'], [null], [{}], { x: 'y' }, { x: null }],
];

const BREAKAGES: readonly Breakage[] = [
  ['removed', () => undefined],
  ...VALUES.map((value): Breakage => [`= ${JSON.stringify(value)}`, () => value]),
];

/** What only texts, lists and objects can suffer. */
const TEXT_BREAKAGES: readonly Breakage[] = [
  ['in capitals', (value) => String(value).toUpperCase()],
  ['in small letters', (value) => String(value).toLowerCase()],
  ['with a space before', (value) => ` ${String(value)}`],
  ['of 16 characters', () => 'x'.repeat(16)],
  ['of 64 characters', () => 'x'.repeat(64)],
  ['of 254 characters', () => 'x'.repeat(254)],
  ...[
    ...['a--b', '-a', 'a-', 'a.b', 'a_b', 'a/b', 'a/b/c', '/a', 'a/', '1', 'ä', 'y', 'Exists'],
    ...[
      '10.0.0.0',
      '10.0.0.1/8',
      '010.0.0.0/8',
      '10.0.0.0/08',
      '10.0.0.0/33',
      '10.0.0/8',
      '0.0.0.0/0',
    ],
    ...[
      '10.1.0.0/16',
      '10.128.0.0/9',
      '2001:db8::/32',
      '::/0',
      '2001:db8::1/32',
      '64:ff9b::10.0.0.0/104',
    ],
    ...[
      '::ffff:10.0.0.0/104',
      '2001:DB8:0::/48',
      '::/129',
      '10.0.0.0/-1',
      '10.0.0.0/+8',
      'fe80::%1/64',
    ],
  ].map((text): Breakage => [`= ${JSON.stringify(text)}`, () => text]),
];
const LIST_BREAKAGES: readonly Breakage[] = [
  ['with its first item twice', (value) => (value as readonly Json[]).slice(0, 1).concat(value)],
  [
    'of 600 items',
    (value) => Array.from({ length: 600 }, () => (value as readonly Json[])[0] ?? {}),
  ],
];
const OBJECT_BREAKAGES: readonly Breakage[] = [
  ['with an unknown field', (value) => ({ ...(value as object), bogus: true })],
  ['with an unknown field of null', (value) => ({ ...(value as object), bogus: null })],
];

/** The object with one mistake at a time, at `under` and everywhere below. */
export function brokenIn(valid: Broken['object'], under: string): Broken[] {
  return placesOf(valid, [])
    .filter(([path]) => path[0] === under)
    .flatMap(([path, value]) =>
      breakagesOf(value)
        .map(([name, make]) => ({ path, name, made: make(value) }))
        .filter(({ made }) => JSON.stringify(made) !== JSON.stringify(value))
        .map(({ name, made }) => ({
          what: `${pathText(path)} ${name}`,
          object: withValue(valid, path, made) as Broken['object'],
        })),
    );
}

function breakagesOf(value: Json): readonly Breakage[] {
  if (typeof value === 'string') return [...BREAKAGES, ...TEXT_BREAKAGES];
  if (Array.isArray(value)) return [...BREAKAGES, ...LIST_BREAKAGES];
  if (typeof value === 'object' && value !== null) return [...BREAKAGES, ...OBJECT_BREAKAGES];
  return BREAKAGES;
}

function placesOf(value: Json, path: Path): (readonly [Path, Json])[] {
  const inside: (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((item: Json, index) => [index, item] as const)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  const below = inside.flatMap(([step, item]) => placesOf(item, [...path, step]));
  return path.length === 0 ? below : [[path, value], ...below];
}

function withValue(value: Json, [step, ...rest]: Path, made: Json | undefined): Json | undefined {
  if (step === undefined) return made;
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, index) => {
      const changed = index === step ? withValue(item, rest, made) : item;
      return changed === undefined ? [] : [changed];
    });
  }
  const object = value as { readonly [key: string]: Json };
  const changed = withValue(object[step] ?? null, rest, made);
  const entries = Object.entries(object).map(([key, old]) => [key, key === step ? changed : old]);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined)) as Json;
}

function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^\w+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
