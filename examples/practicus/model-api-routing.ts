import { Duration } from 'cdk8s';
import { TrafficRoute, TrafficSplit } from 'cdk8s-ml-netpol';
import type { MlModule, Workload } from 'cdk8s-ml-netpol';

/** A tenth of the predictions goes to the canary; it is routing alone and lets nobody in. */
export function modelApiRouting(home: MlModule, modelApi: Workload): void {
  new TrafficRoute(home, 'model-api-routing', {
    workload: modelApi,
    paths: ['/v1/predict*'],
    split: TrafficSplit.canary('stable', 'canary', 10),
    otherwise: 'stable',
    timeout: Duration.seconds(5),
    // three tries of a second and a half each fit the timeout
    retries: { attempts: 2, perTryTimeout: Duration.millis(1500) },
    connectionPool: { maxConnections: 100, maxPendingRequests: 50 },
    outlierDetection: { consecutiveErrors: 5, baseEjectionTime: Duration.seconds(30) },
    reason: 'canary of v2',
  });
}
