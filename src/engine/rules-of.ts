/**
 * What each rule of a policy says of one connection. Gates keep no names: rules are asked again, one by
 * one, in the same way as their sum was.
 */
import type {
  ClusterNetworkPolicyFacts,
  ClusterRule,
  NetworkPolicyFacts,
  PolicyRule,
} from '../read/cluster';
import type { Protocol } from '../values/port';
import { inOrder, singleClusterRules } from './cluster-network-policy';
import type { Entry, Gate } from './gate';
import type { Direction } from './compilation';
import { singleRules } from './network-policy';
import type { End } from './network';
import { remember } from './pods';
import type { VerdictWord } from './result';
import type { Fact } from './verdict';
import type { World } from './world';

/** One direction of one connection. */
export interface Asking {
  /** Of the pods whose policies are asked. */
  readonly place: number;
  readonly direction: Direction;
  readonly peer: End;
  readonly protocol: Protocol;
  readonly port: number;
}

/** Whether a rule means the connection. */
export interface RuleWord {
  readonly word: VerdictWord;
  readonly facts: readonly Fact[];
}

export class RulesOf {
  private readonly gates = new Map<object, Map<string, Gate>>();
  private readonly single: ReturnType<typeof singleRules>;
  private readonly singleCluster: ReturnType<typeof singleClusterRules>;
  private readonly wide = new Map<PolicyRule, PolicyRule>();
  private readonly open = new Map<PolicyRule, PolicyRule>();
  /** In the order in which they are asked. */
  private readonly ordered: readonly ClusterNetworkPolicyFacts[];

  constructor(private readonly world: World) {
    const { compilation } = world.reach.network;
    this.single = singleRules(compilation);
    this.singleCluster = singleClusterRules(compilation);
    this.ordered = inOrder(world.cluster.clusterNetworkPolicies);
  }

  ofRule(rule: PolicyRule, { namespace }: NetworkPolicyFacts, asking: Asking): RuleWord {
    const { place, direction } = asking;
    const entries = () => this.single(rule, { namespace, direction, place });
    return this.word(this.gate(rule, asking, isNamed(rule), entries), asking);
  }

  /** Whether the rule's peers mean the other end, whatever the port. */
  meansPeer(rule: PolicyRule, policy: NetworkPolicyFacts, asking: Asking): VerdictWord {
    const wide = remember(this.wide, rule, (): PolicyRule => {
      const { peers, path } = rule;
      return peers === undefined ? { path } : { peers, path };
    });
    return this.ofRule(wide, policy, asking).word;
  }

  /** Whether the rule's ports are asked for, whoever the other end is. */
  meansPort(rule: PolicyRule, policy: NetworkPolicyFacts, asking: Asking): boolean {
    const open = remember(this.open, rule, (): PolicyRule => {
      const { ports, path } = rule;
      return ports === undefined ? { path } : { ports, path };
    });
    return this.ofRule(open, policy, asking).word !== 'DENIED';
  }

  ofClusterRule(rule: ClusterRule, asking: Asking): RuleWord {
    const { place, direction } = asking;
    const entries = () => this.singleCluster(rule, direction, place);
    return this.word(this.gate(rule, asking, isNamed(rule), entries), asking);
  }

  /** ClusterNetworkPolicies that select the pods; `sure`: whatever nobody knows. */
  clusterPolicies(
    tier: ClusterNetworkPolicyFacts['tier'],
    { place, direction }: Asking,
  ): { readonly policy: ClusterNetworkPolicyFacts; readonly sure: boolean }[] {
    const { sets } = this.world.reach.network.compilation;
    return this.ordered.flatMap((policy) => {
      if (policy.tier !== tier) return [];
      if (policy[direction].length === 0 && policy.unclear.length === 0) return [];
      const { sure, maybe } = sets.ofClusterPods(policy.subject);
      const known = sure.includes(place);
      return known || maybe.includes(place) ? [{ policy, sure: known }] : [];
    });
  }

  /** Entries of rules without names of ports are the same for all pods. */
  private gate(
    rule: object,
    { place, direction }: Asking,
    named: boolean,
    entries: () => readonly Entry[],
  ): Gate {
    const gates = remember(this.gates, rule, () => new Map<string, Gate>());
    return remember(gates, named ? `${direction} ${String(place)}` : '', () => ({
      ...{ id: -1, admin: [], baseline: [], isolated: true },
      entries: entries(),
    }));
  }

  private word(gate: Gate, { place, peer, protocol, port }: Asking): RuleWord {
    const verdict = this.world.reach.network.ofEntries({ place }, peer, gate);
    const word = this.world.word(verdict, protocol, port);
    return { word, facts: word === 'UNKNOWN' ? verdict.facts : [] };
  }
}

function isNamed({ ports }: PolicyRule | ClusterRule): boolean {
  return ports?.some(({ name }) => name !== undefined) === true;
}

const known = new WeakMap<World, RulesOf>();

export function rulesIn(world: World): RulesOf {
  const found = known.get(world) ?? new RulesOf(world);
  known.set(world, found);
  return found;
}
