/**
 * Which Services lead to a workload's ports, and whether Istio reads requests in them.
 *
 * Istio takes the protocol of a port from its Service: from appProtocol, else from the first part of
 * its name, else it looks at the bytes. What the Service leaves open, the workload's port says here.
 * Source: istio/istio:pkg/config/kube/conversion.go
 */
import type { ProfileData } from '../../cluster/profile-data';
import type { ServicePortData, WorkloadData } from '../../traffic/data';
import type { PortData } from '../../values/port';
import { normalizePorts, PortPurpose, Protocol } from '../../values/port';
import { listedPorts } from './ports';

/** A TCP port of a Service, and the pod port behind it. */
export interface ServedPort {
  readonly service: string;
  readonly port: number;
  readonly podPort: number;
  /** `http` and `grpc` are requests that a proxy reads; anything else is not. */
  readonly protocol: string | undefined;
}

/** Protocols in which a proxy reads requests, by the names that Istio knows. */
const REQUESTS: Readonly<Record<string, string>> = {
  http: 'http',
  http2: 'http',
  grpc: 'grpc',
  'grpc-web': 'grpc',
  'kubernetes.io/h2c': 'http',
  'kubernetes.io/ws': 'http',
};

const OPAQUE = ['tcp', 'tls', 'https', 'mongo', 'mysql', 'redis', 'udp'];

/** Full name of a Service: short ones mean another namespace elsewhere. */
export function serviceHost(
  { clusterDomain }: Pick<ProfileData, 'clusterDomain'>,
  namespace: string,
  service: string,
): string {
  return `${service}.${namespace}.svc.${clusterDomain}`;
}

/** TCP ports of the workload's Services, in the order of their declaration. */
export function servedPorts(workload: WorkloadData): ServedPort[] {
  return workload.services.flatMap(({ name: service, ports }) =>
    ports
      .filter(({ protocol }) => protocol === 'TCP')
      .flatMap((one) => {
        const podPort = podPortOf(workload, one);
        if (podPort === undefined) return [];
        const protocol = statedProtocol(one) ?? podProtocol(workload, podPort);
        return [{ service, port: one.port, podPort, protocol }];
      }),
  );
}

/** Whether a proxy reads requests on the pod port: all that is said about it agrees. */
export function readsRequests(workload: WorkloadData, podPort: number): boolean {
  const served = servedPorts(workload).filter((one) => one.podPort === podPort);
  const protocols = served.length === 0 ? [podProtocol(workload, podPort)] : served.map(protocolOf);
  return protocols.every((protocol) => protocol === 'http' || protocol === 'grpc');
}

/** The only gRPC port of a workload that a Service leads to; undefined for none or several. */
export function grpcPortOf(workload: WorkloadData | undefined): ServedPort | undefined {
  if (workload === undefined) return undefined;
  const [first, ...others] = servedPorts(workload).filter(({ protocol }) => protocol === 'grpc');
  return others.length === 0 ? first : undefined;
}

/** Pod ports that a declaration about requests means: its own, else the HTTP ones of purpose service. */
export function requestPorts(
  workload: WorkloadData,
  declared: readonly PortData[] | undefined,
): number[] {
  if (declared !== undefined) {
    const tcp = declared.filter(({ protocol }) => protocol === Protocol.TCP);
    return listedPorts(tcp.map((port) => byName(workload, port)));
  }
  const service = workload.ports.filter(
    ({ protocol, purpose }) => protocol === Protocol.TCP && purpose === PortPurpose.SERVICE,
  );
  return listedPorts(service).filter((port) => readsRequests(workload, port));
}

function byName(workload: WorkloadData, port: PortData): PortData {
  if (port.port !== undefined || port.name === undefined) return port;
  return normalizePorts(workload.ports).find(({ name }) => name === port.name) ?? port;
}

function podPortOf({ ports }: WorkloadData, { targetPort }: ServicePortData): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  return ports.find(({ name }) => name === targetPort)?.port;
}

function statedProtocol({ appProtocol, name = '' }: ServicePortData): string | undefined {
  const stated = appProtocol ?? (/^grpc-web\b/.exec(name) ? 'grpc-web' : name.split('-')[0]) ?? '';
  const known = stated.toLowerCase();
  if (Object.hasOwn(REQUESTS, known)) return REQUESTS[known];
  return OPAQUE.includes(known) ? 'opaque' : undefined;
}

function podProtocol({ ports }: WorkloadData, podPort: number): string | undefined {
  const declared = ports.find(
    ({ protocol, port, endPort = port }) =>
      protocol === Protocol.TCP &&
      port !== undefined &&
      endPort !== undefined &&
      port <= podPort &&
      podPort <= endPort,
  );
  return declared?.appProtocol;
}

function protocolOf({ protocol }: ServedPort): string | undefined {
  return protocol;
}
