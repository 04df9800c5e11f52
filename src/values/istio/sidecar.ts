/**
 * Sidecar: which listeners a proxy has and which hosts it is told of (SC-V1 to SC-V6).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateSidecar
 */
import { WORKLOAD_SELECTOR, checkSelector } from './attachment';
import { CONNECTION_POOL, checkConnectionPool } from './connection-pool';
import { DESTINATION, checkDestination } from './destinations';
import type { Field } from './field';
import { checkSidecarHost } from './gateway-names';
import { type IstioKind, type Metadata, NETWORKING } from './kind';
import { checkIpAddress, isFqdn } from './names';
import {
  PORT_FIELDS,
  checkNoTargetPort,
  checkPortName,
  checkPortNumber,
  checkProtocol,
  isHttpProtocol,
  isTlsProtocol,
} from './ports';
import { SERVER_TLS, checkServerTls } from './server-tls';
import { TEXT, TEXTS, choice, list, object } from './shape';
import { warnOfRepeatedHosts } from './sidecar-hosts';
import { checkUnixAddress, isUnixAddress } from './unix-address';

const CAPTURE_MODE = choice('DEFAULT', 'IPTABLES', 'NONE');
const LISTENER_PORT = object(PORT_FIELDS);

export const SIDECAR: IstioKind = {
  ...NETWORKING,
  kind: 'Sidecar',
  shape: object({
    egress: list(
      object(
        { bind: TEXT, captureMode: CAPTURE_MODE, hosts: TEXTS, port: LISTENER_PORT },
        { required: ['hosts'] },
      ),
    ),
    inboundConnectionPool: CONNECTION_POOL,
    ingress: list(
      object(
        {
          bind: TEXT,
          captureMode: CAPTURE_MODE,
          connectionPool: CONNECTION_POOL,
          defaultEndpoint: TEXT,
          port: LISTENER_PORT,
          tls: SERVER_TLS,
        },
        { required: ['port'] },
      ),
    ),
    outboundTrafficPolicy: object({
      egressProxy: DESTINATION,
      mode: choice('REGISTRY_ONLY', 'ALLOW_ANY'),
    }),
    workloadSelector: WORKLOAD_SELECTOR,
  }),
  check: checkSidecar,
};

/** Address of the workload itself, or a unix socket. */
const LOCAL_ENDPOINT = /^(?:127\.0\.0\.1|0\.0\.0\.0|\[(?:::1?|127\.0\.0\.1|0\.0\.0\.0)?\]|):(\d+)$/;

function checkSidecar(spec: Field, { namespace }: Metadata): void {
  checkSelector(spec.at('workloadSelector'), 'labels');
  const [ingress, egress] = [spec.at('ingress'), spec.at('egress')];
  const others = spec.present(['outboundTrafficPolicy', 'inboundConnectionPool']);
  if (ingress.items.length + egress.items.length + others.length === 0) {
    spec.refuse('ingress, egress, outboundTrafficPolicy or inboundConnectionPool');
  }
  const ports = new Set<number>();
  for (const listener of ingress.items) checkIngress(listener, ports);
  checkConnectionPool(spec.at('inboundConnectionPool'));
  checkEgress(egress, namespace);
  checkOutboundPolicy(spec.at('outboundTrafficPolicy'));
}

/** SC-V2. */
function checkIngress(listener: Field, ports: Set<number>): void {
  const port = listener.at('port');
  if (!port.isSet) {
    port.refuse('a port');
    return;
  }
  checkListenerPort(port, listener.at('bind'));
  checkUnique(port, ports);
  checkDefaultEndpoint(listener.at('defaultEndpoint'));
  if (listener.at('tls').isSet) checkIngressTls(listener.at('tls'), port);
  const pool = listener.at('connectionPool');
  checkConnectionPool(pool);
  if (pool.at('http').isSet && !isHttpProtocol(port.at('protocol').text)) {
    pool.at('http').warn('TCP settings only: the port is not HTTP', port.at('protocol').text);
  }
}

