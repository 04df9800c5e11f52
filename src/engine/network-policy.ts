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
import { count, NAME_LABEL, remember, within } from './pods';
import type { RulePort } from './ports-of';
import { namedGroups, namedPort, rulePorts } from './ports-of';
import type { Fact } from './verdict';

/** By direction and class. */
export type PolicyTiers = Readonly<Record<Direction, readonly PolicyTier[]>>;

export function networkPolicies(compilation: Compilation): PolicyTiers {
  const compiler = new Compiler(compilation);
  const { pods } = compilation;
  const tiers = { ingress: openTiers(compilation), egress: openTiers(compilation) };
  // one namespace after the other: what is only needed on the way is soon forgotten
  for (const [namespace, policies] of byNamespace(compilation)) {
    const { start, end } = pods.spanOf(namespace);
    for (const direction of ['ingress', 'egress'] as const) {
      const selecting = count(start, end).map((): Compiled[] => []);
      for (const policy of policies) {
        if (policy[direction] === undefined && policy.unclear.length === 0) continue;
        const own = compiler.policy(policy, direction);
        for (const place of pods.selectedIn(namespace, policy.pods)) {
          selecting[place - start]?.push(own);
        }
        for (const place of within(pods.undecided(policy.pods), { start, end })) {
          selecting[place - start]?.push({ ...own, doubt: 'pod-labels' });
        }
      }
      selecting.forEach((own, at) => {
        tiers[direction][start + at] = compiler.tier(own, start + at);
      });
    }
  }
  return tiers;
}

function openTiers({ pods }: Compilation): PolicyTier[] {
  return pods.classes.map(() => OPEN);
}

/** By place of the namespace; policies where nobody lives are left out. */
function byNamespace({
  cluster,
  pods,
}: Compilation): ReadonlyMap<number, readonly NetworkPolicyFacts[]> {
  const found = new Map<number, NetworkPolicyFacts[]>();
  for (const policy of cluster.networkPolicies) {
    const namespace = pods.placeOf(policy.namespace);
    const { start, end } = pods.spanOf(namespace);
    if (start < end) remember(found, namespace, (): NetworkPolicyFacts[] => []).push(policy);
  }
  return found;
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
  private readonly groups = new Map<string, readonly Resolved[]>();
  private readonly tiers = new Map<string, PolicyTier>();

  constructor(private readonly compilation: Compilation) {}

  /** Everything that a class's policies allow together. */
  tier(policies: readonly Compiled[], place: number): PolicyTier {
    if (policies.length === 0) return OPEN;
    const { pods } = this.compilation.pods.classes[place] ?? {};
    const entries = policies.flatMap((one) => this.doubted(this.resolved(one, pods), one.doubt));
    entries.sort((a, b) => a.id - b.id);
    const distinct = entries.filter((entry, at) => entry !== entries[at - 1]);
    // U-03: whether a policy counts for pods of the host's network is up to the CNI
    const certain = policies.some(({ doubt }) => doubt === undefined);
    const selected = certain ? true : 'pod-labels';
    const isolated = pods?.hostNetwork === true ? 'host-network' : selected;
    const ids = distinct.map(({ id }) => id).join(',');
    return remember(this.tiers, `${String(isolated)} ${ids}`, () => ({
      id: this.tiers.size,
      ...{ isolated, entries: distinct },
    }));
  }

  /** What a policy allows that may not select the pods at all. */
  private doubted(entries: readonly Entry[], doubt: Fact | undefined): readonly Entry[] {
    if (doubt === undefined) return entries;
    return entries.map(({ peers, connections, action, fact = doubt }) =>
      this.compilation.entry(peers, connections, action, fact),
    );
  }

  /** The entries for some pods: names of ports are theirs. */
  private resolved({ entries, named }: Compiled, pods: PodFacts | undefined): readonly Entry[] {
    if (named.length === 0 || pods === undefined) return entries;
    const found = [...entries];
    for (const { peers, ports } of named) {
      for (const port of ports) {
        const connections = namedPort(this.compilation.pool, port, pods);
        if (connections === NONE) continue;
        for (const one of peers) found.push(this.ofName(one, port, connections));
      }
    }
    return found;
  }

  /** One rule as a class of pods has it. */
  single(rule: PolicyRule, { namespace, direction, place }: RuleAt): readonly Entry[] {
    const { pods } = this.compilation.pods.classes[place] ?? {};
    return this.resolved(this.rule(rule, namespace, direction), pods);
  }

  private ofName(peers: Peers, port: RulePort, connections: ConnectionsId | undefined): Entry {
    const { pool } = this.compilation;
    if (connections !== undefined) return this.compilation.entry(peers, connections, 'allow');
    const any = pool.idOfPorts(port.protocol, [[1, 65535]]);
    return this.compilation.entry(peers, any, 'allow', 'named-port');
  }

  /** One direction of a policy, for whichever pods it selects. */
  policy(policy: NetworkPolicyFacts, direction: Direction): Compiled {
    if (policy.unclear.length > 0) {
      const everyone: Peers = { kind: 'everyone' };
      const anything = this.compilation.entry(everyone, EVERY, 'allow', 'policy-unclear');
      return { entries: [anything], named: [] };
    }
    const rules = policy[direction] ?? [];
    const compiled = rules.map((rule) => this.rule(rule, policy.namespace, direction));
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
    const key = `${port.name ?? ''} ${port.protocol ?? ''}`;
    const groups = remember(this.groups, key, () => this.groupsOf(port));
    return groups.flatMap(({ all, connections, fact }) =>
      narrowedPeers(peers, all, this.compilation.sets).map(([own, doubt]) =>
        this.compilation.entry(own, connections, 'allow', doubt ?? fact),
      ),
    );
  }

  private groupsOf(port: RulePort): readonly Resolved[] {
    const { pool, pods, sets } = this.compilation;
    return namedGroups(pool, pods, port).map(({ key, connections, places, sure }) => ({
      all: sets.ofPlaces(`named ${key}`, { sure: places, maybe: [] }, 'named-port'),
      connections,
      fact: sure ? undefined : 'named-port',
    }));
  }
}

