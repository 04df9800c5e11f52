/**
 * Istio's Gateway, such as an egress gateway: servers, their ports, hosts and TLS (6.10).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateGateway
 */
import type { Field } from './field';
import { checkGatewayHost } from './gateway-names';
import { type IstioKind, type Metadata, NETWORKING } from './kind';
import { checkIpAddress, isDnsLabel } from './names';
import {
  PORT_FIELDS,
  checkNoTargetPort,
  checkPortNumber,
  checkProtocolSet,
  isHttpProtocol,
  isKnownProtocol,
  isTlsProtocol,
} from './ports';
import { SERVER_TLS, checkServerTls, isPassthrough } from './server-tls';
import { TEXT, TEXTS, TEXT_MAP, list, object } from './shape';
import { checkUnixAddress, isUnixAddress } from './unix-address';

export const GATEWAY: IstioKind = {
  ...NETWORKING,
  kind: 'Gateway',
  shape: object({
    selector: TEXT_MAP,
    servers: list(
      object(
        {
          bind: TEXT,
          defaultEndpoint: TEXT,
          hosts: TEXTS,
          name: TEXT,
          port: object(PORT_FIELDS, { required: ['number', 'protocol', 'name'] }),
          tls: SERVER_TLS,
        },
        { required: ['port', 'hosts'] },
      ),
    ),
  }),
  check: checkGateway,
};

function checkGateway(spec: Field, metadata: Metadata): void {
  if (!isDnsLabel(metadata.name)) {
    spec.refuse('a DNS label as name of the Gateway (no dots)', metadata.name);
  }
  const servers = spec.at('servers');
  if (servers.items.length === 0) servers.refuse('at least one server');
  const names = new Set<string>();
  for (const server of servers.items) {
    checkServer(server);
    const port = server.at('port');
    if (!port.isSet) continue;
    const name = port.at('name');
    if (names.has(name.text)) name.refuse('a name that no port before it has');
    names.add(name.text);
    const redirect = server.at('tls').at('httpsRedirect');
    if (redirect.flag && !isHttpProtocol(port.at('protocol').text)) {
      redirect.warn('httpsRedirect on HTTP servers only');
    }
  }
}

export function checkServer(server: Field): void {
  const hosts = server.at('hosts');
  if (hosts.items.length === 0) hosts.refuse('at least one host');
  hosts.items.forEach(checkGatewayHost);
  checkServerPort(server.at('port'), server.at('bind').text);
  checkBind(server.at('port'), server.at('bind'));
  checkServerTls(server.at('tls'));
  checkTlsFitsProtocol(server);
}

export function checkServerPort(port: Field, bind: string): void {
  if (!port.isSet) {
    port.refuse('a port');
    return;
  }
  checkProtocolSet(port.at('protocol'));
  if (port.at('number').number > 0 || !isUnixAddress(bind)) checkPortNumber(port.at('number'));
  checkNoTargetPort(port);
  if (port.at('name').text === '') port.at('name').refuse('a name');
}

function checkBind(port: Field, bind: Field): void {
  if (isUnixAddress(bind.text)) {
    checkUnixAddress(bind);
    if (port.at('number').number !== 0) port.at('number').refuse('0 with a unix socket');
  } else if (bind.text !== '') checkIpAddress(bind);
}

/** HTTPS and TLS need settings; plain HTTP may redirect and nothing else. */
function checkTlsFitsProtocol(server: Field): void {
  const [protocol, tls] = [server.at('port').at('protocol').text, server.at('tls')];
  if (!isKnownProtocol(protocol)) return;
  if (isTlsProtocol(protocol)) {
    if (!tls.isSet) tls.refuse(`TLS settings with protocol ${protocol}`);
    return;
  }
  if (!tls.isSet) return;
  const files = ['caCertificates', 'privateKey', 'serverCertificate'];
  const isRedirectOnly = isPassthrough(tls) && files.every((name) => tls.at(name).text === '');
  if (!isHttpProtocol(protocol)) tls.refuse(`no TLS settings with protocol ${protocol}`);
  else if (!isRedirectOnly) tls.refuse('httpsRedirect only, on a port of plain HTTP');
}
