/**
 * Circuit breaking: how much callers may ask of pods at once, and which pods are asked at all.
 */
import type { Duration } from 'cdk8s';
import type { ConnectionPoolData, OutlierDetectionData } from '../traffic/request-data';
import { refuse } from '../values/problem';
import { checkedInteger, checkedMilliseconds } from './about-requests';

/** How many connections and requests each caller's proxy opens before it refuses more. */
export interface ConnectionPoolOptions {
  /**
   * Connections.
   *
   * @default - no limit
   */
  readonly maxConnections?: number;

  /**
   * How long connecting may take.
   *
   * @default - 10 seconds, as the mesh has it
   */
  readonly connectTimeout?: Duration;

  /**
   * Requests that wait for a connection.
   *
   * @default - no limit
   */
  readonly maxPendingRequests?: number;

  /**
   * Requests under way at once.
   *
   * @default - no limit
   */
  readonly maxRequests?: number;

  /**
   * Requests on one connection before it is closed.
   *
   * @default - no limit
   */
  readonly maxRequestsPerConnection?: number;

  /**
   * How long a connection may be idle.
   *
   * @default - 1 hour
   */
  readonly idleTimeout?: Duration;
}

/** When a pod that answers with errors gets no requests for a while. */
export interface OutlierDetectionOptions {
  /**
   * 5xx answers and failed connections in a row that eject a pod.
   *
   * @default 5
   */
  readonly consecutiveErrors?: number;

  /**
   * How often pods are judged.
   *
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;

  /**
   * How long a pod is ejected the first time; each further time takes as much longer.
   *
   * @default Duration.seconds(30)
   */
  readonly baseEjectionTime?: Duration;

  /**
   * Percentage of the pods that may be ejected at once. Istio's own default of 10 ejects nobody
   * where there are fewer than ten pods.
   *
   * @default 50
   */
  readonly maxEjectionPercent?: number;
}

/** The pool as data. Zero is refused: Istio reads it as its default. */
export function checkedPool(where: string, options: ConnectionPoolOptions): ConnectionPoolData {
  const count = (name: keyof ConnectionPoolData, got?: number): ConnectionPoolData =>
    got === undefined
      ? {}
      : { [name]: checkedInteger(`${where}.${name}`, got, { min: 1, max: 2147483647 }) };
  const time = (name: keyof ConnectionPoolData, got?: Duration): ConnectionPoolData =>
    got === undefined ? {} : { [name]: checkedMilliseconds(`${where}.${name}`, got) };
  const pool: ConnectionPoolData = {
    ...count('maxConnections', options.maxConnections),
    ...time('connectTimeout', options.connectTimeout),
    ...count('maxPendingRequests', options.maxPendingRequests),
    ...count('maxRequests', options.maxRequests),
    ...count('maxRequestsPerConnection', options.maxRequestsPerConnection),
    ...time('idleTimeout', options.idleTimeout),
  };
  if (Object.keys(pool).length > 0) return pool;
  return refuse({
    code: 'empty-options',
    where,
    got: {},
    expected: 'at least one limit, or no connectionPool at all',
    fix: 'connectionPool: { maxPendingRequests: 64 }',
  });
}

/** Outlier detection as data, with every default written out. */
export function checkedOutliers(
  where: string,
  options: OutlierDetectionOptions,
): OutlierDetectionData {
  const { consecutiveErrors = 5, interval, baseEjectionTime, maxEjectionPercent = 50 } = options;
  const time = (name: string, got: Duration | undefined, otherwise: number): number =>
    got === undefined ? otherwise : checkedMilliseconds(`${where}.${name}`, got);
  return {
    consecutiveErrors: checkedInteger(`${where}.consecutiveErrors`, consecutiveErrors, {
      min: 1,
      max: 4294967295,
    }),
    interval: time('interval', interval, 10_000),
    baseEjectionTime: time('baseEjectionTime', baseEjectionTime, 30_000),
    maxEjectionPercent: checkedInteger(`${where}.maxEjectionPercent`, maxEjectionPercent, {
      min: 1,
      max: 100,
    }),
  };
}
