/**
 * NetworkPolicy v1: what the policies that select a class of pods allow, per direction.
 *
 * Policies add up (NP-02), so that a class has one set of entries, whichever policies they came from.
 * A policy with a part that is not understood isolates, and may allow anything.
 * Source: kubernetes/api:networking/v1/types.go
 */
import type { NetworkPolicyFacts, PodFacts, PolicyPeer, PolicyRule } from '../read/cluster';
import type { SelectorData } from '../values/selector';
import { isEverything } from '../values/selector';
import type { ConnectionsId } from './connections';
import { EVERY, NONE } from './connections';
import type { Entry, Peers } from './gate';
import type { Compilation, Direction, PolicyTier } from './compilation';
import { OPEN } from './compilation';
import type { PeerSet, PeerSets } from './peer-sets';
import { NAME_LABEL, remember, within } from './pods';
import type { RulePort } from './ports-of';
import { namedGroups, namedPort, rulePorts } from './ports-of';
import type { Fact } from './verdict';

/** By direction and class. */
export type PolicyTiers = Readonly<Record<Direction, readonly PolicyTier[]>>;

export function networkPolicies(compilation: Compilation): PolicyTiers {
  const compiler = new Compiler(compilation);
  const found = { ingress: tiersOf(compilation), egress: tiersOf(compilation) };
  for (const policy of compilation.cluster.networkPolicies) {
    const namespace = compilation.pods.placeOf(policy.namespace);
    if (namespace < 0) continue;
    const places = compilation.pods.selectedIn(namespace, policy.pods);
    const undecided = within(
      compilation.pods.undecided(policy.pods),
      compilation.pods.spanOf(namespace),
    );
    if (policy.ingress !== undefined || policy.unclear.length > 0) {
      const own = compiler.ingress(policy);
      for (const place of places) found.ingress[place]?.push(own);
      for (const place of undecided) found.ingress[place]?.push({ ...own, doubt: 'pod-labels' });
    }
    if (policy.egress !== undefined || policy.unclear.length > 0) {
      const own = compiler.egress(policy);
      for (const place of places) found.egress[place]?.push(own);
      for (const place of undecided) found.egress[place]?.push({ ...own, doubt: 'pod-labels' });
    }
  }
  return {
    ingress: found.ingress.map((policies, place) => compiler.tier(policies, place)),
    egress: found.egress.map((policies, place) => compiler.tier(policies, place)),
  };
}

/** Where a rule is asked: the policy's namespace, and pods that it selects. */
export interface RuleAt {
  readonly namespace: string;
  readonly direction: Direction;
  readonly place: number;
}

/** Rules one by one, for whoever explains what their sum says. */
export function singleRules(
  compilation: Compilation,
): (rule: PolicyRule, at: RuleAt) => readonly Entry[] {
  const compiler = new Compiler(compilation);
  return (rule, at) => compiler.single(rule, at);
}

function tiersOf({ pods }: Compilation): Compiled[][] {
  return pods.classes.map(() => []);
}

/** One direction of a policy. */
interface Compiled {
  readonly entries: readonly Entry[];
  /** Set where it is not known whether the policy selects the pods. */
  readonly doubt?: Fact;
  /** Ports by name that the class's own pods resolve, with their peers. */
  readonly named: readonly {
    readonly peers: readonly Peers[];
    readonly ports: readonly RulePort[];
  }[];
}

class Compiler {
  private readonly groups = new Map<string, ReturnType<typeof namedGroups>>();
  private readonly tiers = new Map<string, PolicyTier>();

  constructor(private readonly compilation: Compilation) {}

  ingress(policy: NetworkPolicyFacts): Compiled {
    return this.policy(policy, policy.ingress, 'ingress');
  }

  egress(policy: NetworkPolicyFacts): Compiled {
    return this.policy(policy, policy.egress, 'egress');
  }

  /** Everything that a class's policies allow together. */
  tier(policies: readonly Compiled[], place: number): PolicyTier {
    if (policies.length === 0) return OPEN;
    const { pods } = this.compilation.pods.classes[place] ?? {};
    const entries = policies.flatMap((one) => this.doubted(this.resolved([one], pods), one.doubt));
    const ids = [...new Set(entries.map(({ id }) => id))].sort((a, b) => a - b);
    // U-03: whether a policy counts for pods of the host's network is up to the CNI
    const certain = policies.some(({ doubt }) => doubt === undefined);
    const selected = certain ? true : 'pod-labels';
    const isolated = pods?.hostNetwork === true ? 'host-network' : selected;
    return remember(this.tiers, `${String(isolated)} ${ids.join(',')}`, () => {
      const byId = new Map(entries.map((entry) => [entry.id, entry]));
      return { isolated, entries: ids.flatMap((id) => byId.get(id) ?? []) };
    });
  }

  /** What a policy allows that may not select the pods at all. */
  private doubted(entries: readonly Entry[], doubt: Fact | undefined): readonly Entry[] {
    if (doubt === undefined) return entries;
    return entries.map(({ peers, connections, action, fact = doubt }) =>
      this.compilation.entry(peers, connections, action, fact),
    );
  }

