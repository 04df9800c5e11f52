/** Small worlds of patterns and requests in which everything meets everything sooner or later. */
import * as fc from 'fast-check';
import type { RequestCondition } from '../../../src/engine/http/conditions';
import { requestsOf, unionRequests } from '../../../src/engine/http/requests';
import type { RequestSet } from '../../../src/engine/http/requests';

const short = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 4 }).map((it) => it.join(''));
const segment = fc.constantFrom('a', 'b', 'ab', '{*}');
const template = fc
  .tuple(
    fc.array(segment, { maxLength: 3 }),
    fc.constantFrom('', '/{**}', '/{**}/a', '/{**}/b/a', '/{*}'),
  )
  .map(([segments, tail]) => `${segments.map((it) => `/${it}`).join('')}${tail}`);

export const textValue = fc
  .tuple(short, fc.constantFrom('exact', 'prefix', 'suffix', 'present'))
  .map(([text, kind]) => {
    if (kind === 'present' || text === '') return '*';
    if (kind === 'prefix') return `${text}*`;
    return kind === 'suffix' ? `*${text}` : text;
  });

export const pathValue = fc.oneof(textValue, template);

/** `c` is a letter that no pattern names. */
export const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '/'), { maxLength: 7 })
  .map((it) => it.join(''));

const values = (one: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, fc.array(one, { maxLength: 3 }));

const condition: fc.Arbitrary<RequestCondition> = fc.record({
  key: fc.constantFrom('request.headers[x]', 'request.auth.claims[groups]'),
  values: values(fc.constantFrom('p', 'q', '*')),
  notValues: values(fc.constantFrom('p', 'q')),
});

const method = fc.constantFrom('GET', 'POST', 'P*', '*T', '*');

export const requestSet: fc.Arbitrary<RequestSet> = fc
  .array(
    fc.record({
      methods: values(method),
      notMethods: values(method),
      paths: values(pathValue),
      notPaths: values(pathValue),
      hosts: values(textValue),
      notHosts: values(textValue),
      conditions: fc.array(condition, { maxLength: 2 }),
    }),
    { maxLength: 3 },
  )
  .map((all) => unionRequests(...all.map(requestsOf)));

export interface Sample {
  readonly request: { readonly method: string; readonly path: string; readonly host: string };
  /** What each attribute has: lists, so that one may have several values. */
  readonly has: Readonly<Record<string, readonly string[]>>;
}

export const sample: fc.Arbitrary<Sample> = fc.record({
  request: fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    path: text.filter((it) => it !== ''),
    host: text,
  }),
  has: fc.record({
    'request.headers[x]': fc.subarray(['p', 'q', 'r']),
    'request.auth.claims[groups]': fc.subarray(['p', 'q', 'r']),
  }),
});

export function hasValue({ has }: Sample): (key: string, value: string) => boolean {
  return (key, value) => {
    const own = has[key] ?? [];
    return value === '*' ? own.length > 0 : own.includes(value);
  };
}
