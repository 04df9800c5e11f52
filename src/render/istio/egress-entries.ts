/**
 * ServiceEntries: what proxies are told of beyond Services.
 *
 * One per host or block, in the namespace of whoever calls and visible there only: two entries with
 * one host would be merged by age. Exact hosts are resolved by the proxy, which connects to them
 * whatever address the client has; wildcards and addresses keep the client's address (resolution
 * NONE): DNS resolution of a wildcard is refused by Istio.
 */
import type { Destination } from './egress-destinations';
import type { MeshObject } from './object';
import { NETWORKING } from './object';

/** A destination in the registry of a namespace. */
export interface Entry {
  readonly namespace: string;
  readonly destination: Destination;
  /** Other namespaces that see it, sorted. */
  readonly visibleIn: readonly string[];
  /** One line per flow. */
  readonly flows: readonly string[];
}

/** The ServiceEntry of a destination, with what makes proxies speak mutual TLS to pods of the mesh. */
export function entryObjects({ namespace, destination, visibleIn, flows }: Entry): MeshObject[] {
  const { name, host, addresses, ports, mutual } = destination;
  const byName = addresses.length === 0 && !host.startsWith('*');
  const object = { apiVersion: NETWORKING, namespace, name, flows, baseline: false, allows: true };
  const entry: MeshObject = {
    ...object,
    kind: 'ServiceEntry',
    spec: {
      hosts: [host],
      ...(addresses.length > 0 && { addresses }),
      ports: ports.map(({ number, protocol }) => ({
        number,
        name: `${protocol.toLowerCase()}-${String(number)}`,
        protocol,
      })),
      location: mutual ? 'MESH_INTERNAL' : 'MESH_EXTERNAL',
      resolution: byName ? 'DNS' : 'NONE',
      exportTo: ['.', ...visibleIn],
    },
  };
  if (!mutual) return [entry];
  // for original destinations Istio does not find out by itself whether the other end has a proxy
  const rule: MeshObject = {
    ...object,
    kind: 'DestinationRule',
    spec: { host, trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } }, exportTo: ['.'] },
  };
  return [entry, rule];
}
