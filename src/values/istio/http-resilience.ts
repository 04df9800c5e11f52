/**
 * What a route does to unreliable and foreign callers: retries, injected faults, CORS
 * (VS-V11 to VS-V14).
 *
 * Source: istio/istio:pkg/config/validation/validation.go (validateHTTPRetry,
 * validateHTTPFaultInjection, validateCORSPolicy)
 */
import { checkDuration, parseDuration } from './duration';
import type { Field } from './field';
import { checkCorsHeader } from './headers';
import { checkHttpStatus } from './http-actions';
import { checkRegex } from './re2';
import {
  BOOLEAN,
  DOUBLE,
  DURATION,
  INT32,
  TEXT,
  TEXTS,
  choice,
  list,
  nullable,
  object,
} from './shape';
import { STRING_MATCH } from './string-match';

export const PERCENT = object({ value: DOUBLE });

export const RETRIES = object({
  attempts: INT32,
  backoff: DURATION,
  perTryTimeout: DURATION,
  retryIgnorePreviousHosts: nullable(BOOLEAN),
  retryOn: TEXT,
  retryRemoteLocalities: nullable(BOOLEAN),
});

export const FAULT = object({
  abort: object(
    { grpcStatus: TEXT, http2Error: TEXT, httpStatus: INT32, percentage: PERCENT },
    { exclusive: [['httpStatus', 'grpcStatus', 'http2Error']] },
  ),
  delay: object(
    {
      exponentialDelay: DURATION,
      fixedDelay: DURATION,
      percent: INT32,
      percentage: PERCENT,
    },
    { exclusive: [['fixedDelay', 'exponentialDelay']] },
  ),
});

export const CORS_POLICY = object({
  allowCredentials: nullable(BOOLEAN),
  allowHeaders: TEXTS,
  allowMethods: TEXTS,
  allowOrigin: TEXTS,
  allowOrigins: list(STRING_MATCH),
  exposeHeaders: TEXTS,
  maxAge: DURATION,
  unmatchedPreflights: choice('UNSPECIFIED', 'FORWARD', 'IGNORE'),
});

const RETRY_CONDITIONS = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
];

/** Status numbers with a name in Go's net/http. */
const NAMED_STATUS =
  /^(?:10[0-3]|20[0-8]|226|30[0-578]|4(?:0\d|1[0-8]|2[1-689]|31|51)|50[0-8]|51[01])$/;

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const GRPC_STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

const CORS_METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  '*',
];

export function checkRetries(retries: Field): void {
  if (!retries.isSet) return;
  const attempts = retries.at('attempts');
  const retryOn = retries.at('retryOn');
  if (attempts.number < 0) attempts.refuse('0 or more attempts');
  const isConfigured =
    retries.present(['perTryTimeout', 'retryRemoteLocalities']).length > 0 || retryOn.text !== '';
  if (attempts.number === 0 && isConfigured) {
    retries.refuse('attempts above 0, or no other setting: 0 switches retries off');
  }
  checkDuration(retries.at('perTryTimeout'));
  checkDuration(retries.at('backoff'));
  const known = (condition: string): boolean =>
    RETRY_CONDITIONS.includes(condition) || NAMED_STATUS.test(condition);
  if (retryOn.text !== '' && !retryOn.text.split(',').every(known)) {
    retryOn.refuse(
      `a comma list without spaces of HTTP statuses and ${RETRY_CONDITIONS.join(', ')}`,
    );
  }
}

export function checkFault(fault: Field): void {
  if (!fault.isSet) return;
  if (fault.present(['abort', 'delay']).length === 0) fault.refuse('an abort, a delay, or both');
  checkAbort(fault.at('abort'));
  checkDelay(fault.at('delay'));
}

export function checkAbort(abort: Field): void {
  if (!abort.isSet) return;
  checkPercentage(abort.at('percentage'));
  const [http, grpc] = [abort.at('httpStatus'), abort.at('grpcStatus')];
  if (abort.at('http2Error').isSet) abort.at('http2Error').refuse('httpStatus or grpcStatus');
  else if (http.isSet) checkHttpStatus(http);
  // istiod has this warning too, and loses it on the way: validateHTTPFaultInjection
  else if (!grpc.isSet) abort.warn('httpStatus or grpcStatus: without one nothing is aborted');
  else if (!GRPC_STATUSES.includes(grpc.text)) grpc.refuse(`one of ${GRPC_STATUSES.join(', ')}`);
}

export function checkDelay(delay: Field): void {
  if (!delay.isSet) return;
  checkPercentage(delay.at('percentage'));
  checkDuration(delay.at('fixedDelay'));
  if (delay.at('exponentialDelay').isSet) delay.at('exponentialDelay').refuse('fixedDelay');
}

export function checkCorsPolicy(policy: Field): void {
  if (!policy.isSet) return;
  for (const origin of policy.at('allowOrigins').items) {
    const [match] = origin.present(['exact', 'prefix', 'regex']);
    if (match === undefined || match.text === '') {
      origin.refuse('exact, prefix or regex with text that is not empty');
    } else if (origin.at('regex').isSet) checkRegex(match);
  }
  for (const method of policy.at('allowMethods').items) {
    if (!CORS_METHODS.includes(method.text)) method.refuse(`one of ${CORS_METHODS.join(', ')}`);
  }
  for (const list of ['allowHeaders', 'exposeHeaders']) {
    policy.at(list).items.forEach(checkCorsHeader);
  }
  const maxAge = policy.at('maxAge');
  const isFraction = (parseDuration(maxAge.text) ?? 0n) % 1_000_000_000n !== 0n;
  if (isFraction) maxAge.refuse('a duration of whole seconds');
  else checkDuration(maxAge);
}

/** VS-V13: Envoy counts in millionths. */
function checkPercentage(percentage: Field): void {
  const { number } = percentage.at('value');
  if (number < 0 || number > 100 || (number > 0 && number < 0.0001)) {
    percentage.at('value').refuse('0, or a percentage from 0.0001 to 100');
  }
}
