/**
 * The gates of every class of pods: which policies select it, resolved to entries that are shared by
 * all rules that say the same.
 */
import { clusterPolicies } from './cluster-network-policy';
import type { ClusterTiers, Compilation, Direction } from './compilation';
import { OPEN } from './compilation';
import type { Entry, Gate, Ordered } from './gate';
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
  const gates = new Map<string, Gate>();
  const enforces = compilation.cluster.profile.cni.enforces !== false;
  const of = (direction: Direction): Gate[] =>
    compilation.pods.classes.map(({ index }) => {
      const tier = policies[direction][index] ?? OPEN;
      const tiers = cluster?.[direction][index] ?? NO_TIERS;
      const content: Omit<Gate, 'id'> = enforces ? { ...tiers, ...tier } : { ...NO_TIERS, ...OPEN };
      return remember(gates, gateKey(content), () => ({ id: gates.size, ...content }));
    });
  return { ingress: of('ingress'), egress: of('egress') };
}

const NO_TIERS: ClusterTiers = { admin: [], baseline: [] };

function gateKey({ admin, isolated, entries, baseline }: Omit<Gate, 'id'>): string {
  const ids = (list: readonly Entry[]): string => list.map(({ id }) => id).join(',');
  const ordered = (list: readonly Ordered[]): string =>
    list.map(({ priority, entries: own }) => `${String(priority)}:${ids(own)}`).join(';');
  return `${ordered(admin)}|${String(isolated)}|${ids(entries)}|${ordered(baseline)}`;
}
