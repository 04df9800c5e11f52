/**
 * Random NetworkPolicies and ClusterNetworkPolicies that the API server accepts, with lists absent,
 * null and empty alike.
 */
import type {
  ClusterNetworkPolicy,
  ClusterPeer,
  ClusterPort,
  ClusterRule,
  PodsPeer,
} from '../naive/cluster-network-policy';
import type { Direction, NetworkPolicy, Peer, PolicyPort, Rule } from '../naive/world';
import type { Dice } from './dice';
import { BLOCKS, PORT_NAMES, PORTS, protocol, RANGES, selector } from './l4-pools';

export function networkPolicy(
  dice: Dice,
  namespaces: readonly string[],
  index: number,
): NetworkPolicy {
  const types = policyTypes(dice);
  if (!types?.length) dice.has('policyTypes by default', types);
  return {
    metadata: { name: `np-${String(index)}`, namespace: dice.from(namespaces) ?? 'ml' },
    spec: {
      podSelector: dice.chance(0.4) ? {} : selector(dice, 'pods'),
      ...(types === undefined ? {} : { policyTypes: types }),
      ...listed(dice, 'ingress', () => dice.list(1, 2, () => rule(dice, 'from'))),
      ...listed(dice, 'egress', () => dice.list(1, 2, () => rule(dice, 'to'))),
    },
  };
}

function policyTypes(dice: Dice): readonly Direction[] | null | undefined {
  return dice.pick([
    undefined,
    null,
    [],
    ['Ingress'],
    ['Egress'],
    ['Ingress', 'Egress'],
    ['Egress', 'Ingress'],
    ['Ingress', 'Ingress'],
  ]);
}

/** A list; or absent, null or empty. */
function listed<K extends string, T>(
  dice: Dice,
  key: K,
  make: () => T[],
): Partial<Record<K, T[] | null>> {
  if (dice.chance(0.65)) return { [key]: make() } as Record<K, T[]>;
  const which = dice.pick(['absent', 'null', 'empty']);
  dice.has(`${key} ${which}`, undefined);
  if (which === 'absent') return {};
  return { [key]: which === 'null' ? null : [] } as Partial<Record<K, T[] | null>>;
}

function rule(dice: Dice, key: 'from' | 'to'): Rule {
  if (dice.chance(0.05)) return dice.has('rule {}', {});
  return {
    ...listed(dice, key, () => dice.list(1, 2, () => peer(dice))),
    ...listed(dice, 'ports', () => dice.list(1, 2, () => port(dice))),
  };
}

function peer(dice: Dice): Peer {
  if (dice.chance(0.35)) return { ipBlock: block(dice) };
  const which = dice.below(3);
  return {
    ...(which === 1 ? {} : { podSelector: selector(dice, 'pods') }),
    ...(which === 0 ? {} : { namespaceSelector: selector(dice, 'namespaces') }),
  };
}

function block(dice: Dice): NonNullable<Peer['ipBlock']> {
  const [cidr = '0.0.0.0/0', ...holes] = dice.from(BLOCKS) ?? [];
  const family = cidr.includes(':') ? 'IPv6' : 'IPv4';
  dice.has(`ipBlock ${family}`, cidr);
  const except = holes.filter(() => dice.chance(0.4));
  if (except.length > 0) return dice.has(`ipBlock except ${family}`, { cidr, except });
  return dice.chance(0.5) ? { cidr } : { cidr, except: dice.pick([null, []]) };
}

function port(dice: Dice): PolicyPort {
  const own = dice.chance(0.7) ? { protocol: protocol(dice) } : {};
  if (dice.chance(0.35)) return dice.has('named port', { ...own, port: dice.pick(PORT_NAMES) });
  if (dice.chance(0.15)) return dice.has('port of a protocol', own);
  if (dice.chance(0.4)) {
    const [low, high] = dice.pick(RANGES);
    return dice.has('endPort', { ...own, port: low, endPort: dice.chance(0.2) ? low : high });
  }
  return { ...own, port: dice.pick(PORTS) };
}

export function clusterNetworkPolicy(dice: Dice, index: number): ClusterNetworkPolicy {
  const tier = dice.pick(['Admin', 'Baseline']);
  dice.has(`tier ${tier}`, tier);
  return {
    metadata: { name: `cnp-${String(index)}` },
    spec: {
      tier,
      priority: dice.pick([0, 5, 5, 1000]),
      subject: podsPeer(dice),
      ingress: dice.list(0, 2, () => clusterRule(dice, 'from')),
      egress: dice.list(0, 2, () => clusterRule(dice, 'to')),
    },
  };
}

function podsPeer(dice: Dice): PodsPeer {
  if (dice.chance(0.4)) {
    return dice.has('peer namespaces', { namespaces: selector(dice, 'namespaces') });
  }
  const namespaceSelector = selector(dice, 'namespaces');
  const pods = { podSelector: selector(dice, 'pods') };
  return dice.has('peer pods', {
    pods: dice.chance(0.3) ? pods : { ...pods, namespaceSelector },
  });
}

function clusterRule(dice: Dice, key: 'from' | 'to'): ClusterRule {
  const action = dice.pick(['Accept', 'Deny', 'Pass']);
  const peers = dice.list(1, 2, () =>
    key === 'to' && dice.chance(0.5) ? egressPeer(dice) : podsPeer(dice),
  );
  // the schema lets no names of ports stand beside addresses
  const names = peers.every((one) => one.namespaces ?? one.pods);
  const protocols = dice.chance(0.6) ? dice.list(1, 2, () => clusterPort(dice, names)) : undefined;
  return dice.has(`action ${action}`, {
    action,
    [key]: dice.chance(0.04) ? dice.has('peer of no known kind', [...peers, { other: {} }]) : peers,
    ...(protocols === undefined ? {} : { protocols }),
  });
}

function egressPeer(dice: Dice): ClusterPeer {
  if (dice.chance(0.6)) {
    const networks = dice.list(1, 2, () => (dice.from(BLOCKS) ?? ['0.0.0.0/0'])[0]);
    return dice.has('peer networks', { networks });
  }
  if (dice.chance(0.6)) {
    const nodes = dice.chance(0.5) ? {} : { matchLabels: { pool: dice.pick(['gpu', 'cpu']) } };
    return dice.has('peer nodes', { nodes });
  }
  const name = dice.pick(['api.example.com', '*.example.com', 'example.com']);
  return dice.has('peer domainNames', { domainNames: [name] });
}

function clusterPort(dice: Dice, names: boolean): ClusterPort {
  if (names && dice.chance(0.3)) {
    return dice.has('destinationNamedPort', { destinationNamedPort: dice.pick(PORT_NAMES) });
  }
  if (dice.chance(0.03)) return dice.has('port of no known kind', { other: {} } as ClusterPort);
  const key = protocol(dice).toLowerCase() as 'tcp' | 'udp' | 'sctp';
  if (dice.chance(0.4)) {
    const [start, end] = dice.pick(RANGES);
    return dice.has('range', { [key]: { destinationPort: { range: { start, end } } } });
  }
  return { [key]: { destinationPort: { number: dice.pick(PORTS) } } };
}
