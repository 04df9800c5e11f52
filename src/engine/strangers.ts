/**
 * Pods that no manifest shows and every answer is about as well: the platform's own (DNS, gateways,
 * monitoring), any other pod of each namespace, and pods of namespaces that nobody wrote. Each stands
 * in the cluster as a workload of its own kind, so that rules mean it or not like any other pod.
 */
import type {
  Cluster,
  ClusterFacts,
  Labels,
  NamespaceFacts,
  PodFacts,
  PodGroup,
  WorkloadFacts,
} from '../read/cluster';
import type { SelectorData } from '../values/selector';
import { carriesLabels, describeSelector, fewestLabels } from '../values/selector';
import { NAME_LABEL } from './pods';

/** Kind of workloads that stand for pods that nobody showed. */
export const STRANGER = 'Stranger';

/** A namespace that nobody wrote and no label is known of; no name of an API object starts so. */
export const ELSEWHERE = '~elsewhere';

/** Which strangers are wanted. */
export interface StrangerOptions {
  /** Any other pod of each namespace. @default true */
  readonly perNamespace?: boolean;
  /** Pods that just fit each peer that a policy names. @default false */
  readonly perPeer?: boolean;
}

/** The cluster with its strangers. */
export function withStrangers(
  cluster: Cluster,
  { perNamespace = true, perPeer = false }: StrangerOptions = {},
): Cluster {
  const added = new Added(cluster);
  for (const group of platformPods(cluster)) added.group(group);
  if (perNamespace) {
    for (const { name } of cluster.namespaces) added.pod(name, 'any other pod', {});
  }
  added.namespace({ name: ELSEWHERE, labels: {} });
  added.pod(ELSEWHERE, 'any pod', {});
  if (perPeer) added.peers();
  return {
    ...cluster,
    namespaces: [...cluster.namespaces, ...added.namespaces],
    workloads: [...cluster.workloads, ...added.workloads],
  };
}

export function isStranger({ kind }: Pick<WorkloadFacts, 'kind'>): boolean {
  return kind === STRANGER;
}

/** Pods that answer DNS: those of the profile, or those of nearly every cluster. */
export function dnsPods({ dns }: ClusterFacts): readonly PodGroup[] {
  if (dns.pods.length > 0 || dns.addresses.length > 0) return dns.pods;
  return [{ namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }];
}

/** What the profile knows of the platform's own pods. */
export function platformPods({
  profile,
}: Cluster): readonly (PodGroup & { readonly name: string })[] {
  const { gateways, monitoring, apiServer } = profile;
  return [
    ...dnsPods(profile).map((one) => ({ ...one, name: 'DNS' })),
    ...gateways.map((one) => ({ ...one, name: 'gateway' })),
    ...(monitoring === undefined ? [] : [{ ...monitoring, name: 'monitoring' }]),
    ...(apiServer.webhookCallers === undefined
      ? []
      : [{ ...apiServer.webhookCallers, name: 'webhook caller' }]),
  ];
}

class Added {
  readonly namespaces: NamespaceFacts[] = [];
  readonly workloads: WorkloadFacts[] = [];
  private readonly known: Set<string>;
  private readonly pods = new Set<string>();

  constructor(private readonly cluster: Cluster) {
    this.known = new Set(cluster.namespaces.map(({ name }) => name));
  }

  namespace({ name, labels }: { readonly name: string; readonly labels: Labels }): void {
    if (this.known.has(name)) return;
    this.known.add(name);
    const all = { ...labels, [NAME_LABEL]: name };
    this.namespaces.push({ name, labels: all, labelsKnown: true, annotations: {} });
  }

  /** Pods of the platform, unless a manifest shows them. */
  group({ namespace, labels, serviceAccount, inMesh, name }: PodGroup & { readonly name: string }) {
    const shown = this.cluster.workloads.some(
      (one) =>
        one.namespace === namespace && one.pods.some((own) => carriesLabels(own.labels, labels)),
    );
    if (shown) return;
    this.pod(namespace, name, labels, {
      ...(serviceAccount === undefined ? {} : { serviceAccount }),
      ...(inMesh === undefined ? {} : { inMesh }),
    });
  }

  pod(namespace: string, name: string, labels: Labels, more: Partial<PodFacts> = {}): void {
    const id = `${namespace}/${STRANGER}/${name}`;
    if (this.pods.has(id)) return;
    this.pods.add(id);
    const pods: PodFacts = {
      ...{ labels, annotations: {}, serviceAccount: '~', hostNetwork: false, ports: [] },
      ...{ portsKnown: false, addresses: [], nodeAddresses: [], containers: [] },
      ...more,
    };
    this.workloads.push({ id, namespace, kind: STRANGER, name, pods: [pods] });
  }

  /** For every peer that a policy names, a pod that has just what it asks for. */
  peers(): void {
    for (const { namespace, ingress = [], egress = [] } of this.cluster.networkPolicies) {
      for (const { peers = [] } of [...ingress, ...egress]) {
        for (const peer of peers) {
          if (peer.kind !== 'pods') continue;
          const labels = fewestLabels(peer.pods);
          const home =
            peer.namespaces === undefined ? namespace : this.namespaceFor(peer.namespaces);
          this.pod(home, `any pod with ${describeSelector(peer.pods)}`, labels);
        }
      }
    }
  }

  private namespaceFor(selector: SelectorData): string {
    const labels = fewestLabels(selector);
    const name = labels[NAME_LABEL] ?? `~namespace with ${describeSelector(selector)}`;
    this.namespace({ name, labels });
    return name;
  }
}
