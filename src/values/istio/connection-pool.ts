/**
 * Limits towards a destination: connection pools and outlier detection.
 *
 * Sidecar uses the pool for inbound connections too.
 * Source: istio/istio:pkg/config/validation/validation.go (validateConnectionPool,
 * validateOutlierDetection)
 */
import { checkDuration, checkDurationOrZero } from './duration';
import type { Field } from './field';
import { BOOLEAN, DURATION, INT32, TEXT, UINT32, choice, nullable, object } from './shape';

export const CONNECTION_POOL = object({
  http: object({
    h2UpgradePolicy: choice('DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'),
    http1MaxPendingRequests: INT32,
    http2MaxRequests: INT32,
    idleTimeout: DURATION,
    maxConcurrentStreams: INT32,
    maxRequestsPerConnection: INT32,
    maxRetries: INT32,
    useClientProtocol: BOOLEAN,
  }),
  tcp: object({
    connectTimeout: DURATION,
    idleTimeout: TEXT,
    maxConnectionDuration: DURATION,
    maxConnections: INT32,
    tcpKeepalive: object({ interval: DURATION, probes: UINT32, time: DURATION }),
  }),
});

export const OUTLIER_DETECTION = object({
  baseEjectionTime: DURATION,
  consecutive5xxErrors: nullable(UINT32),
  consecutiveErrors: INT32,
  consecutiveGatewayErrors: nullable(UINT32),
  consecutiveLocalOriginFailures: nullable(UINT32),
  interval: DURATION,
  maxEjectionPercent: INT32,
  minHealthPercent: INT32,
  splitExternalLocalOriginErrors: BOOLEAN,
});

const HTTP_COUNTS = [
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
];

export function checkConnectionPool(pool: Field): void {
  if (!pool.isSet) return;
  const [http, tcp] = [pool.at('http'), pool.at('tcp')];
  if (!http.isSet && !tcp.isSet) pool.refuse('http or tcp settings');

  for (const count of [...HTTP_COUNTS.map((name) => http.at(name)), tcp.at('maxConnections')]) {
    if (count.number < 0) count.refuse('0 or more');
  }
  if (http.at('h2UpgradePolicy').text === 'UPGRADE' && http.at('useClientProtocol').flag) {
    http.refuse('h2UpgradePolicy UPGRADE or useClientProtocol, not both');
  }
  const keepAlive = http.at('http2KeepAlive');
  for (const time of ['interval', 'timeout'].map((name) => keepAlive.at(name))) {
    if (keepAlive.isSet && !time.isSet) time.refuse('a duration');
    checkDuration(time);
  }
  checkDuration(http.at('idleTimeout'));
  checkDuration(tcp.at('connectTimeout'));
  checkDuration(tcp.at('maxConnectionDuration'));
  checkDurationOrZero(tcp.at('idleTimeout'));
  checkDuration(tcp.at('tcpKeepalive').at('time'));
  checkDuration(tcp.at('tcpKeepalive').at('interval'));
}

export function checkOutlierDetection(outlier: Field): void {
  checkDuration(outlier.at('baseEjectionTime'));
  checkDuration(outlier.at('interval'));
  if (outlier.at('consecutiveErrors').number !== 0) {
    outlier.at('consecutiveErrors').warn('consecutive5xxErrors or consecutiveGatewayErrors');
  }
  const local = outlier.at('consecutiveLocalOriginFailures');
  if (local.number > 0 && !outlier.at('splitExternalLocalOriginErrors').flag) {
    local.refuse('splitExternalLocalOriginErrors: true beside it');
  }
  for (const percent of ['maxEjectionPercent', 'minHealthPercent'].map((name) =>
    outlier.at(name),
  )) {
    if (percent.number < 0 || percent.number > 100) percent.refuse('a percentage from 0 to 100');
  }
}