function checkDefaultEndpoint(endpoint: Field): void {
  if (endpoint.text === '') return;
  if (isUnixAddress(endpoint.text)) {
    checkUnixAddress(endpoint);
    return;
  }
  const port = Number(LOCAL_ENDPOINT.exec(endpoint.text)?.[1] ?? 0);
  if (port < 1 || port > 65535) {
    endpoint.refuse('127.0.0.1, 0.0.0.0, [::1], [::] or nothing with ":port", or unix://path');
  }
}

function checkIngressTls(tls: Field, port: Field): void {
  const unsupported = ['httpsRedirect', 'credentialName', ...LISTS_WITHOUT_EFFECT];
  for (const field of unsupported.map((name) => tls.at(name))) {
    if (field.flag || field.text !== '' || field.items.length > 0) {
      field.refuse('nothing: not supported in a Sidecar');
    }
  }
  if (['ISTIO_MUTUAL', 'AUTO_PASSTHROUGH'].includes(tls.at('mode').text)) {
    tls.at('mode').refuse('a mode other than ISTIO_MUTUAL and AUTO_PASSTHROUGH');
  }
  if (!isTlsProtocol(port.at('protocol').text)) {
    port.at('protocol').refuse('HTTPS or TLS beside TLS settings');
  }
  checkServerTls(tls);
}

const LISTS_WITHOUT_EFFECT = ['subjectAltNames', 'credentialNames', 'tlsCertificates'];

/** SC-V3, SC-V5. */
function checkEgress(egress: Field, namespace: string): void {
  const ports = new Set<number>();
  const sockets = new Set<string>();
  for (const [index, listener] of egress.items.entries()) {
    const [port, bind, hosts] = [listener.at('port'), listener.at('bind'), listener.at('hosts')];
    if (!port.isSet) {
      if (index < egress.items.length - 1) {
        port.refuse('a port in every listener but the last, which takes the rest');
      }
    } else if (port.at('number').number === 0) {
      checkSocketListener(listener);
      if (sockets.has(bind.text)) bind.refuse('a socket that no listener before it has');
      sockets.add(bind.text);
    } else {
      checkListenerPort(port, bind);
      checkUnique(port, ports);
    }
    if (hosts.items.length === 0) hosts.refuse('at least one host');
    hosts.items.forEach(checkSidecarHost);
    warnOfRepeatedHosts(hosts, namespace);
  }
}

/** A listener on port 0 is a unix socket, which is not captured. */
function checkSocketListener(listener: Field): void {
  const [port, bind, mode] = [listener.at('port'), listener.at('bind'), listener.at('captureMode')];
  checkPort(port);
  if (isUnixAddress(bind.text)) checkUnixAddress(bind);
  else bind.refuse('unix://path with port 0');
  if (mode.text === 'IPTABLES') mode.refuse('DEFAULT or NONE with a unix socket');
}

function checkListenerPort(port: Field, bind: Field): void {
  checkPort(port);
  checkPortNumber(port.at('number'));
  if (bind.text !== '') checkIpAddress(bind);
}

function checkPort(port: Field): void {
  checkNoTargetPort(port);
  if (port.at('name').text !== '') checkPortName(port.at('name'));
  checkProtocol(port.at('protocol'));
}

function checkUnique(port: Field, ports: Set<number>): void {
  const { number } = port.at('number');
  if (ports.has(number)) port.at('number').refuse('a number that no listener before it has');
  ports.add(number);
}

/** SC-V6. */
function checkOutboundPolicy(policy: Field): void {
  const [mode, proxy] = [policy.at('mode'), policy.at('egressProxy')];
  if (mode.text === 'ALLOW_ANY_DYNAMIC_DNS') {
    mode.refuse('REGISTRY_ONLY or ALLOW_ANY; ALLOW_ANY_DYNAMIC_DNS only in MeshConfig');
    return;
  }
  if (!proxy.isSet) return;
  if (mode.text !== 'ALLOW_ANY') proxy.refuse('an egressProxy only with mode ALLOW_ANY');
  if (!isFqdn(proxy.at('host').text)) proxy.at('host').refuse('a host name without wildcard');
  if (!proxy.at('port').isSet) proxy.at('port').refuse('a port');
  checkDestination(proxy);
}
