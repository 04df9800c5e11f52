/** What the ends of a grant say of themselves. */
import type { Grant, Peer, PortRange } from './mesh-story';

export function isToken(peer: Peer): boolean {
  return peer.kind === 'subject';
}

export function namespaceOfPeer(peer: Peer): string | undefined {
  if (peer.kind === 'workload') return peer.workload.namespace;
  return 'namespace' in peer ? peer.namespace : undefined;
}

export function isOnlyUdp(ports: Grant['ports']): boolean {
  return (
    ports !== undefined && ports !== 'all' && ports.every(({ protocol }) => protocol === 'UDP')
  );
}

export function isAddress({ kind }: Peer): boolean {
  return kind === 'cidr' || kind === 'nodes';
}

export function isIdentity({ kind }: Peer): boolean {
  return kind === 'account' || kind === 'principal' || kind === 'authenticated';
}

/** `namespace/account` that the mesh knows the caller by. */
export function accountOf(peer: Peer): string | undefined {
  const { namespace, account } =
    peer.kind === 'workload' ? peer.workload : { namespace: '', account: undefined, ...peer };
  return account === undefined ? undefined : `${namespace}/${account}`;
}

/** The callee's ports of purpose service. */
export function defaultPorts(to: Peer): PortRange[] {
  const ports = to.kind === 'workload' ? to.workload.ports : [];
  return ports
    .filter(({ purpose }) => purpose === 'service')
    .map(({ port, kind }) => ({ protocol: kind === 'udp' ? 'UDP' : 'TCP', port }));
}
