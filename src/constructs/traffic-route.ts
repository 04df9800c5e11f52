/**
 * Where the requests of a workload's Service go: shares of its variants, timeouts, retries, circuit
 * breaking, mirroring.
 */
import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { refuse } from '../values/problem';
import type { RequestProps } from './about-requests';
import { aboutRequests, checkedMilliseconds } from './about-requests';
import type { ConnectionPoolOptions, OutlierDetectionOptions } from './circuit-breaking';
import { checkedOutliers, checkedPool } from './circuit-breaking';
import { declareForMesh } from './declare';
import type { RetryOptions } from './retries';
import { checkedRetries } from './retries';
import { checkedGateways, checkedPaths } from './route-requests';
import type { TrafficSplit } from './traffic-split';
import { checkVariantName } from './variants';

/** A copy of requests, whose answers nobody waits for. */
export interface MirrorOptions {
  /** Variant that gets the copies. What requests change there, they change twice. */
  readonly variant: string;

  /**
   * Percentage of the requests that are copied.
   *
   * @default 100
   */
  readonly percentage?: number;
}

/** The Service, and where its requests go. */
export interface TrafficRouteProps extends RequestProps {
  /**
   * Name of the Service.
   *
   * @default - the workload's only Service
   */
  readonly service?: string;

  /**
   * Port of the Service whose requests are routed.
   *
   * @default - the Service's only HTTP port
   */
  readonly port?: number;

  /**
   * Shares of the workload's variants.
   *
   * @default - all pods alike
   */
  readonly split?: TrafficSplit;

  /**
   * Paths that are split, exact (`/v1/predict`) or by prefix (`/v1/*`); needs `otherwise`.
   *
   * @default - every path
   */
  readonly paths?: string[];

  /**
   * Variant that serves every other path.
   *
   * @default - `paths` are not limited
   */
  readonly otherwise?: string;

  /**
   * How long a request may take, all tries together.
   *
   * @default - as long as it takes
   */
  readonly timeout?: Duration;

  /**
   * Which requests are tried again.
   *
   * @default - two more tries, only where no pod has seen the request
   */
  readonly retries?: RetryOptions;

  /**
   * Limits of each caller's connections.
   *
   * @default - none
   */
  readonly connectionPool?: ConnectionPoolOptions;

  /**
   * Ejection of pods that answer with errors.
   *
   * @default - none
   */
  readonly outlierDetection?: OutlierDetectionOptions;

  /**
   * Copies of requests for another variant.
   *
   * @default - none
   */
  readonly mirror?: MirrorOptions;

  /**
   * Gateways whose requests are routed too, `namespace/name` or a name of the workload's namespace;
   * needs `hosts`.
   *
   * @default - requests of the mesh only
   */
  readonly gateways?: string[];

  /**
   * Host names under which the gateways serve the workload.
   *
   * @default - none
   */
  readonly hosts?: string[];
}

/**
 * Routes the requests of a Service: a VirtualService and a DestinationRule that define each other's
 * subsets, with a default route, and mutual TLS kept. It allows nobody anything.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/
 */
export class TrafficRoute extends Construct {
  constructor(scope: Construct, id: string, props: TrafficRouteProps) {
    super(scope, id);
    const { path } = this.node;
    const { service, port, split, otherwise, mirror, connectionPool, outlierDetection } = props;
    const paths = checkedPaths(path, props);
    const timeout =
      props.timeout === undefined
        ? undefined
        : checkedMilliseconds(`${path}: timeout`, props.timeout);
    if (mirror !== undefined) checkVariantName(`${path}: mirror.variant`, mirror.variant);
    declareForMesh(this, {
      kind: 'route',
      ...aboutRequests(this, props),
      service,
      port,
      paths,
      shares: split?._shares ?? [],
      otherwise,
      timeout,
      retries: checkedRetries(path, props.retries, timeout),
      connectionPool: connectionPool && checkedPool(`${path}: connectionPool`, connectionPool),
      outlierDetection:
        outlierDetection && checkedOutliers(`${path}: outlierDetection`, outlierDetection),
      mirror: mirror && {
        variant: mirror.variant,
        percentage: checkedPercentage(`${path}: mirror.percentage`, mirror.percentage ?? 100),
      },
      ...checkedGateways(path, props),
    });
  }
}

/** Envoy counts in millionths. */
function checkedPercentage(where: string, got: number): number {
  if (got >= 0.0001 && got <= 100) return got;
  return refuse({
    code: 'percentage',
    where,
    got,
    expected: 'a percentage from 0.0001 to 100',
    fix: 'percentage: 10',
  });
}
