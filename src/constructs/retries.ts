/**
 * Which requests a proxy tries again, how often, and whether all tries fit the timeout.
 */
import type { Duration } from 'cdk8s';
import type { RouteDeclaration } from '../traffic/request-data';
import { refuse } from '../values/problem';
import { checkedInteger, checkedMilliseconds } from './about-requests';

/**
 * What makes a proxy try again. Only the first three are sure that no pod has worked on the
 * request: with any other, a request that is not idempotent may take effect twice, so that these
 * need `idempotent` beside them.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */
export enum RetryCondition {
  /** No connection came about. */
  CONNECT_FAILURE = 'connect-failure',
  /** The pod refused the request unread. */
  REFUSED_STREAM = 'refused-stream',
  /** The connection broke before the request was sent. */
  RESET_BEFORE_REQUEST = 'reset-before-request',
  /** The connection broke, or an answer was too late. */
  RESET = 'reset',
  /** 502, 503 or 504. */
  GATEWAY_ERROR = 'gateway-error',
  /** Any 5xx answer, or none. */
  SERVER_ERROR = '5xx',
  /** 409. */
  RETRIABLE_4XX = 'retriable-4xx',
  /** gRPC status cancelled. */
  CANCELLED = 'cancelled',
  /** gRPC status deadline-exceeded. */
  DEADLINE_EXCEEDED = 'deadline-exceeded',
  /** gRPC status internal. */
  INTERNAL = 'internal',
  /** gRPC status resource-exhausted. */
  RESOURCE_EXHAUSTED = 'resource-exhausted',
  /** gRPC status unavailable. */
  UNAVAILABLE = 'unavailable',
}

/** Further tries of a request. */
export interface RetryOptions {
  /** Tries after the first one; 0 for none. */
  readonly attempts: number;

  /**
   * How long each try may take, the first one too. All of them must fit the route's timeout. A try
   * that takes longer is repeated only by RESET, GATEWAY_ERROR and SERVER_ERROR; else it is the end.
   *
   * @default - as long as the timeout leaves
   */
  readonly perTryTimeout?: Duration;

  /**
   * What makes a proxy try again.
   *
   * @default - connection failures and refused requests only, which no pod has worked on
   */
  readonly conditions?: RetryCondition[];

  /**
   * Whether it does no harm that a request takes effect twice, such as a prediction. Must be said
   * where `conditions` hold for requests that a pod may have worked on: gRPC calls and most
   * inference requests are POST, so that no proxy can tell by their method.
   *
   * @default false
   */
  readonly idempotent?: boolean;
}

type Retries = RouteDeclaration['retries'];

/** A proxy knows of these that no pod has worked on the request. */
const UNSEEN: readonly string[] = [
  RetryCondition.CONNECT_FAILURE,
  RetryCondition.REFUSED_STREAM,
  RetryCondition.RESET_BEFORE_REQUEST,
];

/** Istio's own default also repeats requests that a pod has answered, so it never applies. */
const DEFAULT: Retries = {
  attempts: 2,
  conditions: [RetryCondition.CONNECT_FAILURE, RetryCondition.REFUSED_STREAM],
};

/** Retries as data; `timeout` in milliseconds. */
export function checkedRetries(
  path: string,
  retries: RetryOptions | undefined,
  timeout: number | undefined,
): Retries {
  if (retries === undefined) return DEFAULT;
  const where = `${path}: retries`;
  const attempts = checkedInteger(`${where}.attempts`, retries.attempts, { min: 0, max: 100 });
  const perTryTimeout =
    retries.perTryTimeout === undefined
      ? undefined
      : checkedMilliseconds(`${where}.perTryTimeout`, retries.perTryTimeout);
  const conditions = checkedConditions(where, retries.conditions);
  if (attempts === 0) return checkedNone(where, retries);
  checkIdempotent(where, conditions, retries.idempotent === true);
  checkTotal(where, { attempts, perTryTimeout }, timeout);
  return { attempts, perTryTimeout, conditions };
}

function checkedConditions(
  where: string,
  conditions: readonly RetryCondition[] | undefined,
): readonly string[] {
  if (conditions === undefined) return DEFAULT.conditions;
  const known = Object.values(RetryCondition);
  const unknown = conditions.find((one) => !known.includes(one));
  if (unknown === undefined && conditions.length > 0) return [...new Set(conditions)].sort();
  return refuse({
    code: 'retry-condition',
    where: `${where}.conditions`,
    got: unknown ?? [],
    expected: `at least one of ${known.join(', ')}`,
    fix: 'conditions: [RetryCondition.CONNECT_FAILURE]',
  });
}

/** Nothing in a manifest says whether requests may take effect twice. */
function checkIdempotent(where: string, conditions: readonly string[], idempotent: boolean): void {
  const repeating = conditions.filter((one) => !UNSEEN.includes(one));
  if (repeating.length === 0 || idempotent) return;
  refuse({
    code: 'retry-not-idempotent',
    where: `${where}.conditions`,
    got: repeating,
    expected: `idempotent: true beside conditions under which a pod may have worked on the request, or only ${UNSEEN.join(', ')}`,
    fix: 'idempotent: true where a request may take effect twice, or leave out conditions',
  });
}

/** Istio refuses further settings beside zero attempts. */
function checkedNone(where: string, { perTryTimeout, conditions }: RetryOptions): Retries {
  if (perTryTimeout === undefined && conditions === undefined) {
    return { attempts: 0, conditions: [] };
  }
  return refuse({
    code: 'retries-none',
    where,
    got: { attempts: 0, perTryTimeout: perTryTimeout?.toHumanString(), conditions },
    expected: 'no further settings where nothing is tried again',
    fix: 'retries: { attempts: 0 }',
  });
}

function checkTotal(
  where: string,
  { attempts, perTryTimeout }: Pick<Retries, 'attempts' | 'perTryTimeout'>,
  timeout: number | undefined,
): void {
  if (perTryTimeout === undefined || timeout === undefined) return;
  const tries = attempts + 1;
  if (tries * perTryTimeout <= timeout) return;
  const fitting = Math.floor(timeout / tries);
  refuse({
    code: 'retries-exceed-timeout',
    where,
    got: { attempts, perTryTimeout: `${perTryTimeout} ms`, timeout: `${timeout} ms` },
    expected: `${tries} tries that fit the timeout: together they take ${tries * perTryTimeout} ms, so the last one would be cut off`,
    fix:
      fitting >= 1
        ? `perTryTimeout: Duration.millis(${fitting})`
        : `timeout: Duration.millis(${tries * perTryTimeout})`,
  });
}
