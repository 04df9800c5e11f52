/**
 * ClusterNetworkPolicy v1alpha2: ordered rules of two tiers around NetworkPolicy.
 *
 * Rules fail closed: with a peer or port that is not understood, Accept matches nothing, and Deny and
 * Pass deny everything (CNP-11). Pods of the host's network are neither subjects nor peers by labels.
 * Source: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go
 */
import type { ClusterNetworkPolicyFacts, ClusterPeer, ClusterRule } from '../read/cluster';
import type { NotAnalyzed } from '../read/resource';
import { selectorMatches } from '../values/selector';
import { EVERY, NONE } from './connections';
import type { Action, Entry, Ordered, Peers } from './gate';
import type { ClusterTiers, Compilation, Direction } from './compilation';
import { compareText, count, remember } from './pods';
import type { RulePort } from './ports-of';
import { namedGroups, namedPort, rulePorts } from './ports-of';
import type { Fact } from './verdict';

/** By direction and class; undefined: there are no such policies. */
export type ClusterPolicies = Readonly<Record<Direction, readonly ClusterTiers[]>>;

const ACTIONS: Readonly<Record<ClusterRule['action'], Action>> = {
  Accept: 'allow',
  Deny: 'deny',
  Pass: 'pass',
};

export function clusterPolicies(compilation: Compilation): ClusterPolicies | undefined {
  const { clusterNetworkPolicies, notAnalyzed } = compilation.cluster;
  if (clusterNetworkPolicies.length + notAnalyzed.length === 0) return undefined;
  const compiler = new Compiler(compilation);
  const tiers = { ingress: emptyTiers(compilation), egress: emptyTiers(compilation) };
  leaveOpen(compilation, [...tiers.ingress], notAnalyzed);
  leaveOpen(compilation, [...tiers.egress], notAnalyzed);
  for (const policy of inOrder(clusterNetworkPolicies)) {
    const { sure, maybe, fact } = compilation.sets.ofClusterPods(policy.subject);
    for (const direction of ['ingress', 'egress'] as const) {
      if (policy[direction].length === 0 && policy.unclear.length === 0) continue; // CNP-05
      for (const [places, doubt] of [
        [sure, undefined],
        [maybe, fact],
      ] as const) {
        for (const place of places) {
          const own = compiler.ordered(policy, direction, place).map((one) => ({
            ...one,
            entries: one.entries.map((entry) => compiler.doubted(entry, doubt)),
          }));
          tiers[direction][place]?.[policy.tier === 'Admin' ? 'admin' : 'baseline'].push(...own);
        }
      }
    }
  }
  return tiers;
}

/** Rules one by one, for whoever explains what their order says. */
export function singleClusterRules(
  compilation: Compilation,
): (rule: ClusterRule, direction: Direction, place: number) => readonly Entry[] {
  const compiler = new Compiler(compilation);
  return (rule, direction, place) => compiler.entries(rule, direction, place);
}

/**
 * Whatever was not understood may be a policy, of any kind: for the pods that it may be about nothing is
 * certain any more. Without a namespace it may be about all of them.
 */
function leaveOpen(
  compilation: Compilation,
  tiers: readonly { readonly admin: Ordered[] }[],
  notAnalyzed: readonly NotAnalyzed[],
): void {
  const everyone: Peers = { kind: 'everyone' };
  const entries = (['deny', 'allow'] as const).map((action) =>
    compilation.entry(everyone, EVERY, action, 'policy-unclear'),
  );
  const { pods } = compilation;
  const all = { start: 0, end: pods.classes.length };
  const spans = notAnalyzed.map(({ namespace }) =>
    namespace === undefined ? all : pods.spanOf(pods.placeOf(namespace)),
  );
  const places = new Set(spans.flatMap(({ start, end }) => [...count(start, end)]));
  // before every policy that has a priority
  for (const place of places) tiers[place]?.admin.unshift({ priority: -1, entries });
}

function emptyTiers({ pods }: Compilation): { admin: Ordered[]; baseline: Ordered[] }[] {
  return pods.classes.map(() => ({ admin: [], baseline: [] }));
}

/** Lower priority number first; the name only keeps the order stable. */
export function inOrder(
  policies: readonly ClusterNetworkPolicyFacts[],
): ClusterNetworkPolicyFacts[] {
  return [...policies].sort((a, b) => a.priority - b.priority || compareText(a.name, b.name));
}

class Compiler {
  private readonly groups = new Map<string, ReturnType<typeof namedGroups>>();
  private readonly known = new Map<string, readonly Entry[]>();

  constructor(private readonly compilation: Compilation) {}

