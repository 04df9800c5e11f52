import { Duration } from 'cdk8s';
import type { MirrorOptions, RetryOptions, TrafficRouteProps } from '../../src';
import { MlNamespace, RetryCondition, TrafficRoute, TrafficSplit, Workload } from '../../src';
import { serving, theOnly } from '../support/serving';
import type { Problem } from '../../src/values/problem';
import { problemOf } from '../cluster/problem-of';
import { refused } from '../values/refusal';

const { chart, api } = serving();

let count = 0;

/** Expects that a construct is refused for this problem, at a line of this file. */
function fails(action: () => unknown, problem: Partial<Problem>): void {
  const source = expect.stringMatching(/^test\/constructs\/traffic-route\.test\.ts:\d+$/) as string;
  expect(problemOf(action)).toMatchObject({ source, ...problem });
}

function route(props: Omit<TrafficRouteProps, 'workload'>): TrafficRoute {
  count += 1;
  return new TrafficRoute(chart, `route-${String(count)}`, { workload: api, ...props });
}

describe('TrafficSplit', () => {
  it('is whole percentages by variant', () => {
    expect(TrafficSplit.all('stable').toString()).toBe('stable 100');
    expect(TrafficSplit.weights({ stable: 60, canary: 30, beta: 10 }).toString()).toBe(
      'beta 10, canary 30, stable 60',
    );
    expect(TrafficSplit.canary('stable', 'canary', 10).toString()).toBe('canary 10, stable 90');
  });

  it.each([[{ stable: 89, canary: 10 }], [{ stable: 91, canary: 10 }], [{ stable: 0 }], [{}]])(
    'fails where the weights miss 100: %j',
    (weights) => {
      refused(() => TrafficSplit.weights(weights), { code: 'weights-sum', got: weights });
    },
  );

  it.each([[-10], [10.5], [Number.NaN], [101], ['10']])('fails for a weight of %p', (weight) => {
    const weights = { canary: weight as number, stable: 90 };
    refused(() => TrafficSplit.weights(weights), { code: 'weight', got: weight });
    refused(() => TrafficSplit.canary('stable', 'canary', weight as number), { code: 'weight' });
  });

  it('fails for names that no subset may have', () => {
    refused(() => TrafficSplit.all('v1.2'), { code: 'variant-name', got: 'v1.2' });
    refused(() => TrafficSplit.weights({ Stable: 100 }), { code: 'variant-name', got: 'Stable' });
  });

  it('fails where the canary is the stable variant', () => {
    refused(() => TrafficSplit.canary('stable', 'stable', 10), { code: 'variant-twice' });
  });

  it('takes the steps of a roll-out one by one', () => {
    const after = (step: number): string =>
      TrafficSplit.rollOut({ from: 'v1', to: 'v2', steps: [5, 25, 100], step }).toString();
    expect([0, 1, 2, 3].map(after)).toEqual([
      'v1 100, v2 0',
      'v1 95, v2 5',
      'v1 75, v2 25',
      'v1 0, v2 100',
    ]);
  });

  it.each([[[]], [[5, 25]], [[25, 5, 100]], [[5, 5, 100]], [[0, 100]], [[50, 100, 100]]])(
    'fails for the steps %j',
    (steps) => {
      const options = { from: 'v1', to: 'v2', steps, step: 0 };
      refused(() => TrafficSplit.rollOut(options), { code: 'roll-out-steps', got: steps });
    },
  );

  it.each([[-1], [3], [1.5]])('fails for step %p of two', (step) => {
    const options = { from: 'v1', to: 'v2', steps: [50, 100], step };
    refused(() => TrafficSplit.rollOut(options), { code: 'roll-out-step', got: step });
  });

  it('says in full what is wrong', () => {
    const text = refused(() => TrafficSplit.weights({ stable: 90, canary: 9 }), {});
    expect(text).toBe(
      'TrafficSplit.weights: got {"stable":90,"canary":9}, expected percentages with a sum of 100, not 99; fix: TrafficSplit.weights({ stable: 90, canary: 10 })',
    );
  });
});

