/**
 * Peers that are not constructs: what flows may name without declaring a workload for it.
 */
import { fixFields } from '../values/immutable';
import { checkedCidrData, describeCidr } from '../values/cidr';
import type { MeshMembership } from '../values/mesh-membership';
import { expectedDnsLabel, expectedDnsSubdomain } from '../values/names';
import type { IPeer, NamespaceScope, PeerData } from '../values/peer';
import { refuse } from '../values/problem';
import type { LabelSelector, SelectorData } from '../values/selector';
import { describeSelector, EVERYTHING, selectorFromOptions } from '../values/selector';

/** Which pods are meant. Pod and namespace requirements are AND-ed: one peer. */
export interface PodsOptions {
  /**
   * Labels of the pods.
   *
   * @default - `selector` says which pods
   */
  readonly labels?: Record<string, string>;

  /**
   * Pods by more than label equality.
   *
   * @default - `labels` says which pods
   */
  readonly selector?: LabelSelector;

  /**
   * Name of the namespace they run in.
   *
   * @default - `namespaceLabels` says which namespaces
   */
  readonly namespace?: string;

  /**
   * Labels of the namespaces they run in.
   *
   * @default - `namespace` says which namespace
   */
  readonly namespaceLabels?: Record<string, string>;

  /**
   * Whether these pods take part in the mesh.
   *
   * @default - as their namespace, where it is known
   */
  readonly mesh?: MeshMembership;

  /**
   * Service account that these pods run as, in their named namespace.
   *
   * @default - not known
   */
  readonly serviceAccount?: string;
}

/** Exceptions of a CIDR. */
export interface CidrOptions {
  /**
   * Blocks inside the CIDR that are left out.
   *
   * @default - none
   */
  readonly except?: string[];
}

/**
 * Anything at the other end of a connection that is not a construct of this app.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
 */
export class Peer implements IPeer {
  /** Every pod of the namespace of that name. */
  public static namespace(name: string): Peer {
    const names = [checkedNamespace('Peer.namespace', name)];
    return new Peer(`namespace ${name}`, podsIn({ kind: 'names', names }));
  }

  /** Every pod of the namespaces that carry these labels. */
  public static namespaces(labels: Record<string, string>): Peer {
    const selector = selectorFromOptions('Peer.namespaces', { labels });
    return new Peer(
      `namespaces ${describeSelector(selector)}`,
      podsIn({ kind: 'labels', selector }),
    );
  }

  /** Every pod of every namespace. Needs a reason. */
  public static allPods(): Peer {
    return new Peer('all pods', podsIn({ kind: 'all' }));
  }

  /** Pods by label, in namespaces by name or label. */
  public static pods(options: PodsOptions): Peer {
    const pods = podSelector(options);
    const namespaces = namespaceScope(options);
    const place =
      namespaces.kind === 'labels'
        ? `namespaces ${describeSelector(namespaces.selector)}`
        : (options.namespace ?? '');
    return new Peer(`pods ${describeSelector(pods)} in ${place}`, {
      kind: 'pods',
      namespaces,
      pods,
      serviceAccount: podAccount(options),
      inMesh: options.mesh?.participates,
    });
  }

  /** Addresses of a block, without its exceptions. Flows to it must name their ports. */
  public static cidr(cidr: string, options: CidrOptions = {}): Peer {
    const block = checkedCidrData('Peer.cidr', cidr, options.except);
    return new Peer(describeCidr(block), { kind: 'cidr', block });
  }

  /**
   * Hosts outside the cluster by DNS name: exact, or `*.example.com` for every name below it.
   * Flows to it use TCP 443 when they name no ports.
   */
  public static fqdn(...names: string[]): Peer {
    if (names.length === 0) {
      refuse({
        code: 'fqdn',
        where: 'Peer.fqdn',
        got: names,
        expected: 'at least one host name',
        fix: `Peer.fqdn('huggingface.co', '*.hf.co')`,
      });
    }
    const checked = [...new Set(names.map(checkedFqdn))].sort();
    return new Peer(checked.join(', '), { kind: 'fqdn', names: checked });
  }

