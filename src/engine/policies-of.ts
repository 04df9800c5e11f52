/**
 * Which policies select a class of pods? Sets keep no names (reach.ts); whoever explains a verdict, or
 * judges a policy, asks for the policies again, for the few pods that it is about.
 */
import type { Cluster, NetworkPolicyFacts } from '../read/cluster';
import type { Direction } from './compilation';
import type { Places, Pods } from './pods';

export class PoliciesOf {
  private readonly byNamespace = new Map<string, NetworkPolicyFacts[]>();
  private readonly places = new Map<NetworkPolicyFacts, Places>();

  constructor(
    cluster: Pick<Cluster, 'networkPolicies'>,
    private readonly pods: Pods,
  ) {
    for (const policy of cluster.networkPolicies) {
      const known = this.byNamespace.get(policy.namespace);
      if (known === undefined) this.byNamespace.set(policy.namespace, [policy]);
      else known.push(policy);
    }
  }

  /** Policies that isolate a class, in the order of the text. */
  isolating(place: number, direction: Direction): NetworkPolicyFacts[] {
    const own = this.pods.classes[place];
    if (own === undefined) return [];
    return (this.byNamespace.get(own.workload.namespace) ?? []).filter(
      (policy) => isolates(policy, direction) && this.selected(policy).includes(place),
    );
  }

  /** Classes that a policy selects. */
  selected(policy: NetworkPolicyFacts): Places {
    const known = this.places.get(policy);
    if (known !== undefined) return known;
    const namespace = this.pods.placeOf(policy.namespace);
    const found = namespace < 0 ? [] : this.pods.selectedIn(namespace, policy.pods);
    this.places.set(policy, found);
    return found;
  }
}

/** A policy that is not understood may isolate both directions. */
export function isolates(policy: NetworkPolicyFacts, direction: Direction): boolean {
  return policy[direction] !== undefined || policy.unclear.length > 0;
}
