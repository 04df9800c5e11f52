/**
 * VirtualService: hosts, gateways and routes (VS-V1 to VS-V5, VS-V18).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateVirtualService
 */
import { checkExportTo } from './attachment';
import { ROUTE_DESTINATIONS, checkRouteDestinations } from './destinations';
import type { Field } from './field';
import { checkGatewayNames } from './gateway-names';
import { isJwtClaim } from './headers';
import { HTTP_ROUTE, checkHttpRoute } from './http-route';
import { type IstioKind, type Metadata, NETWORKING } from './kind';
import {
  checkIpOrCidr,
  checkLabels,
  hostCovers,
  hostsOverlap,
  isIpAddress,
  isWildcardDomain,
} from './names';
import { checkPortNumber } from './ports';
import { TEXT, TEXTS, TEXT_MAP, UINT32, list, object } from './shape';
import { warnOfUnreachable } from './unreachable-routes';

const L4_MATCH = {
  destinationSubnets: TEXTS,
  gateways: TEXTS,
  port: UINT32,
  sourceLabels: TEXT_MAP,
  sourceNamespace: TEXT,
};

const TCP_ROUTE = object({
  match: list(object({ ...L4_MATCH, sourceSubnet: TEXT })),
  route: ROUTE_DESTINATIONS,
});

const TLS_ROUTE = object(
  {
    match: list(object({ ...L4_MATCH, sniHosts: TEXTS }, { required: ['sniHosts'] })),
    route: ROUTE_DESTINATIONS,
  },
  { required: ['match'] },
);

export const VIRTUAL_SERVICE: IstioKind = {
  ...NETWORKING,
  kind: 'VirtualService',
  shape: object({
    exportTo: TEXTS,
    gateways: TEXTS,
    hosts: TEXTS,
    http: list(HTTP_ROUTE),
    tcp: list(TCP_ROUTE),
    tls: list(TLS_ROUTE),
  }),
  check: checkVirtualService,
};

/** Name of all sidecars, as opposed to the gateways that have names. */
const MESH = 'mesh';

/** Matches the SNI that gateways with AUTO_PASSTHROUGH use between clusters. */
const GENERATED_SNI = /^outbound_[^_]*\d[^_]*_[^_]*_[^_]*[a-zA-Z]/;

function checkVirtualService(spec: Field, metadata: Metadata): void {
  const isDelegate = spec.at('hosts').items.length === 0;
  if (isDelegate) checkDelegate(spec);
  checkGatewayNames(spec.at('gateways'));
  if (!isBoundToGateway(spec)) checkNoClaims(spec);
  checkHosts(spec);

  if (['http', 'tcp', 'tls'].every((protocol) => spec.at(protocol).items.length === 0)) {
    spec.refuse('at least one http, tcp or tls route');
  }
  for (const route of spec.at('http').items) {
    if (route.isSet) checkHttpRoute(route, { isDelegate });
    else route.refuse('a route');
  }
  for (const route of spec.at('tls').items.filter(({ isSet }) => isSet)) checkTlsRoute(route, spec);
  for (const route of spec.at('tcp').items.filter(({ isSet }) => isSet)) checkTcpRoute(route);
  checkExportTo(spec.at('exportTo'), metadata.namespace);
  for (const protocol of ['http', 'tcp', 'tls']) warnOfUnreachable(spec.at(protocol));
}

/** VS-V1: no hosts makes it a delegate of HTTP routes. */
function checkDelegate(spec: Field): void {
  for (const field of spec.present(['gateways', 'tls', 'tcp'])) {
    if (field.items.length > 0) field.refuse('nothing in a delegate, that is, without hosts');
  }
}

function isBoundToGateway(spec: Field): boolean {
  const gateways = spec.at('gateways').items;
  return gateways.length > 0 && !gateways.some(({ text }) => text === MESH);
}

/** VS-V3: sidecars cannot route on claims. */
function checkNoClaims(spec: Field): void {
  for (const match of spec.at('http').items.flatMap((route) => route.at('match').items)) {
    for (const headers of match.present(['headers', 'withoutHeaders'])) {
      for (const [name, header] of headers.entries) {
        if (isJwtClaim(name)) header.refuse('gateways, mesh not among them, to route on claims');
      }
    }
  }
}

/** VS-V4. */
function checkHosts(spec: Field): void {
  const hosts = spec.at('hosts').items;
  const isMesh = !isBoundToGateway(spec);
  let valid = true;
  for (const host of hosts) {
    if (isIpAddress(host.text)) continue;
    if (isRoutableHost(spec, host.text) && !(isMesh && host.text === '*')) continue;
    valid = false;
    host.refuse('a host name, *.name or an IP address; "*" only for gateways');
  }
  if (!valid) return;
  for (const [index, host] of hosts.entries()) {
    const other = hosts.slice(0, index).find(({ text }) => hostsOverlap(text, host.text));
    if (other !== undefined) host.refuse(`hosts that do not overlap (${other.text})`);
  }
}

function checkTlsRoute(route: Field, spec: Field): void {
  const matches = route.at('match');
  if (matches.items.length === 0) matches.refuse('at least one match');
  for (const match of matches.items) {
    const sniHosts = match.at('sniHosts');
    if (sniHosts.items.length === 0) sniHosts.refuse('at least one SNI host');
    for (const host of sniHosts.items) checkSniHost(host, spec);
    checkL4Match(match);
  }
  checkL4Route(route);
}

/** VS-V18. */
function checkSniHost(host: Field, spec: Field): void {
  if (!isRoutableHost(spec, host.text)) {
    if (isIpAddress(host.text)) host.warn('a host name: most clients send no address as SNI');
    else host.refuse('a host name or *.name');
    return;
  }
  if (!spec.at('hosts').items.some(({ text }) => hostCovers(text, host.text))) {
    host.refuse("a name that one of the VirtualService's hosts covers");
  }
}

function checkTcpRoute(route: Field): void {
  for (const match of route.at('match').items) {
    if (match.isSet) checkL4Match(match);
    else match.refuse('a match');
  }
  checkL4Route(route);
}

function checkL4Match(match: Field): void {
  match.at('destinationSubnets').items.forEach(checkIpOrCidr);
  if (match.at('port').number !== 0) checkPortNumber(match.at('port'));
  checkLabels(match.at('sourceLabels'));
  checkGatewayNames(match.at('gateways'));
}

function checkL4Route(route: Field): void {
  if (route.at('route').items.length === 0) route.at('route').refuse('at least one destination');
  checkRouteDestinations(route.at('route'));
}

/** A gateway that matches SNI also takes the names that Istio generates. */
function isRoutableHost(spec: Field, host: string): boolean {
  const matchesSni = spec
    .at('tls')
    .items.some((route) => route.at('match').items.some(hasSniHosts));
  const isGenerated = host.length <= 255 && host.startsWith('outbound_');
  if (isBoundToGateway(spec) && matchesSni && isGenerated) return GENERATED_SNI.test(host);
  return isWildcardDomain(host);
}

function hasSniHosts(match: Field): boolean {
  return match.at('sniHosts').items.length > 0;
}
