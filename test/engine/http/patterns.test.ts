import * as fc from 'fast-check';
import { findText } from '../../../src/engine/http/automaton';
import {
  describePattern,
  pathPattern,
  patternContains,
  patternMatches,
  patternsDisjoint,
  textPattern,
  witnessesOf,
} from '../../../src/engine/http/patterns';
import { matchesPath, matchesText } from '../../naive/istio-match';
import { pathValue, text, textValue } from './arbitrary';

describe('one pattern', () => {
  test.each([
    ['GET', 'exact'],
    ['/v1/*', 'prefix'],
    ['*.json', 'suffix'],
    ['*', 'present'],
    ['*/x*', 'suffix'],
    ['/a/*/b', 'exact'],
    ['/a/{*}/b', 'template'],
    ['/a/{**}', 'template'],
  ])('%s is read as %s', (value, kind) => {
    expect(pathPattern(value).kind).toBe(kind);
    expect(describePattern(pathPattern(value))).toBe(value);
  });

  test.each([
    ['/a/{**}', ['/a/', '/a/b/c'], ['/a', '/ab']],
    ['/a/{*}/b', ['/a/x/b'], ['/a//b', '/a/x/y/b', '/a/b']],
    ['/a/{**}/b', ['/a//b', '/a/x/b', '/a/x/y/b'], ['/a/b', '/a/x/c']],
    ['/v1/models/*', ['/v1/models/'], ['/v1/models']],
  ])('AP-25, AP-26 %s', (pattern, yes, no) => {
    const matches = (path: string): boolean => patternMatches(pathPattern(pattern), path);
    expect(yes.filter(matches)).toEqual(yes);
    expect(no.filter(matches)).toEqual([]);
  });

  test('matches what the naive evaluator matches', () => {
    fc.assert(
      fc.property(pathValue, textValue, text, (path, value, it) => {
        expect(patternMatches(pathPattern(path), it)).toBe(matchesPath(path, it));
        expect(patternMatches(textPattern(value), it)).toBe(matchesText(value, it));
      }),
      { numRuns: 3000 },
    );
  });

  test('matches its own witnesses', () => {
    fc.assert(
      fc.property(pathValue, (value) => {
        const pattern = pathPattern(value);
        for (const one of witnessesOf(pattern)) expect(patternMatches(pattern, one)).toBe(true);
      }),
    );
  });
});

describe('two patterns', () => {
  test.each([
    ['/v1/*', '/v1/models', true],
    ['/v1/*', '/v1/{*}', true],
    ['/v1/{*}', '/v1/*', false],
    ['/v1/{**}', '/v1/*', true],
    ['/v1/*', '/v1/{**}', true],
    ['/{*}/{*}', '/a/{*}', true],
    ['/{**}/b', '/a/{*}/b', true],
    ['*', '/a/{*}', true],
    ['*.json', '/a/{*}', false],
    ['*/infer', '/v2/models/{*}/infer', true],
  ])('%s contains %s: %p', (outer, inner, expected) => {
    expect(patternContains(pathPattern(outer), pathPattern(inner))).toBe(expected);
  });

  test.each([
    ['/a*', '*b', false],
    ['/a/{*}', '/a/{*}/b', true],
    ['/a/{*}/c', '/{*}/b/c', false],
    ['/a/{**}', '/b/{**}', true],
    ['/a/{*}', '*/', true],
  ])('%s and %s share no text: %p', (a, b, expected) => {
    expect(patternsDisjoint(pathPattern(a), pathPattern(b))).toBe(expected);
  });

  test('contain each other exactly if no text is in one and not in the other', () => {
    fc.assert(
      fc.property(pathValue, pathValue, (a, b) => {
        const [outer, inner] = [pathPattern(a), pathPattern(b)];
        const witness = findText({ some: [[inner]], none: [outer] });
        expect(patternContains(outer, inner)).toBe(witness === undefined);
        if (typeof witness !== 'string') return;
        expect([matchesPath(b, witness), matchesPath(a, witness)]).toEqual([true, false]);
      }),
      { numRuns: 6000 },
    );
  });

  test('are disjoint exactly if no text is in both', () => {
    fc.assert(
      fc.property(pathValue, pathValue, text, (a, b, it) => {
        const [one, other] = [pathPattern(a), pathPattern(b)];
        const witness = findText({ some: [[one], [other]], none: [] });
        expect(patternsDisjoint(one, other)).toBe(witness === undefined);
        if (typeof witness === 'string') {
          expect([matchesPath(a, witness), matchesPath(b, witness)]).toEqual([true, true]);
        } else {
          expect(matchesPath(a, it) && matchesPath(b, it)).toBe(false);
        }
      }),
      { numRuns: 6000 },
    );
  });
});

test('a text that is of every list and of no other is the shortest one', () => {
  const of = (...all: string[]) => all.map(pathPattern);
  expect(findText({ some: [of('/v1/*'), of('*.json')], none: [] })).toBe('/v1/.json');
  expect(findText({ some: [of('/a/{*}')], none: of('/a/b') })).toHaveLength('/a/b'.length);
  expect(findText({ some: [of('/a/*', '/b')], none: of('/a/{**}', '/b*') })).toBeUndefined();
});
