import { RateLimit, RateLimitUnit } from '../../src';
import type { Problem } from '../../src/values/problem';
import { problemOf } from '../cluster/problem-of';
import { serving } from '../support/serving';

const { chart, api } = serving();
const unit = RateLimitUnit.MINUTE;

let count = 0;

function limit(props: object): RateLimit {
  count += 1;
  return new RateLimit(chart, `limit-${String(count)}`, {
    workload: api,
    requests: 50,
    unit,
    ...props,
  });
}

function fails(action: () => unknown, problem: Partial<Problem>): void {
  expect(problemOf(action)).toMatchObject(problem);
}

describe('RateLimit', () => {
  it.each([[0], [-1], [1.5], [2 ** 32], [Number.NaN], ['50']])(
    'fails for %p requests',
    (requests) => {
      const where = `chart/limit-${String(count + 1)}: requests`;
      fails(() => limit({ requests }), { code: 'integer', where, got: requests });
    },
  );

  it('takes every number that Envoy takes', () => {
    expect(() => limit({ requests: 1 })).not.toThrow();
    expect(() => limit({ requests: 2 ** 32 - 1 })).not.toThrow();
  });

  it('fails for a unit that it does not know', () => {
    fails(() => limit({ unit: 'week' }), { code: 'rate-limit-unit', got: 'week' });
  });

  it('fails for no ports at all', () => {
    fails(() => limit({ ports: [] }), { code: 'empty-list', got: [] });
  });

  it('fails for a waiver without a reason', () => {
    fails(() => limit({ withoutMesh: 'l4', reason: ' ' }), { code: 'waiver-reason' });
  });

  it('says in full what is wrong', () => {
    const where = `chart/limit-${String(count + 1)}: requests`;
    expect(problemOf(() => limit({ requests: 0 }))).toEqual({
      code: 'integer',
      where,
      got: 0,
      expected: 'an integer from 1 to 4294967295',
      fix: '1',
      source: expect.stringMatching(/^test\/constructs\/rate-limit\.test\.ts:\d+$/) as string,
    });
  });
});
