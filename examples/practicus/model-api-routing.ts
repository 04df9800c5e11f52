/**
 * A canary of the model API. Routing moves requests that are allowed already; it lets nobody in.
 */
import { Duration } from 'cdk8s';
import { RetryCondition, TrafficRoute, TrafficSplit } from 'cdk8s-ml-netpol';
import type { MlModule, Workload } from 'cdk8s-ml-netpol';

/** A tenth of the predictions goes to the second version, everything else to the first. */
export function routeModelApi(home: MlModule, modelApi: Workload): void {
  new TrafficRoute(home, 'model-api-routing', {
    workload: modelApi,
    paths: ['/v1/predict*'],
    split: TrafficSplit.canary('v1-stable', 'v2-canary', 10),
    otherwise: 'v1-stable',
    timeout: Duration.seconds(5),
    retries: {
      attempts: 2,
      // three tries and the pauses between them fit the five seconds
      perTryTimeout: Duration.millis(1500),
      // a try that takes too long counts as a gateway error; without it the first one would be the end
      conditions: [
        RetryCondition.CONNECT_FAILURE,
        RetryCondition.REFUSED_STREAM,
        RetryCondition.GATEWAY_ERROR,
      ],
      idempotent: true, // models answer and change nothing
    },
    connectionPool: { maxConnections: 100, maxPendingRequests: 50 },
    outlierDetection: { consecutiveErrors: 5, baseEjectionTime: Duration.seconds(30) },
    reason: 'canary of the second version',
  });
}
