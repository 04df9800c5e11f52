/** Who answers DNS in a cluster, as far as profile and manifests tell: pods, and addresses. */
import { dnsPods } from '../engine/strangers';
import type { Verdict } from '../engine/verdict';
import type { World } from '../engine/world';

export interface NameServer {
  readonly name: string;
  readonly port: number;
  /** What the pods of a class may send there, ingress of the server included. */
  readonly verdict: (place: number) => Verdict | undefined;
}

export function nameServers(world: World): NameServer[] {
  const { dns } = world.cluster.profile;
  const ofPods = dnsPods(world.cluster.profile).flatMap((group) =>
    world.group(group).map(({ index, workload }): NameServer => ({
      name: workload.id,
      port: dns.port,
      verdict: (place) => world.half(place, 'egress', index),
    })),
  );
  const addresses = [
    ...dns.addresses,
    ...(dns.clusterAddress === undefined ? [] : [dns.clusterAddress]),
  ];
  const ofAddresses = addresses.map((address): NameServer => ({
    name: address,
    port: 53,
    verdict: (place) => world.ofAddress(place, 'egress', address.split('/')[0] ?? address),
  }));
  return [...ofPods, ...ofAddresses];
}
