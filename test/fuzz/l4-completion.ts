/**
 * What the facts that are not known may turn out to be: a random world without gaps that the gaps
 * allow. An address that is not known is one of each family that pods (nodes) of the cluster have.
 */
import type { ClusterNetworkPolicy, ClusterWorld } from '../naive/cluster-network-policy';
import { inCidr } from '../naive/cidr';
import type { Connection } from '../naive/network-policy';
import { isPod } from '../naive/network-policy';
import type { Endpoint, NetworkPolicy, Pod } from '../naive/world';
import type { Dice } from './dice';
import { ADDRESSES, labels } from './l4-pools';
import type { Partial4 } from './l4-world';

export interface Completion {
  readonly world: ClusterWorld;
  readonly connection: Connection;
}

export function complete(dice: Dice, partial: Partial4, asked: Connection): Completion {
  const [from, to, protocol, port] = asked;
  const source = endpoint(dice, partial, from, asked);
  const destination = endpoint(dice, partial, to, asked);
  return {
    world: world(dice, partial, to),
    connection: [source, onNode(dice, partial, source, destination), protocol, port],
  };
}

function world(dice: Dice, partial: Partial4, to: Endpoint): ClusterWorld {
  const { namespaces, policies, clusterPolicies = [] } = partial.world;
  const doubtful = partial.policies;
  const address = isPod(to) ? [] : [to.ip];
  return {
    ...partial.world,
    namespaces: Object.fromEntries(
      Object.entries(namespaces).map(([name, one]) => [
        name,
        partial.namespaces.has(name) ? { labels: labels(dice, 'namespaces') } : one,
      ]),
    ),
    policies: policies.map((one) => (doubtful.has(one.metadata.name) ? anything(dice, one) : one)),
    clusterPolicies: clusterPolicies.map((one) =>
      doubtful.has(one.metadata.name) ? anyRules(dice, one) : one,
    ),
    hostPods: dice.pick(['nodes', 'pods']),
    resolves: Object.fromEntries(
      ['api.example.com', 'example.com'].map((name) => [name, dice.chance(0.5) ? address : []]),
    ),
  };
}

/** It isolates; what it allows may be nothing or everything. */
function anything(dice: Dice, { metadata, spec }: NetworkPolicy): NetworkPolicy {
  const { podSelector = {} } = spec;
  const rules = (): object[] => (dice.chance(0.5) ? [{}] : []);
  const policyTypes = ['Ingress', 'Egress'] as const;
  return { metadata, spec: { podSelector, policyTypes, ingress: rules(), egress: rules() } };
}

function anyRules(dice: Dice, { metadata, spec }: ClusterNetworkPolicy): ClusterNetworkPolicy {
  const everything = [{ namespaces: {} }, { networks: ['0.0.0.0/0', '::/0'] }];
  const action = dice.pick(['Accept', 'Deny']);
  return {
    metadata,
    spec: {
      ...spec,
      ingress: [{ action, from: everything }, ...(spec.ingress ?? [])],
      egress: [{ action, to: everything }, ...(spec.egress ?? [])],
    },
  };
}

function endpoint(
  dice: Dice,
  partial: Partial4,
  end: Endpoint,
  [, , protocol, containerPort]: Connection,
): Endpoint {
  if (!isPod(end)) return end;
  const ips = end.ips?.length ? end.ips : someAddresses(dice, partial, end);
  const ports = end.ports ?? [];
  const open = (['http', 'grpc', 'metrics'] as const).filter(
    (name) =>
      partial.ports.has(end.name) && !ports.some((one) => one.name === name) && dice.chance(0.5),
  );
  return {
    ...end,
    ips,
    ports: [...ports, ...open.map((name) => ({ name, containerPort, protocol }))],
    ...(end.hostNetwork && ips[0] !== undefined ? { hostIP: ips[0] } : {}),
  };
}

function someAddresses(dice: Dice, { podRanges, nodeRanges }: Partial4, end: Pod): string[] {
  const ranges = end.hostNetwork ? nodeRanges : podRanges;
  const { pods4, pods6, nodes4, nodes6, outside } = ADDRESSES;
  const pool = [...(end.hostNetwork ? [...nodes4, ...nodes6] : [...pods4, ...pods6]), ...outside];
  const possible = pool.filter((ip) => ranges?.some((cidr) => inCidr(cidr, ip)) ?? true);
  return [false, true].flatMap((six) => {
    const ip = dice.from(possible.filter((one) => one.includes(':') === six));
    return ip === undefined ? [] : [ip];
  });
}

/** A pod whose node is not known may run on the source's, where that is a node or on one's network. */
function onNode(dice: Dice, partial: Partial4, from: Endpoint, to: Endpoint): Endpoint {
  if (!isPod(to) || to.hostIP !== undefined || dice.chance(0.5)) return to;
  if (isPod(from)) return from.hostNetwork ? withNode(to, from.ips?.[0]) : to;
  const isNode =
    (partial.world.nodes ?? []).some(({ ips }) => ips.includes(from.ip)) ||
    (partial.nodeRanges ?? []).some((cidr) => inCidr(cidr, from.ip));
  return isNode ? withNode(to, from.ip) : to;
}

function withNode(to: Pod, hostIP: string | undefined): Pod {
  return hostIP === undefined ? to : { ...to, hostIP };
}
