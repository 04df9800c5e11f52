/**
 * Do the naive label selectors mean what kubernetes/apimachinery pkg/labels/selector.go means, above
 * all where the key is absent? (cyclonus and policy-assistant let NotIn fail there.)
 */

import { selects } from './selector';
import type { Selector } from './world';

const bert = { app: 'bert', team: 'nlp' };

function team(operator: string, ...values: string[]): Selector {
  return { matchExpressions: [{ key: 'team', operator, values }] };
}

describe('label selectors', () => {
  test('{} selects everything, with labels or without', () => {
    for (const selector of [{}, { matchLabels: null, matchExpressions: null }]) {
      expect(selects(selector, bert)).toBe(true);
      expect(selects(selector, {})).toBe(true);
    }
  });

  test('matchLabels needs every key with its value', () => {
    expect(selects({ matchLabels: { app: 'bert' } }, bert)).toBe(true);
    expect(selects({ matchLabels: { app: 'bert', team: 'nlp' } }, bert)).toBe(true);
    expect(selects({ matchLabels: { app: 'bert', team: 'vision' } }, bert)).toBe(false);
    expect(selects({ matchLabels: { app: 'bert', tier: 'training' } }, bert)).toBe(false);
  });

  test('matchLabels with an empty value needs the key with the empty value', () => {
    const selector = { matchLabels: { team: '' } };
    expect(selects(selector, { team: '' })).toBe(true);
    expect(selects(selector, { team: 'nlp' })).toBe(false);
    expect(selects(selector, {})).toBe(false);
  });

  test('In needs the key with a listed value', () => {
    expect(selects(team('In', 'vision', 'nlp'), bert)).toBe(true);
    expect(selects(team('In', 'vision'), bert)).toBe(false);
    expect(selects(team('In', 'vision', 'nlp'), {})).toBe(false);
  });

  test('NotIn matches other values and an absent key', () => {
    expect(selects(team('NotIn', 'vision', 'nlp'), bert)).toBe(false);
    expect(selects(team('NotIn', 'vision'), bert)).toBe(true);
    expect(selects(team('NotIn', 'nlp'), {})).toBe(true);
  });

  test('Exists needs the key with any value', () => {
    expect(selects(team('Exists'), bert)).toBe(true);
    expect(selects(team('Exists'), { team: '' })).toBe(true);
    expect(selects(team('Exists'), { app: 'bert' })).toBe(false);
  });

  test('DoesNotExist matches an absent key only', () => {
    expect(selects(team('DoesNotExist'), { app: 'bert' })).toBe(true);
    expect(selects(team('DoesNotExist'), bert)).toBe(false);
    expect(selects(team('DoesNotExist'), { team: '' })).toBe(false);
  });

  test('matchLabels and all matchExpressions are AND', () => {
    const both = { matchLabels: { app: 'bert' }, ...team('In', 'nlp') };
    expect(selects(both, bert)).toBe(true);
    expect(selects(both, { app: 'bert', team: 'vision' })).toBe(false);
    expect(selects(both, { app: 'gpt', team: 'nlp' })).toBe(false);
    const { matchExpressions: isNlp } = team('In', 'nlp');
    const { matchExpressions: noTeam } = team('DoesNotExist');
    expect(selects({ matchExpressions: [...(isNlp ?? []), ...(noTeam ?? [])] }, bert)).toBe(false);
  });

  test('a key that every JavaScript object inherits is not a label', () => {
    const selector = { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] };
    expect(selects(selector, bert)).toBe(false);
  });

  test('fails on an operator that does not exist', () => {
    expect(() => selects(team('Gt', '3'), bert)).toThrow('there is no selector operator Gt');
  });
});
