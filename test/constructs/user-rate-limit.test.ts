import { Duration } from 'cdk8s';
import type { UserRateLimitProps } from '../../src';
import { UserKey, UserRateLimit, WhenUnavailable } from '../../src';
import type { Problem } from '../../src/values/problem';
import { problemOf } from '../cluster/problem-of';
import { serving } from '../support/serving';
import { refused } from '../values/refusal';

const { chart, api, ratelimit } = serving();

let count = 0;

function users(props: Partial<UserRateLimitProps> | object): UserRateLimit {
  count += 1;
  return new UserRateLimit(chart, `users-${String(count)}`, {
    workload: api,
    service: ratelimit,
    user: UserKey.claim('sub'),
    whenUnavailable: WhenUnavailable.ALLOW,
    ...props,
  });
}

function fails(action: () => unknown, problem: Partial<Problem>): void {
  expect(problemOf(action)).toMatchObject(problem);
}

describe('UserRateLimit', () => {
  it.each([[undefined], ['maybe']])(
    'fails without a choice for an outage: %p',
    (whenUnavailable) => {
      fails(() => users({ whenUnavailable }), { code: 'when-unavailable', got: whenUnavailable });
    },
  );

  it.each([['domain'], ['descriptor']])('fails for an empty %s', (field) => {
    fails(() => users({ [field]: ' ' }), { code: 'empty-text', got: ' ' });
  });

  it('fails for a timeout that Envoy cannot count', () => {
    fails(() => users({ timeout: Duration.millis(0.5) }), { code: 'duration' });
  });

  it('fails for no ports at all', () => {
    fails(() => users({ ports: [] }), { code: 'empty-list', got: [] });
  });
});

describe('UserKey', () => {
  it('is a claim or a header', () => {
    expect(UserKey.claim('sub').toString()).toBe('claim sub');
    expect(UserKey.header('X-User-Id').toString()).toBe('header x-user-id');
  });

  it.each([[''], [' '], [undefined]])('fails for the claim %p', (name) => {
    refused(() => UserKey.claim(name as string), { code: 'user-key', got: name });
  });

  it.each([[''], [':path'], ['x user'], [undefined]])('fails for the header %p', (name) => {
    refused(() => UserKey.header(name as string), { code: 'user-key', got: name });
  });
});