  ordered(policy: ClusterNetworkPolicyFacts, direction: Direction, place: number): Ordered[] {
    const doubtful =
      policy.unclear.length > 0
        ? [
            this.compilation.entry({ kind: 'everyone' }, EVERY, 'deny', 'policy-unclear'),
            this.compilation.entry({ kind: 'everyone' }, EVERY, 'allow', 'policy-unclear'),
          ]
        : [];
    const entries = policy[direction].flatMap((rule, at) =>
      this.rule(rule, direction, { place, key: `${policy.name} ${direction} ${String(at)}` }),
    );
    return [{ priority: policy.priority, entries: [...doubtful, ...entries] }];
  }

  /** The entry, where it counts only if a fact holds. */
  doubted(entry: Entry, fact: Fact | undefined): Entry {
    if (fact === undefined || entry.fact !== undefined) return entry;
    const { peers, connections, action } = entry;
    return this.compilation.entry(peers, connections, action, fact);
  }

  private rule(
    rule: ClusterRule,
    direction: Direction,
    { place, key }: { readonly place: number; readonly key: string },
  ): readonly Entry[] {
    const named = rule.ports?.some(({ name }) => name !== undefined) === true;
    const own = named && direction === 'ingress' ? `${key} ${String(place)}` : key;
    return remember(this.known, own, () => this.entries(rule, direction, place));
  }

  entries(rule: ClusterRule, direction: Direction, place: number): readonly Entry[] {
    const action = ACTIONS[rule.action];
    if (rule.unclear.length > 0) {
      if (rule.action === 'Accept') return [];
      return [this.compilation.entry({ kind: 'everyone' }, EVERY, 'deny')];
    }
    const { pool } = this.compilation;
    const { numbers, names } = rulePorts(pool, rule.ports);
    const peers = rule.peers.flatMap((peer) => this.peers(peer));
    const byNumber =
      numbers === NONE ? [] : peers.map((one) => this.compilation.entry(one, numbers, action));
    const byName = names.flatMap((port) =>
      peers.flatMap((one) => this.named(one, port, { action, direction, place })),
    );
    return [...byNumber, ...byName];
  }

  private peers(peer: ClusterPeer): Peers[] {
    const { sets } = this.compilation;
    switch (peer.kind) {
      case 'pods':
        return [{ kind: 'pods', set: sets.ofClusterPods(peer.pods) }];
      case 'networks':
        return peer.cidrs.flatMap((cidr): Peers[] => {
          const set = sets.ofBlock({ cidr, except: [] });
          return set === undefined ? [] : [{ kind: 'addresses', set }];
        });
      case 'nodes': {
        const { nodes } = peer;
        const set = sets.ofNodes(nodes, (labels) => selectorMatches(nodes, labels));
        const addresses = this.compilation.cluster.nodes
          .filter(({ labels }) => selectorMatches(nodes, labels))
          .flatMap(({ addresses: own }) => own)
          .flatMap((ip): Peers[] => {
            const block = sets.ofBlock(
              { cidr: `${ip}/${ip.includes(':') ? '128' : '32'}`, except: [] },
              { matchesPods: false, matchesNodes: true },
            );
            return block === undefined ? [] : [{ kind: 'addresses', set: block }];
          });
        return [{ kind: 'pods', set }, ...addresses];
      }
      case 'names':
        return [{ kind: 'names', names: peer.names }];
    }
  }

  private named(
    peers: Peers,
    port: RulePort,
    { action, direction, place }: { action: Action; direction: Direction; place: number },
  ): Entry[] {
    const { pool, pods, sets } = this.compilation;
    const anyPort = pool.idOfPorts(port.protocol, [[1, 65535]]);
    if (direction === 'ingress') {
      const own = pods.classes[place];
      const connections = own === undefined ? NONE : namedPort(pool, port, own.pods);
      if (connections === NONE) return [];
      return [
        connections === undefined
          ? this.compilation.entry(peers, anyPort, action, 'named-port')
          : this.compilation.entry(peers, connections, action),
      ];
    }
    if (peers.kind !== 'pods' && peers.kind !== 'everyone') return [];
    const key = `${port.name ?? ''} ${port.protocol ?? ''}`;
    const groups = remember(this.groups, key, () => namedGroups(pool, pods, port));
    return groups.map(({ key: group, connections, places, sure }) => {
      const among = { key: `named ${group}`, sure: places, maybe: [] };
      const all = sets.ofPlaces(among.key, among, 'named-port');
      const set = peers.kind === 'pods' ? sets.narrowed(peers.set, all) : all;
      const fact = sure ? undefined : 'named-port';
      return this.compilation.entry({ kind: 'pods', set }, connections, action, fact);
    });
  }
}
