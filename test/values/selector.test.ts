import * as fc from 'fast-check';
import type { LabelSelectorOptions, SelectorData } from '../../src/values/selector';
import {
  checkedLabels,
  describeSelector,
  EVERYTHING,
  intersectSelectors,
  isEverything,
  LabelSelector,
  selectorFromOptions,
  selectorKey,
  selectorMatches,
} from '../../src/values/selector';
import { selects } from '../naive/selector';
import { refused } from './refusal';

type Labels = Readonly<Record<string, string>>;

const of = (options: LabelSelectorOptions): SelectorData => LabelSelector.of(options)._data;

describe('LabelSelector', () => {
  test('has the shape of the Kubernetes API', () => {
    const selector = of({
      labels: { tier: 'serving', app: 'model-api' },
      oneOf: { team: ['vision', 'speech', 'vision'] },
      noneOf: { stage: ['retired'] },
      present: ['owner'],
      absent: ['debug'],
    });
    expect(selector).toEqual({
      matchLabels: { app: 'model-api', tier: 'serving' },
      matchExpressions: [
        { key: 'debug', operator: 'DoesNotExist', values: [] },
        { key: 'owner', operator: 'Exists', values: [] },
        { key: 'stage', operator: 'NotIn', values: ['retired'] },
        { key: 'team', operator: 'In', values: ['speech', 'vision'] },
      ],
    });
    expect(Object.keys(selector.matchLabels)).toEqual(['app', 'tier']);
  });

  test('is equal however it is written', () => {
    const one = of({ labels: { a: '1', b: '2' }, present: ['c', 'd'], oneOf: { e: ['x', 'y'] } });
    const two = of({
      oneOf: { e: ['y', 'x'] },
      present: ['d', 'c', 'd'],
      labels: { b: '2', a: '1' },
    });
    expect(selectorKey(two)).toBe(selectorKey(one));
    expect(selectorKey(of({ labels: { a: '1' } }))).not.toBe(selectorKey(of({ present: ['a'] })));
  });

  test('reads as kubectl writes selectors', () => {
    const options = { labels: { app: 'bert' }, oneOf: { tier: ['b', 'a'] }, noneOf: { x: ['y'] } };
    const selector = LabelSelector.of({ ...options, present: ['p'], absent: ['q'] });
    expect(String(selector)).toBe('app=bert,p,!q,tier in (a,b),x notin (y)');
    expect(describeSelector(EVERYTHING)).toBe('all pods');
  });

  test('does not change with what it was made of', () => {
    const labels = { app: 'bert' };
    const values = ['a'];
    const selector = LabelSelector.of({ labels, oneOf: { tier: values } });
    labels.app = 'other';
    values.push('b');
    expect(String(selector)).toBe('app=bert,tier in (a)');
    expect(() => Object.assign(selector, { _data: EVERYTHING })).toThrow(TypeError);
  });

  test('fails without any requirement: it would mean everybody', () => {
    const [code, where] = ['empty-selector', 'LabelSelector.of'];
    const text = refused(() => LabelSelector.labels({}), { code, where, got: {} });
    expect(text).toBe(
      'LabelSelector.of: got {}, expected at least one label: an empty selector would match ' +
        `everybody; fix: name the labels, for instance { app: 'model-api' }`,
    );
    refused(() => LabelSelector.of({}), { code, where, got: {} });
    refused(() => LabelSelector.of({ present: [], oneOf: {} }), { code, where, got: {} });
    refused(() => selectorFromOptions('Peer.pods', {}), { code, where: 'Peer.pods', got: {} });
  });

  test('fails on a key that is no label key', () => {
    const [code, where] = ['label-key', 'LabelSelector.of'];
    const text = refused(() => LabelSelector.labels({ 'app!': 'x' }), { code, where, got: 'app!' });
    expect(text).toBe(
      'LabelSelector.of: got "app!", expected a label key: an optional DNS subdomain and "/", ' +
        'then at most 63 characters of letters, digits, "-", "_" and ".", starting and ending ' +
        `alphanumeric; fix: { 'app.kubernetes.io/name': 'model-api' }`,
    );
    refused(() => LabelSelector.of({ present: ['a/b/c'] }), { code, where, got: 'a/b/c' });
    refused(() => LabelSelector.of({ absent: [''] }), { code, where, got: '' });
    refused(() => LabelSelector.of({ oneOf: { '-a': ['b'] } }), { code, where, got: '-a' });
    refused(() => LabelSelector.of({ noneOf: { 'a ': ['b'] } }), { code, where, got: 'a ' });
    const hidden = JSON.parse('{ "__proto__": "x" }') as Record<string, string>;
    refused(() => LabelSelector.labels(hidden), { code, where, got: '__proto__' });
  });

  test('fails on a value that is no label value', () => {
    const [code, where] = ['label-value', 'LabelSelector.of: app'];
    const text = refused(() => LabelSelector.labels({ app: '-x' }), { code, where, got: '-x' });
    expect(text).toBe(
      'LabelSelector.of: app: got "-x", expected a label value: at most 63 characters of ' +
        'letters, digits, "-", "_" and ".", starting and ending alphanumeric; ' +
        `fix: { "app": 'model-api' }`,
    );
    const long = 'x'.repeat(64);
    refused(() => LabelSelector.of({ oneOf: { app: ['a', long] } }), { code, where, got: long });
    refused(() => LabelSelector.of({ noneOf: { app: ['a b'] } }), { code, where, got: 'a b' });
    const expected = 'a string (quote numbers and booleans)';
    refused(() => LabelSelector.labels({ app: 1 as never }), { code, where, got: 1, expected });
  });

  test('fails on a list of no values', () => {
    const [code, where] = ['selector-values', 'LabelSelector.of: tier'];
    const text = refused(() => LabelSelector.of({ oneOf: { tier: [] } }), { code, where, got: [] });
    expect(text).toBe(
      'LabelSelector.of: tier: got [], expected at least one value; ' +
        `fix: { "tier": ['value'] }, or present/absent`,
    );
    refused(() => LabelSelector.of({ noneOf: { tier: [] } }), { code, where, got: [] });
  });
});