describe('retries', () => {
  const retries = (attempts: number, perTry: number): RetryOptions => ({
    attempts,
    perTryTimeout: Duration.millis(perTry),
  });

  it.each([
    [2, 1500, 5000],
    [2, 1666, 4998],
    [1, 2500, 5000],
    [100, 1, 101],
  ])('%i more tries of %i ms fit %i ms', (attempts, perTry, timeout) => {
    const props = { retries: retries(attempts, perTry), timeout: Duration.millis(timeout) };
    expect(() => route(props)).not.toThrow();
  });

  it.each([
    [2, 2000, 5000, 1666],
    [2, 1667, 5000, 1666],
    [1, 5000, 5000, 2500],
  ])('fails: %i more tries of %i ms exceed %i ms', (attempts, perTry, timeout, fitting) => {
    const props = { retries: retries(attempts, perTry), timeout: Duration.millis(timeout) };
    fails(() => route(props), {
      code: 'retries-exceed-timeout',
      got: { attempts, perTryTimeout: `${String(perTry)} ms`, timeout: `${String(timeout)} ms` },
      fix: `perTryTimeout: Duration.millis(${String(fitting)})`,
    });
  });

  it('may take any time without a timeout, and share it without one of their own', () => {
    expect(() => route({ retries: retries(5, 60_000) })).not.toThrow();
    expect(() => route({ retries: { attempts: 5 }, timeout: Duration.millis(1) })).not.toThrow();
  });

  it('repeat what a pod may have worked on only where that is asked for', () => {
    const conditions = [RetryCondition.SERVER_ERROR, RetryCondition.CONNECT_FAILURE];
    const told = serving(({ chart: scope, api: workload }) => {
      const further = { attempts: 1, conditions, idempotent: true };
      new TrafficRoute(scope, 'route', { workload, retries: further });
    });
    expect(theOnly(told, 'VirtualService').spec).toMatchObject({
      http: [{ retries: { attempts: 1, retryOn: '5xx,connect-failure' } }],
    });
  });

  it.each(Object.values(RetryCondition))('need it to be asked for, or not: %s', (condition) => {
    const unseen = ['connect-failure', 'refused-stream', 'reset-before-request'];
    const again = (): TrafficRoute =>
      route({ retries: { attempts: 1, conditions: [RetryCondition.CONNECT_FAILURE, condition] } });
    if (unseen.includes(condition)) expect(again).not.toThrow();
    else fails(again, { code: 'retry-not-idempotent', got: [condition] });
  });

  it.each([[-1], [1.5], [101]])('fail for %p attempts', (attempts) => {
    fails(() => route({ retries: { attempts } }), { code: 'integer', got: attempts });
  });

  it('fail for conditions that Envoy does not know', () => {
    const conditions = ['5XX' as RetryCondition];
    fails(() => route({ retries: { attempts: 1, conditions } }), {
      code: 'retry-condition',
      got: '5XX',
    });
    fails(() => route({ retries: { attempts: 1, conditions: [] } }), { code: 'retry-condition' });
  });

  it('fail for settings of tries that never happen', () => {
    fails(() => route({ retries: retries(0, 100) }), { code: 'retries-none' });
    const conditions = [RetryCondition.RESET];
    fails(() => route({ retries: { attempts: 0, conditions } }), { code: 'retries-none' });
  });
});