  /**
   * The public internet: everything but private, shared, link-local and unique-local addresses,
   * the profile's own ranges and metadata addresses. Flows to it must name their ports.
   */
  public static internet(): Peer {
    return new Peer('internet', { kind: 'internet' });
  }

  /** The Kubernetes API server, by the addresses that the cluster profile knows. */
  public static kubeApiserver(): Peer {
    return new Peer('kube-apiserver', { kind: 'kube-apiserver' });
  }

  /** The cluster's DNS, as the cluster profile knows it. */
  public static dns(): Peer {
    return new Peer('cluster DNS', { kind: 'dns' });
  }

  /** The cluster's nodes, by the ranges that the cluster profile knows. */
  public static nodes(): Peer {
    return new Peer('nodes', { kind: 'nodes' });
  }

  /**
   * Everybody: all pods, nodes and addresses but the metadata addresses. Needs a reason.
   */
  public static any(): Peer {
    return new Peer('anybody', { kind: 'any' });
  }

  private constructor(
    public readonly peerName: string,
    private readonly data: PeerData,
  ) {
    fixFields(this);
  }

  /** @internal */
  public _peer(): PeerData {
    return this.data;
  }

  /** Readable form, the same as `peerName`. */
  public toString(): string {
    return this.peerName;
  }
}

function podsIn(namespaces: NamespaceScope): PeerData {
  return { kind: 'pods', namespaces, pods: EVERYTHING };
}

function podSelector({ labels, selector }: PodsOptions): SelectorData {
  if (selector !== undefined && labels === undefined) return selector._data;
  if (selector !== undefined) {
    refuse({
      code: 'pods-ambiguous',
      where: 'Peer.pods',
      got: { labels, selector: selector.toString() },
      expected: 'labels or selector, not both',
      fix: 'LabelSelector.of({ labels: { … }, present: [ … ] })',
    });
  }
  return selectorFromOptions('Peer.pods: labels', { labels });
}

function namespaceScope({ namespace, namespaceLabels }: PodsOptions): NamespaceScope {
  if (namespace !== undefined && namespaceLabels === undefined) {
    return { kind: 'names', names: [checkedNamespace('Peer.pods: namespace', namespace)] };
  }
  if (namespace === undefined && namespaceLabels !== undefined) {
    const selector = selectorFromOptions('Peer.pods: namespaceLabels', { labels: namespaceLabels });
    return { kind: 'labels', selector };
  }
  return refuse({
    code: 'pods-namespace',
    where: 'Peer.pods',
    got: { namespace, namespaceLabels },
    expected:
      'either namespace or namespaceLabels: a peer without them would mean the policy’s own',
    fix: `Peer.pods({ labels: { role: 'frontend' }, namespace: 'web' })`,
  });
}

function podAccount({ serviceAccount, namespace }: PodsOptions): string | undefined {
  if (serviceAccount === undefined) return undefined;
  const expected =
    namespace === undefined
      ? 'the namespace of the service account'
      : expectedDnsSubdomain(serviceAccount);
  if (expected === undefined) return `${namespace ?? ''}/${serviceAccount}`;
  return refuse({
    code: 'account-name',
    where: 'Peer.pods: serviceAccount',
    got: serviceAccount,
    expected,
    fix: `Peer.pods({ labels: { … }, namespace: 'web', serviceAccount: 'frontend' })`,
  });
}

function checkedNamespace(where: string, name: string): string {
  const expected = expectedDnsLabel(name);
  if (expected === undefined) return name;
  return refuse({ code: 'namespace-name', where, got: name, expected, fix: `'ml-jobs'` });
}

function checkedFqdn(name: string): string {
  const labels = typeof name === 'string' ? name.replace(/^\*\./, '').split('.') : [];
  const valid =
    labels.length >= 2 &&
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/i.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '');
  if (valid) return name.toLowerCase();
  return refuse({
    code: 'fqdn',
    where: 'Peer.fqdn',
    got: name,
    expected:
      'a host name with at least two labels, without scheme and port, exact or with a leading "*."',
    fix: `Peer.fqdn('huggingface.co', '*.hf.co')`,
  });
}
