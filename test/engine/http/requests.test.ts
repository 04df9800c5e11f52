import * as fc from 'fast-check';
import { describeRequests, requestsToJson } from '../../../src/engine/http/request-text';
import {
  ALL_REQUESTS,
  containsRequests,
  equalRequests,
  intersectRequests,
  isEmptyRequests,
  isEveryRequest,
  MAX_CLAUSES,
  NO_REQUESTS,
  requestMatches,
  requestsOf,
  subtractRequests,
  unionRequests,
} from '../../../src/engine/http/requests';
import type { RequestSet } from '../../../src/engine/http/requests';
import { hasValue, requestSet, sample } from './arbitrary';
import type { Sample } from './arbitrary';

const holds = (set: RequestSet, it: Sample) => requestMatches(set, it.request, hasValue(it));
const NOTHING = (): undefined => undefined;

describe('sets of requests', () => {
  test('agree with every single request', () => {
    fc.assert(
      fc.property(requestSet, requestSet, fc.array(sample, { minLength: 20 }), (a, b, all) => {
        const [both, either, left] = [
          intersectRequests(a, b),
          unionRequests(a, b),
          subtractRequests(a, b),
        ];
        for (const it of all) {
          const [inA, inB] = [holds(a, it), holds(b, it)];
          expect(holds(both, it)).toBe(inA === true && inB === true);
          expect(holds(either, it)).toBe(inA === true || inB === true);
          expect(holds(left, it)).toBe(inA === true && inB === false);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('obey the laws of sets', () => {
    fc.assert(
      fc.property(requestSet, requestSet, requestSet, (a, b, c) => {
        expect(isEmptyRequests(subtractRequests(a, a))).toBe(true);
        expect(containsRequests(ALL_REQUESTS, a)).toBe(true);
        expect(containsRequests(unionRequests(a, b), a)).toBe(true);
        expect(containsRequests(a, intersectRequests(a, b))).toBe(true);
        expect(isEmptyRequests(intersectRequests(subtractRequests(a, b), b))).toBe(true);
        expect(
          equalRequests(
            subtractRequests(a, unionRequests(b, c)),
            subtractRequests(subtractRequests(a, b), c),
          ),
        ).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('with a condition and its opposite are empty', () => {
    const header = { key: 'request.headers[x]', values: ['a'], notValues: [] };
    const a = requestsOf({ conditions: [header] });
    const other = requestsOf({ conditions: [{ ...header, values: [], notValues: ['a'] }] });
    expect(isEmptyRequests(intersectRequests(a, other))).toBe(true);
    expect(isEmptyRequests(subtractRequests(a, a))).toBe(true);
  });

  test('that differ by a condition alone stay apart', () => {
    const of = (value: string): RequestSet =>
      requestsOf({
        paths: ['/v1'],
        conditions: [{ key: 'request.headers[x]', values: [value], notValues: [] }],
      });
    expect(unionRequests(of('a'), of('b')).clauses).toHaveLength(2);
    expect(unionRequests(of('a'), of('a')).clauses).toHaveLength(1);
  });

  test('see that two halves are everything', () => {
    const halves = unionRequests(
      requestsOf({ methods: ['GET'] }),
      requestsOf({ notMethods: ['GET'] }),
    );
    expect(equalRequests(halves, ALL_REQUESTS)).toBe(true);
    expect(isEveryRequest(requestsOf({ methods: ['*'], paths: ['*'], hosts: ['*'] }))).toBe(true);
  });

  test('have a host each, if only an empty one', () => {
    const every = requestsOf({ hosts: ['*'] });
    expect(requestMatches(every, { host: '' }, NOTHING)).toBe(true);
    expect(requestsOf({ notHosts: ['*'] })).toEqual(NO_REQUESTS);
    expect(requestMatches(requestsOf({ hosts: ['*.test'] }), { host: '' }, NOTHING)).toBe(false);
  });

  test('see that paths below exceptions are none', () => {
    const below = requestsOf({ paths: ['/a/{*}', '/b'], notPaths: ['/a/*', '/b*'] });
    expect(below).toEqual(NO_REQUESTS);
    const templates = requestsOf({ paths: ['/a/{*}'], notPaths: ['/{*}/{*}'] });
    expect(templates).toEqual(NO_REQUESTS);
  });

  test('match neither query nor fragment, and hosts without case', () => {
    const set = requestsOf({ paths: ['/v1/models'], hosts: ['Models.test'] });
    const ask = (path: string, host: string) => requestMatches(set, { path, host }, NOTHING);
    expect(ask('/v1/models?a=/x#y', 'models.TEST')).toBe(true);
    expect(ask('/v1/models', 'models.test:80')).toBe(false);
    expect(requestsOf({ paths: ['/v1?a'] })).toEqual(NO_REQUESTS);
  });

  test('do not know about a request of which nothing is known', () => {
    expect(requestMatches(requestsOf({ methods: ['GET'] }), {}, NOTHING)).toBeUndefined();
    expect(requestMatches(ALL_REQUESTS, {}, NOTHING)).toBe(true);
  });

  test('stay small when many methods and paths are taken away', () => {
    const denied = Array.from({ length: 40 }, (_, index) =>
      requestsOf({ methods: [`M${index % 7}`], paths: [`/p${index}/*`] }),
    );
    const left = subtractRequests(ALL_REQUESTS, unionRequests(...denied));
    expect(left.inexact).toBe(false);
    expect(left.clauses).toHaveLength(8);
  });

  test('that are too many clauses say that they are inexact', () => {
    const many = unionRequests(
      ...Array.from({ length: MAX_CLAUSES + 1 }, (_, index) =>
        requestsOf({ methods: [`M${index}`], paths: [`/p${index}`] }),
      ),
    );
    expect(many.inexact).toBe(true);
    expect(isEmptyRequests(many)).toBe(false);
    expect(requestMatches(many, { method: 'M1', path: '/p1' }, NOTHING)).toBeUndefined();
    expect(subtractRequests(ALL_REQUESTS, many).inexact).toBe(true);
  });
});

describe('what is written', () => {
  const api = requestsOf({
    methods: ['POST', 'GET'],
    paths: ['/api/2.0/*'],
    notPaths: ['/api/2.0/x'],
  });

  test('JSON has the fields of the contract, and more only where they are needed', () => {
    expect(requestsToJson(api)).toEqual([
      {
        methods: ['GET', 'POST'],
        paths: ['/api/2.0/*'],
        notPaths: ['/api/2.0/x'],
        hosts: [],
        when: [],
      },
    ]);
    const [rest] = requestsToJson(requestsOf({ notMethods: ['GET'], notHosts: ['a'] }));
    expect([rest?.notMethods, rest?.notHosts]).toEqual([['GET'], ['a']]);
  });

  test('two lists of one field stand in JSON and text', () => {
    const both = intersectRequests(
      requestsOf({ paths: ['/v1/*'] }),
      requestsOf({ paths: ['*.json'] }),
    );
    expect(requestsToJson(both)).toEqual([
      {
        methods: [],
        paths: ['*.json'],
        notPaths: [],
        hosts: [],
        when: [{ key: 'request.path', values: ['/v1/*'], notValues: [] }],
      },
    ]);
    expect(describeRequests(both)).toBe('*.json when request.path in /v1/*');
  });

  test('text is short', () => {
    expect(describeRequests(api)).toBe('GET,POST /api/2.0/* but /api/2.0/x');
    expect(describeRequests(ALL_REQUESTS)).toBe('every request');
    expect(describeRequests(NO_REQUESTS)).toBe('no request');
    expect(describeRequests(requestsOf({ hosts: ['a.test'] }))).toBe('on a.test');
  });
});
