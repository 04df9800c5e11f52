/**
 * What network policy says of one direction of a connection, and by which rules: ordered rules of Admin
 * tiers, then policies that isolate, then Baseline rules.
 */
import type { NetworkPolicyFacts } from '../read/cluster';
import type { Because, Layer } from './layer';
import { listed } from './rule-words';
import { describeClusterRule, describeRule } from './rule-words';
import type { Asking, RulesOf } from './rules-of';
import { rulesIn } from './rules-of';
import type { World } from './world';

/** The layer of a direction; the verdict is the engine's, and the rules say why. */
export function sideLayer(world: World, asking: Asking): Layer {
  const { place, direction, peer, protocol, port } = asking;
  const verdict = world.reach.network.at(direction, { place }, peer);
  const word = world.word(verdict, protocol, port);
  const side = new Side(world, asking);
  const facts = word === 'UNKNOWN' ? verdict.facts : [];
  if (word === 'ALLOWED') return { layer: direction, facts, ...side.allowed() };
  if (word === 'DENIED') return { layer: direction, facts, verdict: word, ...side.denied() };
  return { layer: direction, verdict: word, ...side.unknown(facts) };
}

/** The other end of a connection with an address: no policy holds it. */
export function addressLayer(direction: Asking['direction']): Layer {
  const says = 'no policy holds an address';
  return { layer: direction, verdict: 'NOT ISOLATED', says, by: [], facts: [] };
}

type Said = Omit<Layer, 'layer' | 'facts' | 'verdict'>;

class Side {
  private readonly rules: RulesOf;
  private readonly policies: readonly NetworkPolicyFacts[];
  private readonly enforced: boolean;

  constructor(
    private readonly world: World,
    private readonly asking: Asking,
  ) {
    this.rules = rulesIn(world);
    this.enforced = world.cluster.profile.cni.enforces !== false;
    const { place, direction } = asking;
    this.policies = this.enforced
      ? inOrder(world.policies.isolating(place, direction), asking)
      : [];
  }

  allowed(): Omit<Layer, 'layer' | 'facts'> {
    const [rule] = [...this.clusterRules('Admin', 'Accept')];
    if (rule !== undefined) return { verdict: 'ALLOWED', ...accepted(rule) };
    const by = this.allowing('ALLOWED');
    if (by.length > 0) return { verdict: 'ALLOWED', says: `allowed by ${names(by)}`, by };
    if (this.policies.length > 0) {
      const says = "a pod's own node always reaches it";
      return { verdict: 'ALLOWED', says, by: [] };
    }
    const [last] = [...this.clusterRules('Baseline', 'Accept')];
    if (last !== undefined) return { verdict: 'ALLOWED', ...accepted(last) };
    const says = this.enforced ? 'no policy isolates the pods' : 'the CNI enforces no policy';
    return { verdict: 'NOT ISOLATED', says, by: [] };
  }

  denied(): Said {
    const [first] = [...this.clusterRules('Admin', 'Deny')];
    if (first !== undefined) return { says: `denied by ${names([first])}`, by: [first] };
    if (this.policies.length > 0) {
      const by = this.policies.map(({ resource }): Because => ({ resource }));
      const nearest = this.nearest();
      const said = { says: `isolated by ${names(by)}`, by };
      return nearest === undefined ? said : { ...said, nearest };
    }
    const [last] = [...this.clusterRules('Baseline', 'Deny')];
    if (last !== undefined) return { says: `denied by ${names([last])}`, by: [last] };
    // whichever of them counts
    const by = [...this.clusterRules('Admin'), ...this.clusterRules('Baseline')];
    return { says: `denied by ${names(by)}`, by };
  }

  unknown(whole: readonly string[]): Omit<Layer, 'layer' | 'verdict'> {
    const open = this.allowing('UNKNOWN');
    const ordered = [...this.clusterRules('Admin'), ...this.clusterRules('Baseline')];
    const unclear = this.policies
      .filter((policy) => policy.unclear.length > 0)
      .map(({ resource, unclear: [first] }): Because => ({
        resource,
        ...(first === undefined ? {} : { path: first.path, rule: first.why }),
      }));
    const by = [...unclear, ...ordered, ...open];
    const isolating = this.policies.map(({ resource }): Because => ({ resource }));
    return {
      says: `depends on ${listed(whole)}`,
      by: by.length === 0 ? isolating : by,
      facts: whole,
    };
  }

