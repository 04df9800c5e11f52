import { isIsoDate } from '../../src/values/iso-date';

test.each(['2027-06-30', '2028-02-29'])('%s is a day', (text) => {
  expect(isIsoDate(text)).toBe(true);
});

test.each([
  '2027-02-30',
  '2027-02-29',
  '27-06-30',
  '2027-6-30',
  '2027-06-30T00:00:00Z',
  'soon',
  '',
])('%j is none', (text) => {
  expect(isIsoDate(text)).toBe(false);
});