test('checkedLabels sorts and copies', () => {
  const labels = { b: '1', a: '' };
  const checked = checkedLabels('Workload', labels);
  expect(Object.entries(checked)).toEqual([
    ['a', ''],
    ['b', '1'],
  ]);
  expect(checked).not.toBe(labels);
});

test('isEverything only without any requirement', () => {
  expect(isEverything(EVERYTHING)).toBe(true);
  expect(isEverything(of({ labels: { a: '' } }))).toBe(false);
  expect(isEverything(of({ absent: ['a'] }))).toBe(false);
});

describe('selectorMatches', () => {
  const fromJson = (text: string): Labels => JSON.parse(text) as Labels;

  test.each<[string, LabelSelectorOptions, Labels, boolean]>([
    ['an equal label', { labels: { a: '1' } }, { a: '1', b: '2' }, true],
    ['another value', { labels: { a: '1' } }, { a: '2' }, false],
    ['an absent label', { labels: { a: '1' } }, {}, false],
    ['an empty value against an empty one', { labels: { a: '' } }, { a: '' }, true],
    ['an empty value against an absent label', { labels: { a: '' } }, {}, false],
    ['In: one of the values', { oneOf: { a: ['1', '2'] } }, { a: '2' }, true],
    ['In: an absent label', { oneOf: { a: ['1'] } }, {}, false],
    ['NotIn: another value', { noneOf: { a: ['1'] } }, { a: '2' }, true],
    ['NotIn: one of the values', { noneOf: { a: ['1'] } }, { a: '1' }, false],
    ['NotIn: an absent label', { noneOf: { a: ['1'] } }, {}, true],
    ['Exists: an empty value', { present: ['a'] }, { a: '' }, true],
    ['Exists: an absent label', { present: ['a'] }, {}, false],
    ['DoesNotExist: an absent label', { absent: ['a'] }, { b: '1' }, true],
    ['DoesNotExist: an empty value', { absent: ['a'] }, { a: '' }, false],
    ['requirements of which one fails', { labels: { a: '1' }, present: ['b'] }, { a: '1' }, false],
  ])('%s', (_, options, labels, matches) => {
    expect(selectorMatches(of(options), labels)).toBe(matches);
  });

  test('everything matches no labels at all', () => {
    expect(selectorMatches(EVERYTHING, {})).toBe(true);
  });

  test('sees no labels that objects inherit', () => {
    for (const key of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(selectorMatches(of({ present: [key] }), {})).toBe(false);
      expect(selectorMatches(of({ absent: [key] }), {})).toBe(true);
      expect(selectorMatches(of({ labels: { [key]: '1' } }), { [key]: '1' })).toBe(true);
      expect(intersectSelectors(of({ labels: { [key]: '1' } }), EVERYTHING)).toEqual({
        matchLabels: { [key]: '1' },
        matchExpressions: [],
      });
    }
  });

  test('takes __proto__ for a label like others', () => {
    const labels = fromJson('{ "__proto__": "1" }');
    const matchLabels = fromJson('{ "__proto__": "1" }');
    const exists = { key: '__proto__', operator: 'Exists', values: [] } as const;
    const byLabel = { matchLabels, matchExpressions: [] };
    const byPresence = { matchLabels: {}, matchExpressions: [exists] };
    for (const selector of [byLabel, byPresence]) {
      expect(selectorMatches(selector, labels)).toBe(true);
      expect(selectorMatches(selector, {})).toBe(false);
    }
    const both = intersectSelectors(byLabel, byPresence);
    expect(JSON.stringify(both)).toBe('{"matchLabels":{"__proto__":"1"},"matchExpressions":[]}');
  });

  test('agrees with the naive evaluator', () => {
    fc.assert(
      fc.property(arbitrarySelector(), arbitraryLabels(), (selector, labels) => {
        expect(selectorMatches(selector, labels)).toBe(selects(selector, labels));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('intersectSelectors', () => {
  test('is undefined when a label cannot have both values', () => {
    expect(intersectSelectors(of({ labels: { a: '1' } }), of({ labels: { a: '2' } }))).toBe(
      undefined,
    );
  });

  test.each<[string, LabelSelectorOptions, LabelSelectorOptions]>([
    ['a label and its absence', { labels: { a: '1' } }, { absent: ['a'] }],
    ['a label and a list without it', { labels: { a: '1' } }, { oneOf: { a: ['2', '3'] } }],
    ['a label and its exclusion', { labels: { a: '1' } }, { noneOf: { a: ['1'] } }],
    ['lists without a common value', { oneOf: { a: ['1'] } }, { oneOf: { a: ['2'] } }],
    ['a list and its exclusion', { oneOf: { a: ['1', '2'] } }, { noneOf: { a: ['1', '2'] } }],
    ['presence and absence', { present: ['a'] }, { absent: ['a'] }],
    ['a list and absence', { oneOf: { a: ['1'] } }, { absent: ['a'] }],
  ])('is undefined for %s', (_, a, b) => {
    expect(intersectSelectors(of(a), of(b))).toBeUndefined();
    expect(intersectSelectors(of(b), of(a))).toBeUndefined();
  });

  test('drops what a label already decides', () => {
    const a = of({ labels: { a: '1' }, present: ['b'] });
    const b = of({ oneOf: { a: ['1', '2'] }, noneOf: { a: ['3'], b: ['x'] } });
    expect(intersectSelectors(a, b)).toEqual(
      of({ labels: { a: '1' }, present: ['b'], noneOf: { b: ['x'] } }),
    );
  });

  test('matches labels exactly when both match, and is undefined only where nothing matches', () => {
    fc.assert(
      fc.property(arbitrarySelector(), arbitrarySelector(), (a, b) => {
        const both = intersectSelectors(a, b);
        const matching = everyLabels().filter((it) => selects(a, it) && selects(b, it));
        const found = both && everyLabels().filter((labels) => selects(both, labels));
        expect(found).toEqual(matching.length === 0 ? undefined : matching);
      }),
      { numRuns: 1000 },
    );
  });

  test('depends neither on order nor on repetition', () => {
    fc.assert(
      fc.property(arbitrarySelector(), arbitrarySelector(), (a, b) => {
        const both = intersectSelectors(a, b);
        expect(intersectSelectors(b, a)).toEqual(both);
        if (both !== undefined) {
          expect(intersectSelectors(both, a)).toEqual(both);
          expect(selectorKey(intersectSelectors(both, both) ?? EVERYTHING)).toBe(selectorKey(both));
        }
      }),
    );
  });
});

const KEYS = ['a', 'b', 'constructor'];
const VALUES = ['', '1', '2'];

/** Empty selectors too, and operators that meet on one key. */
function arbitrarySelector(): fc.Arbitrary<SelectorData> {
  const key = fc.constantFrom(...KEYS);
  const values = fc.subarray(VALUES, { minLength: 1 });
  const options = fc.record({
    labels: fc.dictionary(key, fc.constantFrom(...VALUES), { maxKeys: 2, noNullPrototype: true }),
    oneOf: fc.dictionary(key, values, { maxKeys: 2, noNullPrototype: true }),
    noneOf: fc.dictionary(key, values, { maxKeys: 2, noNullPrototype: true }),
    present: fc.array(key, { maxLength: 1 }),
    absent: fc.array(key, { maxLength: 1 }),
  });
  const empty = (given: LabelSelectorOptions): boolean =>
    Object.values(given).every((part: object) => Object.keys(part).length === 0);
  return options.map((given) => (empty(given) ? EVERYTHING : of(given)));
}

function arbitraryLabels(): fc.Arbitrary<Labels> {
  return fc.constantFrom(...everyLabels());
}

/** Every set of labels over the keys; "9" stands for all values that no selector names. */
function everyLabels(): Labels[] {
  return KEYS.reduce<Labels[]>(
    (sets, key) =>
      sets.flatMap((set) => [set, ...[...VALUES, '9'].map((v) => ({ ...set, [key]: v }))]),
    [{}],
  );
}