/** Pods that mean the same connections by a port's name. */
interface Resolved {
  readonly all: PeerSet;
  readonly connections: ConnectionsId;
  readonly fact: Fact | undefined;
}

/** The peers that are in a set, and what must hold for them. */
function narrowedPeers(peers: Peers, all: PeerSet, sets: PeerSets): [Peers, Fact?][] {
  switch (peers.kind) {
    case 'everyone':
      return [[{ kind: 'pods', set: all }]];
    case 'names':
      return [];
    case 'pods':
    case 'same-namespace': {
      const set = sets.narrowed(peers.set, all);
      return isNobody(set) ? [] : [[{ kind: peers.kind, set }]];
    }
    case 'addresses': {
      const { others, hosts, block } = peers.set;
      const { family } = block;
      const known = sets.narrowedAddresses(peers.set, all);
      const found: [Peers, Fact?][] = isNobody(known.peers)
        ? []
        : [[{ kind: 'addresses', set: known }]];
      for (const [status, unknown] of [
        [others, sets.unknownAddresses(false, family)],
        [hosts, sets.unknownAddresses(true, family)],
      ] as const) {
        if (status === false) continue;
        const set = sets.narrowed(unknown, all);
        found.push([{ kind: 'pods', set, family }, status === true ? undefined : status]);
      }
      return found;
    }
  }
}

function isNobody({ sure, maybe }: PeerSet): boolean {
  return sure.length + maybe.length === 0;
}

const EVERYONE: readonly Peers[] = [{ kind: 'everyone' }];

/** Whether a selector means one namespace by the label that every namespace has. */
function isNamed({ matchLabels, matchExpressions }: SelectorData, namespace: string): boolean {
  const keys = Object.keys(matchLabels);
  if (isEverything({ matchLabels, matchExpressions }) || matchExpressions.length > 0) return false;
  return keys.length === 1 && matchLabels[NAME_LABEL] === namespace;
}
