/**
 * Ports of what lies outside the cluster: one by one, with the protocol by which a proxy tells hosts
 * apart.
 */
import type { FlowData, WorkloadData } from '../../traffic/data';
import type { PortData } from '../../values/port';
import { describePort, normalizePorts, PortPurpose, Protocol } from '../../values/port';

/** Ports are listed one by one up to here, the limit of a ServiceEntry. */
const LISTED_PORTS = 256;

/** Protocols by which a ServiceEntry tells its proxies what to look at. */
export type ExternalProtocol = 'TCP' | 'TLS' | 'HTTP' | 'GRPC';

export interface ExternalPort {
  readonly number: number;
  readonly protocol: ExternalProtocol;
}

/** What names mean without ports. */
export const HTTPS: PortData = { protocol: Protocol.TCP, port: 443, purpose: PortPurpose.SERVICE };

/** Why no proxy can hold the names of a flow; undefined: it can. */
export function namesObstacle({ ports }: FlowData, names: readonly string[]): string | undefined {
  const listed = ports ?? [HTTPS];
  const unseen = listed.find(({ protocol }) => protocol !== Protocol.TCP);
  if (unseen !== undefined) return `${describePort(unseen)}: a proxy sees TCP only`;
  const external = externalPorts(listed);
  if (external === undefined) return tooManyPorts(listed);
  // plain TCP carries no name: an exact host is where the proxy connects to, whatever was asked for
  const plain = external.find(({ protocol }) => protocol === 'TCP');
  const wildcard = names.find((name) => name.startsWith('*'));
  if (plain === undefined || wildcard === undefined) return undefined;
  return `${wildcard} on TCP ${plain.number}: only TLS and HTTP tell the proxy a name`;
}

export function withPorts(flow: FlowData, numbers: readonly number[]): FlowData {
  const ports = numbers.map((port) => ({ ...HTTPS, port }));
  return { ...flow, ports: flow.ports ?? ports };
}

/** All protocols hold TCP. */
export function tcpOf(ports: readonly PortData[]): PortData[] {
  return ports.filter(({ protocol }) => protocol === undefined || protocol === Protocol.TCP);
}

export function numbered(
  ports: readonly PortData[],
  { ports: declared }: WorkloadData,
): PortData[] {
  return ports.map((port) =>
    port.port === undefined && port.name !== undefined
      ? (declared.find(({ name, protocol }) => name === port.name && protocol === port.protocol) ??
        port)
      : port,
  );
}

/** Ports one by one, sorted; undefined where they are too many, or known by name only. */
export function externalPorts(ports: readonly PortData[]): ExternalPort[] | undefined {
  const normalized = normalizePorts(ports);
  const sizes = normalized.map(({ port, endPort }) => (endPort ?? port ?? 0) - (port ?? 0) + 1);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (normalized.some(({ port }) => port === undefined) || total > LISTED_PORTS) return undefined;
  const found = new Map<number, ExternalPort>();
  for (const { port = 0, endPort = port, appProtocol } of normalized) {
    for (let number = port; number <= endPort; number += 1) {
      found.set(number, { number, protocol: protocolOf(number, appProtocol) });
    }
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

const SPOKEN: Readonly<Record<string, ExternalProtocol>> = {
  http: 'HTTP',
  grpc: 'GRPC',
  https: 'TLS',
};

/** What is spoken on 443 and 80 is known; elsewhere only what the port says. */
function protocolOf(number: number, appProtocol = ''): ExternalProtocol {
  const usual = number === 443 ? 'TLS' : number === 80 ? 'HTTP' : 'TCP';
  return SPOKEN[appProtocol] ?? usual;
}

export function tooManyPorts(ports: readonly PortData[]): string {
  const what = normalizePorts(ports).map(describePort).join(', ');
  return `${what}: a proxy is told of ${LISTED_PORTS} ports at most, by number`;
}
