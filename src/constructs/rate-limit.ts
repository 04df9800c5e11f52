/**
 * How many requests the pods of a workload take.
 */
import { Construct } from 'constructs';
import type { Port } from '../values/port';
import { refuse } from '../values/problem';
import type { RequestProps } from './about-requests';
import { aboutRequests, checkedInteger, checkedPortList } from './about-requests';
import { declareForMesh } from './declare';

/** The time in which requests are counted. */
export enum RateLimitUnit {
  /** Each second. */
  SECOND = 'second',
  /** Each minute. */
  MINUTE = 'minute',
  /** Each hour. */
  HOUR = 'hour',
  /** Each day. */
  DAY = 'day',
}

/** The workload, and how many requests each of its pods takes. */
export interface RateLimitProps extends RequestProps {
  /** Requests per unit, of each pod and port. */
  readonly requests: number;

  /** The time in which they are counted. */
  readonly unit: RateLimitUnit;

  /**
   * Ports that are limited: HTTP ports behind a Service of the workload.
   *
   * @default - every HTTP port of purpose service
   */
  readonly ports?: Port[];
}

/**
 * Limits the requests that each pod takes, of all callers together; what is more is answered with
 * 429. Only requests that are allowed count: they are counted after identity and token are checked.
 *
 * @see https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/
 */
export class RateLimit extends Construct {
  constructor(scope: Construct, id: string, props: RateLimitProps) {
    super(scope, id);
    const { path } = this.node;
    declareForMesh(this, {
      kind: 'rate-limit',
      ...aboutRequests(this, props),
      ports: checkedPortList(this, props.ports),
      requests: checkedInteger(`${path}: requests`, props.requests, { min: 1, max: 4294967295 }),
      unit: checkedUnit(path, props.unit),
    });
  }
}

/** Enums are only compile-time checks. */
function checkedUnit(path: string, unit: RateLimitUnit): string {
  const units = Object.values(RateLimitUnit);
  if (units.includes(unit)) return unit;
  return refuse({
    code: 'rate-limit-unit',
    where: `${path}: unit`,
    got: unit,
    expected: `one of ${units.join(', ')}`,
    fix: 'unit: RateLimitUnit.MINUTE',
  });
}
