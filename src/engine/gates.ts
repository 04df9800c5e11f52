/**
 * The gates of every class of pods: which policies select it, resolved to entries that are shared by
 * all rules that say the same.
 */
import { clusterPolicies } from './cluster-network-policy';
import type { ClusterTiers, Compilation, Direction, PolicyTier } from './compilation';
import { OPEN } from './compilation';
import type { Gate, Ordered } from './gate';
import { networkPolicies } from './network-policy';
import { remember } from './pods';

export interface Gates {
  readonly ingress: readonly Gate[];
  readonly egress: readonly Gate[];
}

/** One gate per class and direction; classes whose policies say the same share it. */
export function gatesOf(compilation: Compilation): Gates {
  const policies = networkPolicies(compilation);
  const cluster = clusterPolicies(compilation);
  const gates = new Map<number | string, Gate>();
  const gate = (tier: PolicyTier, tiers: ClusterTiers): Gate =>
    remember(gates, keyOf(tier, tiers), () => {
      const { isolated, entries } = tier;
      return { id: gates.size, isolated, entries, ...tiers };
    });
  const enforces = compilation.cluster.profile.cni.enforces !== false;
  const of = (direction: Direction): Gate[] =>
    compilation.pods.classes.map(({ index }) =>
      enforces
        ? gate(policies[direction][index] ?? OPEN, cluster?.[direction][index] ?? NO_TIERS)
        : gate(OPEN, NO_TIERS),
    );
  return { ingress: of('ingress'), egress: of('egress') };
}

const NO_TIERS: ClusterTiers = { admin: [], baseline: [] };

function keyOf({ id }: PolicyTier, { admin, baseline }: ClusterTiers): number | string {
  if (admin.length === 0 && baseline.length === 0) return id;
  return `${String(id)}|${keyOfTier(admin)}|${keyOfTier(baseline)}`;
}

function keyOfTier(tier: readonly Ordered[]): string {
  return tier
    .map(({ priority, entries }) => `${String(priority)}:${entries.map(({ id }) => id).join(',')}`)
    .join(';');
}
