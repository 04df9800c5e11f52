import { nearMiss } from '../../src/values/near-miss';

const FIELDS = ['podSelector', 'namespaceSelector', 'ipBlock', 'port', 'endPort', 'to'];

describe('nearMiss', () => {
  test.each([
    ['podselector', 'podSelector'],
    ['PODSELECTOR', 'podSelector'],
    ['podSelectors', 'podSelector'],
    ['podSelecotr', 'podSelector'],
    ['ipblok', 'ipBlock'],
    ['ports', 'port'],
    ['endport', 'endPort'],
    ['tto', 'to'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearMiss(word, FIELDS)).toBe(meant);
  });

  test.each(['', 'x', 'ab', 'from', 'selector', 'podSel', 'ßß', 'constructor', '😀'])(
    'takes %j for none of the words',
    (word) => {
      expect(nearMiss(word, FIELDS)).toBeUndefined();
    },
  );

  test('takes the word with the fewest edits, the first of equals', () => {
    expect(nearMiss('Ingres', ['Egress', 'Ingress'])).toBe('Ingress');
    expect(nearMiss('edge-1', ['edge-22', 'edge-2', 'edge-3'])).toBe('edge-2');
    expect(nearMiss('bat', ['cat', 'bad'])).toBe('cat');
    expect(nearMiss('cat', [])).toBeUndefined();
  });
});
