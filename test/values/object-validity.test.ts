import { list, map, object, oneOf, text } from '../../src/values/object-validity';

describe('checks', () => {
  const short = text((given) => (given.length <= 3 ? undefined : 'three characters'));
  const tier = object({ name: { required: short }, kind: oneOf('web', 'job') });

  test('an absent field is checked only where it is required, as the empty text', () => {
    expect(tier({}, 'tier')).toEqual([]);
    expect(tier(null, 'tier')).toEqual([]);
    const nonEmpty = text((given) => (given === '' ? 'some text' : undefined));
    expect(object({ name: { required: nonEmpty } })({ name: null }, '')).toEqual([
      { field: 'name', got: null, expected: 'some text' },
    ]);
  });

  test('relations wait until all fields are known ones', () => {
    const related = object({ a: short }, (fields, at) => [
      { field: at, got: fields, expected: 'another relation' },
    ]);
    expect(related({ a: 'ok' }, 'x').map(({ field }) => field)).toEqual(['x']);
    expect(related({ b: 'ok' }, 'x').map(({ field }) => field)).toEqual(['x.b']);
  });

  test('paths name what JavaScript can name, and quote the rest', () => {
    const labels = map(
      () => undefined,
      () => 'nothing',
    );
    const given = {
      app: 'a',
      'app.kubernetes.io/name': 'b',
      'with-dash': 'c',
      '0': 'd',
      gone: undefined,
    };
    expect(labels(given, 'labels').map(({ field }) => field)).toEqual([
      'labels["0"]',
      'labels.app',
      'labels["app.kubernetes.io/name"]',
      'labels.with-dash',
    ]);
    expect(list(tier)([{}, { name: 'long' }], 'tiers')).toEqual([
      { field: 'tiers[1].name', got: 'long', expected: 'three characters' },
    ]);
  });

  test('lists with holes are read as JSON writes them: null', () => {
    // eslint-disable-next-line no-sparse-arrays -- the hole is what is tested
    expect(list(oneOf('a'))(['a', , 'b'], 'x')).toEqual([
      { field: 'x[1]', got: undefined, expected: 'one of a' },
      { field: 'x[2]', got: 'b', expected: 'one of a' },
    ]);
  });
});
