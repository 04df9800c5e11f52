/**
 * One HTTP route of a VirtualService: conflicts, matches, and its parts (VS-V6 to VS-V9).
 *
 * Source: istio/istio:pkg/config/validation/virtualservice.go
 */
import {
  DESTINATION,
  HTTP_ROUTE_DESTINATIONS,
  checkDestination,
  checkRouteDestinations,
} from './destinations';
import { checkDuration } from './duration';
import type { Field } from './field';
import { checkGatewayNames } from './gateway-names';
import { HEADERS, authorityOperations, checkHeaders, checkMatchedName } from './headers';
import {
  DIRECT_RESPONSE,
  REDIRECT,
  REWRITE,
  checkDirectResponse,
  checkRedirect,
  checkRewrite,
} from './http-actions';
import {
  CORS_POLICY,
  FAULT,
  PERCENT,
  RETRIES,
  checkCorsPolicy,
  checkFault,
  checkRetries,
} from './http-resilience';
import { checkLabels, isDnsLabel } from './names';
import { checkPortNumber } from './ports';
import {
  BOOLEAN,
  DURATION,
  TEXT,
  TEXTS,
  TEXT_MAP,
  UINT32,
  list,
  mapOf,
  nullable,
  object,
} from './shape';
import { STRING_MATCH, checkRegexMatch, checkStringMatch } from './string-match';

const HTTP_MATCH = object({
  authority: STRING_MATCH,
  gateways: TEXTS,
  headers: mapOf(STRING_MATCH),
  ignoreUriCase: BOOLEAN,
  method: STRING_MATCH,
  name: TEXT,
  port: UINT32,
  queryParams: mapOf(STRING_MATCH),
  scheme: STRING_MATCH,
  sourceLabels: TEXT_MAP,
  sourceNamespace: TEXT,
  statPrefix: TEXT,
  uri: STRING_MATCH,
  withoutHeaders: mapOf(STRING_MATCH),
});

export const HTTP_ROUTE = object({
  corsPolicy: CORS_POLICY,
  delegate: object({ name: TEXT, namespace: TEXT }),
  directResponse: DIRECT_RESPONSE,
  fault: FAULT,
  headers: HEADERS,
  match: list(HTTP_MATCH),
  mirror: DESTINATION,
  mirror_percent: nullable(UINT32),
  mirrorPercent: nullable(UINT32),
  mirrorPercentage: PERCENT,
  mirrors: list(
    object({ destination: DESTINATION, percentage: PERCENT }, { required: ['destination'] }),
  ),
  name: TEXT,
  redirect: REDIRECT,
  retries: RETRIES,
  rewrite: REWRITE,
  route: HTTP_ROUTE_DESTINATIONS,
  timeout: DURATION,
});

/** Whether the VirtualService is itself a delegate, that is, has no hosts. */
export interface RouteContext {
  readonly isDelegate: boolean;
}

export function checkHttpRoute(route: Field, { isDelegate }: RouteContext): void {
  if (isDelegate && route.at('delegate').isSet) {
    route.at('delegate').refuse('nothing: a delegate cannot delegate again');
  }
  if (!isDelegate && route.at('delegate').isSet) checkRoot(route);
  else checkConflicts(route);

  route.at('match').items.forEach(checkMatch);
  checkHeaders(route.at('headers'));
  checkCorsPolicy(route.at('corsPolicy'));
  checkFault(route.at('fault'));
  checkMirrors(route);
  checkRedirect(route.at('redirect'), route.at('match'));
  checkDirectResponse(route.at('directResponse'));
  checkRetries(route.at('retries'));
  checkRewrite(route.at('rewrite'));
  checkAuthority(route);
  checkRouteDestinations(route.at('route'));
  checkDuration(route.at('timeout'));
}

/** VS-V7: a route that delegates decides nothing itself. */
function checkRoot(route: Field): void {
  for (const part of route.present(['redirect', 'route'])) {
    if (!Array.isArray(part.value) || part.items.length > 0) {
      part.refuse('nothing in a route that delegates');
    }
  }
}

/** VS-V6. */
function checkConflicts(route: Field): void {
  const answer = route.present(['redirect', 'directResponse']).at(0);
  const hasRoute = route.at('route').items.length > 0;
  if (answer === undefined) {
    if (!hasRoute) route.refuse('a route, a redirect or a directResponse');
  } else {
    if (hasRoute) answer.refuse('no route beside a redirect or directResponse');
    for (const other of route.present(['fault', 'rewrite', 'directResponse'])) {
      if (other.path !== answer.path) other.refuse('nothing beside a redirect or directResponse');
    }
  }
  if (route.at('mirror').isSet && route.at('mirrors').items.length > 0) {
    route.at('mirror').refuse('mirror or mirrors, not both');
  }
}

/** VS-V8. */
function checkMatch(match: Field): void {
  if (!match.isSet) return;
  for (const [name, header] of match.at('headers').entries) {
    if (!header.isSet) header.refuse('a match; {} for presence');
    checkMatchedName(header, name);
    checkStringMatch(header);
  }
  for (const [name, header] of match.at('withoutHeaders').entries) {
    checkMatchedName(header, name);
    // `*` is no RE2; it is read as "present": istio/istio:pkg/config/validation/virtualservice.go
    if (header.at('regex').text !== '*') checkStringMatch(header);
  }
  checkRegexMatch(match.at('uri'));
  match.present(['scheme', 'method', 'authority']).forEach(checkStringMatch);
  for (const [, parameter] of match.at('queryParams').entries) checkStringMatch(parameter);

  if (match.at('port').number !== 0) checkPortNumber(match.at('port'));
  checkLabels(match.at('sourceLabels'));
  checkGatewayNames(match.at('gateways'));
  const namespace = match.at('sourceNamespace');
  if (namespace.text !== '' && !isDnsLabel(namespace.text)) namespace.refuse('a namespace');
}

function checkMirrors(route: Field): void {
  const [deprecated] = route.present(['mirrorPercent', 'mirror_percent']);
  if (deprecated !== undefined) {
    if (deprecated.number > 100) deprecated.refuse('a percentage from 0 to 100');
    deprecated.warn('mirrorPercentage: mirrorPercent is deprecated');
  }
  checkMirrorPercentage(route.at('mirrorPercentage'));
  checkDestination(route.at('mirror'));
  for (const mirror of route.at('mirrors').items) {
    if (!mirror.at('destination').isSet) mirror.at('destination').refuse('a destination');
    checkDestination(mirror.at('destination'));
    checkMirrorPercentage(mirror.at('percentage'));
  }
}

function checkMirrorPercentage(percentage: Field): void {
  const value = percentage.at('value');
  if (value.number < 0 || value.number > 100) value.refuse('a percentage from 0 to 100');
}

/** VS-V9: Envoy would have to choose between two authorities. */
function checkAuthority(route: Field): void {
  let authority = route.at('rewrite').at('authority').text;
  for (const operation of authorityOperations(route.at('headers'))) {
    if (authority !== '') operation.refuse('the authority set in one place only');
    authority = operation.text;
  }
}
