/**
 * Port numbers, port names and protocols as istiod's webhook reads them (W-06, W-10).
 *
 * Sources: istio/istio:pkg/config/validation/validation.go (ValidatePort, ValidatePortName,
 * ValidateProtocol), pkg/config/protocol/instance.go
 */
import type { Field } from './field';
import { isDnsLabel } from './names';
import { TEXT, UINT32, object } from './shape';

/** Port of Gateway servers and Sidecar listeners; the kinds differ in what they require. */
export const PORT_FIELDS = { name: TEXT, number: UINT32, protocol: TEXT, targetPort: UINT32 };
export const PORT_SELECTOR = object({ number: UINT32 });

const HTTP = ['http', 'http2', 'http_proxy', 'grpc', 'grpc-web'];
const TLS = ['https', 'tls'];
const TCP = ['tcp', ...TLS, 'mongo', 'redis', 'mysql'];
const KNOWN = [...HTTP, ...TCP, 'udp'];

export function isKnownProtocol(name: string): boolean {
  return KNOWN.includes(name.toLowerCase());
}

/** HTTP in plaintext: the proxy sees requests. */
export function isHttpProtocol(name: string): boolean {
  return HTTP.includes(name.toLowerCase());
}

/** Carries SNI. */
export function isTlsProtocol(name: string): boolean {
  return TLS.includes(name.toLowerCase());
}

/** Carried as a byte stream, TLS included. */
export function isTcpProtocol(name: string): boolean {
  return TCP.includes(name.toLowerCase());
}

export function checkPortNumber(field: Field): void {
  if (field.number < 1 || field.number > 65535) field.refuse('a port from 1 to 65535');
}

export function checkPortName(field: Field): void {
  if (!isDnsLabel(field.text)) {
    field.refuse('a port name: at most 63 letters, digits and inner "-"');
  }
}

/** An absent protocol is sniffed. */
export function checkProtocol(field: Field): void {
  if (field.text !== '' && !isKnownProtocol(field.text)) field.refuse(EXPECTED_PROTOCOL);
}

/** As `checkProtocol`, where the protocol may not be sniffed. */
export function checkProtocolSet(field: Field): void {
  if (!isKnownProtocol(field.text)) field.refuse(EXPECTED_PROTOCOL);
}

/** Gateways and Sidecars listen on `number` itself. */
export function checkNoTargetPort(port: Field): void {
  if (port.at('targetPort').number > 0) port.at('targetPort').refuse('nothing: it has no effect');
}

const EXPECTED_PROTOCOL = 'HTTP, HTTP2, GRPC, GRPC-Web, HTTPS, TLS, TCP, MONGO, REDIS or MYSQL';
