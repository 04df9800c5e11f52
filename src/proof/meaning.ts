/**
 * Whom does a declared peer mean, among the pods of a cluster as it was read back? `maybe` where the
 * declaration leaves it open: an account that nothing shows, an address that nobody knows.
 *
 * This is the declaration's side of the proof, told from the traffic model alone; what the YAML says
 * is the engine's.
 */
import type { PodClass } from '../engine/pods';
import { count, remember } from '../engine/pods';
import { STRANGER } from '../engine/strangers';
import type { World } from '../engine/world';
import type { RenderContext } from '../render/context';
import { inScope, workloadsOf } from '../render/containment';
import { workloadKey } from '../traffic/data';
import type { FlowData, WorkloadData } from '../traffic/data';
import type {
  IdentityData,
  NamespaceScope,
  PeerData,
  PodsPeer,
  WorkloadPeer,
} from '../values/peer';
import { isEverything, selectorMatches } from '../values/selector';
import type { MeantAddresses } from './addresses-meant';
import { addressesMeant, meansAddressOf } from './addresses-meant';

export type Meant = 'yes' | 'maybe' | 'no';

export class Meaning {
  private readonly addresses = {
    from: new Map<FlowData, readonly MeantAddresses[]>(),
    to: new Map<FlowData, readonly MeantAddresses[]>(),
  };

  constructor(
    private readonly context: RenderContext,
    private readonly world: World,
  ) {}

  /** Whether an end of the flow means these pods. */
  of(flow: FlowData, end: 'from' | 'to', pods: PodClass): Meant {
    const peer = flow[end];
    switch (peer.kind) {
      case 'any':
        return 'yes';
      case 'workload':
        return this.ofWorkload(peer, pods);
      case 'pods':
        return this.isSelected(peer, pods) ? 'yes' : 'no';
      case 'identity':
        return this.ofIdentity(peer.identity, pods);
      case 'dns':
        if (this.isAmong(this.context.profile.dns.pods, pods)) return 'yes';
        return this.byAddress(flow, end, pods);
      case 'kube-apiserver':
        return this.ofApiServer(flow, end, pods);
      case 'cidr':
      case 'nodes':
      case 'internet':
      case 'fqdn':
        return this.byAddress(flow, end, pods);
    }
  }

  /** Where pods call webhooks for it, they do and nobody else. */
  private ofApiServer(flow: FlowData, end: 'from' | 'to', pods: PodClass): Meant {
    const { webhookCallers } = this.context.profile.apiServer;
    if (webhookCallers === undefined || end === 'to') return this.byAddress(flow, end, pods);
    return this.isAmong([webhookCallers], pods) ? 'yes' : 'no';
  }

  /** Nobody knows where pods are; a block that holds every place where they may be means them too. */
  private byAddress(flow: FlowData, end: 'from' | 'to', pods: PodClass): Meant {
    const meant = remember(this.addresses[end], flow, () =>
      addressesMeant(this.context, flow, end === 'from' ? 'ingress' : 'egress'),
    );
    return meansAddressOf(this.context, meant, pods) ? 'maybe' : 'no';
  }

  private ofWorkload({ namespace, name }: WorkloadPeer, pods: PodClass): Meant {
    const workload = this.context.model.workloads.get(workloadKey(namespace, name));
    if (workload === undefined) return 'no';
    if (!isOf(workload, pods)) return runsAs(workload, pods) ? 'maybe' : 'no';
    // whoever else carries the labels, or runs as somebody else, is not what was declared
    if (pods.workload.kind === STRANGER) return 'maybe';
    const { serviceAccount = pods.pods.serviceAccount } = workload;
    return serviceAccount === pods.pods.serviceAccount ? 'yes' : 'maybe';
  }

  /** Pods that the peer may mean and others of their kind are not; whoever means everybody names nobody. */
  named(peer: PeerData): readonly number[] {
    const { pods } = this.world;
    switch (peer.kind) {
      case 'workload':
        return this.inNamespaces([peer.namespace]);
      case 'pods': {
        const { namespaces } = peer;
        if (namespaces.kind === 'names') return this.inNamespaces(namespaces.names);
        const selected = [...pods.selected(peer.pods), ...pods.undecided(peer.pods)];
        if (namespaces.kind === 'all') return isEverything(peer.pods) ? [] : selected;
        return selected.filter((place) => {
          const one = this.world.classes[place];
          return one !== undefined && this.inScope(namespaces, one);
        });
      }
      case 'identity':
        return peer.identity.kind === 'jwt' ? [] : this.inNamespaces([peer.identity.namespace]);
      case 'dns':
        return this.inNamespaces(this.context.profile.dns.pods.map(({ namespace }) => namespace));
      case 'any':
      case 'cidr':
      case 'nodes':
      case 'kube-apiserver':
      case 'internet':
      case 'fqdn':
        return [];
    }
  }

  private inNamespaces(names: readonly string[]): number[] {
    const { pods } = this.world;
    return names.flatMap((name) => {
      const { start, end } = pods.spanOf(pods.placeOf(name));
      return [...count(start, end)];
    });
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
    if (runs && known) return 'yes';
    return runs || known ? 'maybe' : 'no';
  }

  private isSelected(peer: PodsPeer, pods: PodClass): boolean {
    return this.inScope(peer.namespaces, pods) && selectorMatches(peer.pods, pods.pods.labels);
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

/** To a proxy, whoever runs as a workload's account is that workload. */
function runsAs(
  { namespace, serviceAccount }: WorkloadData,
  { workload, pods }: PodClass,
): boolean {
  const stranger = workload.kind === STRANGER && namespace === workload.namespace;
  return stranger && serviceAccount !== undefined && serviceAccount === pods.serviceAccount;
}

/** Policies know workloads by their labels: whoever carries them is one. */
export function isOf({ namespace, labels }: WorkloadData, { workload, pods }: PodClass): boolean {
  return (
    namespace === workload.namespace &&
    selectorMatches({ matchLabels: labels, matchExpressions: [] }, pods.labels)
  );
}