  /** The entries for some pods: names of ports are theirs. */
  private resolved(policies: readonly Compiled[], pods: PodFacts | undefined): Entry[] {
    return [
      ...policies.flatMap((one) => one.entries),
      ...policies.flatMap(({ named }) =>
        named.flatMap(({ peers, ports }) =>
          ports.flatMap((port) => {
            if (pods === undefined) return [];
            const connections = namedPort(this.compilation.pool, port, pods);
            return peers.map((one) => this.ofName(one, port, connections));
          }),
        ),
      ),
    ].filter(({ connections }) => connections !== NONE);
  }

  /** One rule as a class of pods has it. */
  single(rule: PolicyRule, { namespace, direction, place }: RuleAt): readonly Entry[] {
    const { pods } = this.compilation.pods.classes[place] ?? {};
    return this.resolved([this.rule(rule, namespace, direction)], pods);
  }

  private ofName(peers: Peers, port: RulePort, connections: ConnectionsId | undefined): Entry {
    const { pool } = this.compilation;
    if (connections !== undefined) return this.compilation.entry(peers, connections, 'allow');
    const any = pool.idOfPorts(port.protocol, [[1, 65535]]);
    return this.compilation.entry(peers, any, 'allow', 'named-port');
  }

  private policy(
    policy: NetworkPolicyFacts,
    rules: readonly PolicyRule[] | undefined,
    direction: Direction,
  ): Compiled {
    if (policy.unclear.length > 0) {
      const anything = this.compilation.entry(
        { kind: 'everyone' },
        EVERY,
        'allow',
        'policy-unclear',
      );
      return { entries: [anything], named: [] };
    }
    const compiled = (rules ?? []).map((rule) => this.rule(rule, policy.namespace, direction));
    if (compiled.length === 1 && compiled[0] !== undefined) return compiled[0];
    return {
      entries: compiled.flatMap(({ entries }) => entries),
      named: compiled.flatMap(({ named }) => named),
    };
  }

  private rule(rule: PolicyRule, namespace: string, direction: Direction): Compiled {
    const { pool } = this.compilation;
    const peers = rule.peers?.flatMap((peer) => this.peer(peer, namespace)) ?? EVERYONE;
    const { numbers, names } = rulePorts(pool, rule.ports);
    const entries =
      numbers === NONE ? [] : peers.map((one) => this.compilation.entry(one, numbers, 'allow'));
    if (names.length === 0) return { entries, named: [] };
    if (direction === 'ingress') return { entries, named: [{ peers, ports: names }] };
    const resolved = names.flatMap((port) => peers.flatMap((one) => this.named(one, port)));
    return { entries: [...entries, ...resolved], named: [] };
  }

  private peer(peer: PolicyPeer, namespace: string): Peers[] {
    const { sets } = this.compilation;
    if (peer.kind === 'block') {
      const set = sets.ofBlock(peer);
      return set === undefined ? [] : [{ kind: 'addresses', set }];
    }
    const { namespaces, pods } = peer;
    if (namespaces === undefined || isNamed(namespaces, namespace)) {
      return [{ kind: 'same-namespace', set: sets.ofPods(undefined, pods) }];
    }
    return [{ kind: 'pods', set: sets.ofPods(namespaces, pods) }];
  }

  /** A rule's peers by what they mean with a port's name; pods with known addresses apart. */
  private named(peers: Peers, port: RulePort): Entry[] {
    const { pool, pods, sets } = this.compilation;
    const key = `${port.name ?? ''} ${port.protocol ?? ''}`;
    const groups = remember(this.groups, key, () => namedGroups(pool, pods, port));
    return groups.flatMap(({ key: group, connections, places, sure }) => {
      const fact = sure ? undefined : 'named-port';
      const among = { key: `named ${group}`, sure: places, maybe: [] };
      const all = sets.ofPlaces(among.key, among, 'named-port');
      return narrowedPeers(peers, all, sets).map(([own, doubt]) =>
        this.compilation.entry(own, connections, 'allow', doubt ?? fact),
      );
    });
  }
}

/** The peers that are in a set, and what must hold for them. */
function narrowedPeers(peers: Peers, all: PeerSet, sets: PeerSets): [Peers, Fact?][] {
  switch (peers.kind) {
    case 'everyone':
      return [[{ kind: 'pods', set: all }]];
    case 'names':
      return [];
    case 'pods':
    case 'same-namespace':
      return [[{ kind: peers.kind, set: sets.narrowed(peers.set, all) }]];
    case 'addresses': {
      const { peers: known, block, others, hosts } = peers.set;
      const addresses = { peers: sets.narrowed(known, all), block: { ...block, intervals: [] } };
      const found: [Peers, Fact?][] = [
        [{ kind: 'addresses', set: { ...addresses, others: false, hosts: false } }],
      ];
      for (const [status, unknown] of [
        [others, sets.unknownAddresses(false)],
        [hosts, sets.unknownAddresses(true)],
      ] as const) {
        if (status === false) continue;
        const set = sets.narrowed(unknown, all);
        found.push([{ kind: 'pods', set }, status === true ? undefined : status]);
      }
      return found;
    }
  }
}

const EVERYONE: readonly Peers[] = [{ kind: 'everyone' }];

/** Whether a selector means one namespace by the label that every namespace has. */
function isNamed({ matchLabels, matchExpressions }: SelectorData, namespace: string): boolean {
  const keys = Object.keys(matchLabels);
  if (isEverything({ matchLabels, matchExpressions }) || matchExpressions.length > 0) return false;
  return keys.length === 1 && matchLabels[NAME_LABEL] === namespace;
}