  /** Rules of the policies that isolate the pods. */
  private allowing(wanted: 'ALLOWED' | 'UNKNOWN'): Because[] {
    const { direction } = this.asking;
    return this.policies.flatMap((policy) =>
      (policy[direction] ?? [])
        .filter((rule) => this.rules.ofRule(rule, policy, this.asking).word === wanted)
        .map((rule): Because => ({
          resource: policy.resource,
          path: rule.path,
          rule: describeRule(rule, direction),
        })),
    );
  }

  /** Ordered rules up to the one that decides; with an action: that one, where it says so. */
  private *clusterRules(
    tier: 'Admin' | 'Baseline',
    action?: 'Accept' | 'Deny',
  ): Generator<Because> {
    const { direction } = this.asking;
    if (!this.enforced) return;
    for (const { policy, sure } of this.rules.clusterPolicies(tier, this.asking)) {
      const { resource } = policy;
      if (policy.unclear.length > 0 && action === undefined) yield { resource };
      for (const rule of policy[direction]) {
        const { word } = this.rules.ofClusterRule(rule, this.asking);
        if (word === 'DENIED') continue;
        const decides = word === 'ALLOWED' && sure && policy.unclear.length === 0;
        const because = { resource, path: rule.path, rule: describeClusterRule(rule, direction) };
        const asked = action === undefined || (rule.action === action && decides);
        if (asked) yield because;
        if (decides) return;
      }
    }
  }

  /** Same peer and other port, then same port and other peer, then a peer that may be the same. */
  private nearest(): Because | undefined {
    const { direction, port, protocol } = this.asking;
    const found = this.policies.flatMap((policy) =>
      (policy[direction] ?? []).flatMap((rule) => {
        const peer = this.rules.meansPeer(rule, policy, this.asking);
        const samePort = this.rules.meansPort(rule, policy, this.asking);
        if (peer === 'DENIED' && !samePort) return [];
        const same = (rule.ports ?? []).filter((one) => one.protocol === protocol);
        const away = Math.min(
          65536,
          ...same.flatMap(({ range }) =>
            range === undefined ? [] : range.map((one) => Math.abs(one - port)),
          ),
        );
        const why = samePort ? `not ${this.peerName()}` : `not ${protocol} ${String(port)}`;
        const rank = peer === 'ALLOWED' ? 0 : samePort ? 1 : 2;
        return [{ policy, rule, why, rank: rank * 100_000 + away }];
      }),
    );
    const [first] = found.sort((a, b) => a.rank - b.rank);
    if (first === undefined) return undefined;
    const { policy, rule, why } = first;
    const text = `${describeRule(rule, direction)}, ${why}`;
    return { resource: policy.resource, path: rule.path, rule: text };
  }

  private peerName(): string {
    const { direction, peer } = this.asking;
    const joint = direction === 'ingress' ? 'from' : 'to';
    if (!('place' in peer)) return `${joint} the address`;
    const own = this.world.classes[peer.place]?.workload;
    return `${joint} ${own?.namespace ?? ''}/${own?.name ?? ''}`;
  }
}

function accepted(rule: Because): Said {
  return { says: `accepted by ${names([rule])}`, by: [rule] };
}

function names(by: readonly Because[]): string {
  return listed([...new Set(by.map(({ resource }) => resource.name))]);
}

/** Policies that allow nothing come first: they are what isolates. */
function inOrder(
  policies: readonly NetworkPolicyFacts[],
  { direction }: Asking,
): readonly NetworkPolicyFacts[] {
  const rules = (one: NetworkPolicyFacts): number =>
    one.unclear.length === 0 && (one[direction] ?? []).length === 0 ? 0 : 1;
  return [...policies].sort((a, b) => rules(a) - rules(b));
}
