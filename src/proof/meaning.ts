/**
 * Whom does a declared peer mean, among the pods of a cluster as it was read back? `maybe` where the
 * declaration leaves it open: an account that nothing shows, an address that nobody knows.
 *
 * This is the declaration's side of the proof, told from the traffic model alone; what the YAML says
 * is the engine's.
 */
import type { PodClass } from '../engine/pods';
import { STRANGER } from '../engine/strangers';
import type { World } from '../engine/world';
import type { RenderContext } from '../render/context';
import { inScope, workloadsOf } from '../render/containment';
import { workloadKey } from '../traffic/data';
import type { Direction, WorkloadData } from '../traffic/data';
import type { IdentityData, NamespaceScope, PeerData } from '../values/peer';
import { selectorMatches } from '../values/selector';
import { meansAddressOf } from './addresses-meant';

/** `alike`: the labels of who is meant, under another account, which only a proxy can tell. */
export type Meant = 'yes' | 'maybe' | 'alike' | 'no';

export class Meaning {
  constructor(
    private readonly context: RenderContext,
    private readonly world: World,
  ) {}

  /** Whether the peer means these pods, as callers or as callees. */
  of(peer: PeerData, pods: PodClass, direction: Direction): Meant {
    switch (peer.kind) {
      case 'any':
        return 'yes';
      case 'workload': {
        const key = workloadKey(peer.namespace, peer.name);
        const workload = this.context.model.workloads.get(key);
        if (workload === undefined || !isOf(workload, pods)) return 'no';
        const { serviceAccount = pods.pods.serviceAccount } = workload;
        if (serviceAccount !== pods.pods.serviceAccount) return 'alike';
        // whoever else carries the labels is not what was declared
        return pods.workload.kind === STRANGER ? 'maybe' : 'yes';
      }
      case 'pods': {
        if (!this.inScope(peer.namespaces, pods) || !selectorMatches(peer.pods, pods.pods.labels)) {
          return 'no';
        }
        return 'yes';
      }
      case 'identity':
        return this.ofIdentity(peer.identity, pods);
      case 'dns':
        if (this.isAmong(this.context.profile.dns.pods, pods)) return 'yes';
        return this.byAddress(peer, pods, direction);
      case 'kube-apiserver': {
        const { webhookCallers } = this.context.profile.apiServer;
        if (webhookCallers !== undefined && direction === 'ingress') {
          return this.isAmong([webhookCallers], pods) ? 'yes' : 'no';
        }
        return this.byAddress(peer, pods, direction);
      }
      case 'cidr':
      case 'nodes':
      case 'internet':
      case 'fqdn':
        return this.byAddress(peer, pods, direction);
    }
  }

  /** Nobody knows where pods are; a block that holds every place where they may be means them too. */
  private byAddress(peer: PeerData, pods: PodClass, direction: Direction): Meant {
    return meansAddressOf(this.context, peer, direction, pods) ? 'maybe' : 'no';
  }

  private ofIdentity(identity: IdentityData, pods: PodClass): Meant {
    // whoever brings the token; the request says who that is
    if (identity.kind === 'jwt') return 'yes';
    const { namespace } = pods.workload;
    if (identity.namespace !== namespace) return 'no';
    if (identity.kind === 'namespace') return 'yes';
    const running = workloadsOf(this.context.model, identity);
    const runs = pods.pods.serviceAccount === identity.name;
    // L3/L4 knows the pods that are declared to run as it, or else the whole namespace
    const known = running.length === 0 || running.some((one) => isOf(one, pods));
    if (runs) return known ? 'yes' : 'maybe';
    return known ? 'alike' : 'no';
  }

  private inScope(scope: NamespaceScope, { workload, namespace }: PodClass): boolean {
    if (scope.kind !== 'labels') return inScope(this.context.model, scope, workload.namespace);
    const facts = this.world.pods.namespaces[namespace];
    return facts !== undefined && selectorMatches(scope.selector, facts.labels);
  }

  private isAmong(
    groups: readonly {
      readonly namespace: string;
      readonly labels: Readonly<Record<string, string>>;
    }[],
    { workload, pods }: PodClass,
  ): boolean {
    return groups.some(
      ({ namespace, labels }) =>
        namespace === workload.namespace &&
        selectorMatches({ matchLabels: labels, matchExpressions: [] }, pods.labels),
    );
  }
}

/** Policies know workloads by their labels: whoever carries them is one. */
export function isOf({ namespace, labels }: WorkloadData, { workload, pods }: PodClass): boolean {
  return (
    namespace === workload.namespace &&
    selectorMatches({ matchLabels: labels, matchExpressions: [] }, pods.labels)
  );
}
