import { isRe2 } from '../../../src/values/istio/re2';

test.each([
  '/v[12]/models/.*',
  '(?i)bearer .+',
  '(?P<model>[a-z]+)|(?<rest>.*)',
  '[[:alpha:]]+',
  '[]a]',
  '\\pL\\p{Greek}\\x41\\x{1F600}\\12',
  '\\Qa+b\\E',
  '\\Aa\\z',
  '^*',
  'a{1000}',
  '{',
  'a{,2}',
  '',
])('RE2 reads %p', (expression) => {
  expect(isRe2(expression)).toBe(true);
});

test.each([
  '(?=a)',
  '(?!a)',
  '(?<!a)b',
  '(a)\\1',
  '\\u0041',
  '\\Z',
  '[\\b]',
  'a**',
  'a++',
  '*',
  '?',
  'a{1001}',
  'a{3,2}',
  '(a',
  'a)',
  '[]',
  '[b-a]',
  '\\',
])('RE2 refuses %p', (expression) => {
  expect(isRe2(expression)).toBe(false);
});