describe('TrafficRoute fails', () => {
  it.each([[['*.json']], [['/v2/models/{*}/infer']], [['*']], [['/*']], [[]]])(
    'for paths that a route cannot say: %j',
    (paths) => {
      fails(() => route({ paths, otherwise: 'stable' }), {
        code: 'route-path',
        got: paths[0] ?? [],
      });
    },
  );

  it('for paths that never match', () => {
    fails(() => route({ paths: ['v1'], otherwise: 'stable' }), { code: 'http-path', got: 'v1' });
  });

  it('for paths without a default, and for a default without paths', () => {
    fails(() => route({ paths: ['/v1/*'] }), { code: 'route-default', got: undefined });
    fails(() => route({ otherwise: 'stable' }), { code: 'route-default', got: 'stable' });
  });

  it.each<[string, Partial<TrafficRouteProps>]>([
    ['timeout', { timeout: Duration.millis(0) }],
    ['timeout', { timeout: Duration.millis(1.5) }],
    ['retries.perTryTimeout', { retries: { attempts: 1, perTryTimeout: Duration.millis(0) } }],
    ['connectionPool.connectTimeout', { connectionPool: { connectTimeout: Duration.millis(0.5) } }],
    ['outlierDetection.interval', { outlierDetection: { interval: Duration.seconds(0) } }],
  ])('for no duration: %s %j', (field, props) => {
    fails(() => route(props), {
      code: 'duration',
      where: `chart/route-${String(count + 1)}: ${field}`,
    });
  });

  it.each<[string, Partial<TrafficRouteProps>, number]>([
    ['connectionPool.maxConnections', { connectionPool: { maxConnections: 0 } }, 0],
    ['connectionPool.maxRequests', { connectionPool: { maxRequests: 2 ** 31 } }, 2 ** 31],
    ['connectionPool.maxPendingRequests', { connectionPool: { maxPendingRequests: 1.5 } }, 1.5],
    ['outlierDetection.consecutiveErrors', { outlierDetection: { consecutiveErrors: 0 } }, 0],
    ['outlierDetection.maxEjectionPercent', { outlierDetection: { maxEjectionPercent: 101 } }, 101],
  ])('for no number: %s', (field, props, got) => {
    const where = `chart/route-${String(count + 1)}: ${field}`;
    fails(() => route(props), { code: 'integer', where, got });
  });

  it('for a pool without limits', () => {
    fails(() => route({ connectionPool: {} }), { code: 'empty-options', got: {} });
  });

  it.each([[0], [-1], [100.5], [Number.NaN]])('for copies of %p percent', (percentage) => {
    const mirror: MirrorOptions = { variant: 'canary', percentage };
    fails(() => route({ mirror }), { code: 'percentage', got: percentage });
  });

  it('for variants with names that no subset may have', () => {
    fails(() => route({ mirror: { variant: 'V2' } }), { code: 'variant-name', got: 'V2' });
    const paths = ['/v1/*'];
    fails(() => route({ paths, otherwise: 'V1' }), { code: 'variant-name', got: 'V1' });
  });

  it.each([['mesh'], ['a/b/c'], ['Public'], [''], ['istio-system/'], ['*']])(
    'for the gateway %j',
    (gateway) => {
      const hosts = ['models.example.com'];
      fails(() => route({ gateways: [gateway], hosts }), { code: 'gateway-name', got: gateway });
    },
  );

  it('for gateways without hosts, hosts without gateways, and short hosts', () => {
    fails(() => route({ gateways: ['public'] }), { code: 'gateway-hosts' });
    fails(() => route({ hosts: ['models.example.com'] }), { code: 'gateway-hosts' });
    const gateways = ['public'];
    fails(() => route({ gateways, hosts: ['models'] }), { code: 'gateway-hosts', got: 'models' });
    fails(() => route({ gateways, hosts: ['*'] }), { code: 'http-host', got: '*' });
    const hosts = ['*.example.com', 'a.b.example.com', 'example.com'];
    fails(() => route({ gateways, hosts }), {
      code: 'gateway-hosts',
      got: ['*.example.com', 'a.b.example.com'],
    });
  });

  it('for a waiver without a reason, or another one', () => {
    fails(() => route({ withoutMesh: 'l4' }), { code: 'waiver-reason' });
    fails(() => route({ withoutMesh: 'yes', reason: 'edge' }), { code: 'waiver', got: 'yes' });
  });

  it('in somebody else’s namespace', () => {
    const namespace = MlNamespace.fromName(chart, 'ml-jobs', 'ml-jobs');
    const workload = new Workload(chart, 'job', { namespace, labels: { app: 'job' } });
    fails(() => new TrafficRoute(chart, 'foreign', { workload }), {
      code: 'namespace-not-ours',
      got: 'ml-jobs',
    });
  });
});

describe('variants of a workload', () => {
  const labelled = (variants: Record<string, Record<string, string>>): Workload =>
    new Workload(chart, `variants-${String((count += 1))}`, {
      namespace: MlNamespace.fromName(chart, `ns-${String(count)}`, 'reporting'),
      labels: { app: 'reporting' },
      podLabels: { team: 'bi' },
      variants,
    });

  it('differ in the value of a label', () => {
    expect(() =>
      labelled({ blue: { color: 'blue', tier: 'a' }, green: { color: 'green' } }),
    ).not.toThrow();
  });

  it.each([
    [{ blue: { color: 'blue' }, green: { color: 'blue' } }],
    [{ blue: { color: 'blue' }, green: { color: 'blue', tier: 'a' } }],
    [{ blue: { color: 'blue' }, green: { shade: 'green' } }],
    [{ a: { v: '1' }, b: { v: '2' }, c: { v: '2', w: '1' } }],
  ])('fail where a pod could be of two: %j', (variants) => {
    fails(() => labelled(variants), { code: 'variants-overlap' });
  });

  it('fail without labels', () => {
    fails(() => labelled({ blue: {} }), { code: 'empty-selector', got: {} });
  });

  it.each([[{ app: 'other' }], [{ team: 'ml' }]])('fail where no pod can carry %j', (labels) => {
    fails(() => labelled({ blue: labels as Record<string, string> }), {
      code: 'variant-contradicts',
      got: labels,
    });
  });

  it('fail for names and labels that the API server refuses', () => {
    fails(() => labelled({ 'v1.0': { v: '1' } }), { code: 'variant-name', got: 'v1.0' });
    fails(() => labelled({ blue: { color: 'sky blue' } }), { code: 'label-value' });
  });
});
