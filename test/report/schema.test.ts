/** Whether docs/result.schema.json refuses what is no result. */
import { RESULTS } from './results';
import { schemaProblems } from './schema';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const results = Object.entries(RESULTS).filter(([title]) => !/hostile|250/.test(title));

describe('the schema of results', () => {
  it.each(results)(
    'fails for %s where any object has a field that it does not know',
    (_, result) => {
      const changed = changes(plain(result), (value) =>
        isObject(value) ? { ...value, changed: 7 } : undefined,
      );
      expect([...changed].filter((value) => schemaProblems(value).length === 0)).toEqual([]);
    },
  );

  it.each(results)('fails for %s where any field has another type', (_, result) => {
    const changed = changes(plain(result), (value) => (Array.isArray(value) ? 'changed' : [null]));
    expect([...changed].filter((value) => schemaProblems(value).length === 0)).toEqual([]);
  });

  it.each(results)('fails for %s without its version, query, counts or notes', (_, result) => {
    for (const key of ['version', 'query', 'counts', 'notAnalyzed', 'problems']) {
      const rest = Object.fromEntries(Object.entries(result).filter(([name]) => name !== key));
      expect(schemaProblems(rest)).not.toEqual([]);
    }
  });
});

function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** Copies of a value, each with one value inside it, or itself, changed. */
function* changes(value: Json, change: (value: Json) => Json | undefined): Generator<Json> {
  const changed = change(value);
  if (changed !== undefined) yield changed;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const other of changes(item as Json, change)) {
        yield value.map((one: Json, at) => (at === index ? other : one));
      }
    }
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      for (const other of changes(item, change)) yield { ...value, [key]: other };
    }
  }
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
