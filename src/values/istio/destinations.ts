/**
 * Where routes lead: hosts, subsets, ports and weights (VS-V10).
 *
 * Source: istio/istio:pkg/config/validation/validation.go (validateDestination,
 * validateHTTPRouteDestinations, validateRouteDestinations)
 */
import type { Field } from './field';
import { HEADERS, checkHeaders } from './headers';
import { isDnsLabel, isWildcardDomain } from './names';
import { PORT_SELECTOR, checkPortNumber } from './ports';
import { INT32, TEXT, list, object } from './shape';

export const DESTINATION = object(
  { host: TEXT, port: PORT_SELECTOR, subset: TEXT },
  { required: ['host'] },
);

/** Destinations of TCP and TLS routes. */
export const ROUTE_DESTINATIONS = list(
  object({ destination: DESTINATION, weight: INT32 }, { required: ['destination'] }),
);

/** Destinations of HTTP routes, which may change headers. */
export const HTTP_ROUTE_DESTINATIONS = list(
  object(
    { destination: DESTINATION, headers: HEADERS, weight: INT32 },
    { required: ['destination'] },
  ),
);

/** A destination, where one is set. */
export function checkDestination(destination: Field): void {
  if (!destination.isSet) return;
  const [host, subset, port] = [
    destination.at('host'),
    destination.at('subset'),
    destination.at('port'),
  ];
  if (host.text === '*' || !isWildcardDomain(host.text)) host.refuse('a host name, not "*"');
  if (subset.text !== '') checkSubsetName(subset);
  if (port.isSet) checkPortNumber(port.at('number'));
}

export function checkSubsetName(name: Field): void {
  if (!isDnsLabel(name.text)) {
    name.refuse('a subset name: at most 63 letters, digits and inner "-"');
  }
}

/** Weighted destinations of HTTP, TCP and TLS routes alike; only HTTP ones have headers. */
export function checkRouteDestinations(routes: Field): void {
  let total = 0;
  for (const route of routes.items) {
    if (!route.at('destination').isSet) route.at('destination').refuse('a destination');
    checkHeaders(route.at('headers'));
    checkDestination(route.at('destination'));
    const weight = route.at('weight');
    if (weight.number < 0) weight.refuse('a weight of 0 or more');
    total += weight.number;
  }
  // the sum need not be 100: istio/istio:pkg/config/validation/validation.go
  if (routes.items.length > 1 && total === 0) routes.refuse('weights with a sum above 0');
}
