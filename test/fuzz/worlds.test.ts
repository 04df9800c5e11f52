import { ALL_WORLDS } from './worlds';

test('every run asks about a hundred thousand random worlds', () => {
  expect(ALL_WORLDS).toBeGreaterThanOrEqual(100_000);
});
