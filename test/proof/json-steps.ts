/** Plain objects, changed at one place; `*` in a way stands for every entry. */

export type Json = unknown;

export interface Step {
  readonly name: string;
  /** The way to what changes. */
  readonly at: readonly string[];
  /** What it may become instead; undefined: it goes. */
  readonly becomes: (value: Json) => readonly Json[];
}

/** The object once for each place that the way leads to, and for each value that it may become. */
export function variantsOf(json: Json, at: Step['at'], becomes: Step['becomes']): Json[] {
  const [first, ...rest] = at;
  if (first === undefined) return [...becomes(json)];
  if (typeof json !== 'object' || json === null) return [];
  const keys = first === '*' ? Object.keys(json) : Object.hasOwn(json, first) ? [first] : [];
  return keys.flatMap((key) => {
    const value = (json as Readonly<Record<string, Json>>)[key];
    return variantsOf(value, rest, becomes).map((one) => withValue(json, key, one));
  });
}

function withValue(json: object, key: string, value: Json): Json {
  if (Array.isArray(json)) {
    return json.flatMap((one: Json, index) => (String(index) === key ? entry(value) : [one]));
  }
  const others = Object.fromEntries(Object.entries(json).filter(([name]) => name !== key));
  return value === undefined ? others : { ...json, [key]: value };
}

function entry(value: Json): Json[] {
  return value === undefined ? [] : [value];
}
