/**
 * Network plug-ins: how each of them reads NetworkPolicy where the API leaves it open.
 *
 * Only what its source says is stated; the rest stays undefined, which means unknown. Versions and
 * settings change these readings: `Cni.of({ like: Cni.CALICO, … })` states what holds in a cluster.
 */
import { fixFields } from '../values/immutable';
import { expectedDnsLabel } from '../values/names';
import { refuse } from '../values/problem';
import type { CniData } from './profile-data';

/** Readings of a network plug-in. */
export interface CniOptions {
  /**
   * The plug-in whose readings hold where this one says nothing.
   *
   * @default Cni.UNKNOWN
   */
  readonly like?: Cni;

  /**
   * Name for reports, an RFC 1123 label.
   *
   * @default - the name of `like`
   */
  readonly name?: string;

  /**
   * Whether NetworkPolicy is enforced at all.
   *
   * @default - as `like`
   */
  readonly enforces?: boolean;

  /**
   * Whether an `ipBlock`, or `networks` of a ClusterNetworkPolicy, matches the addresses of pods.
   *
   * @default - as `like`
   */
  readonly ipBlockMatchesPods?: boolean;

  /**
   * Whether they match the addresses of nodes, and so of pods of the host's network.
   *
   * @default - as `like`
   */
  readonly ipBlockMatchesNodes?: boolean;

  /**
   * Whether a pod's own node always reaches it, as the kubelet's probes need.
   *
   * @default - as `like`
   */
  readonly nodeTrafficImplicit?: boolean;

  /**
   * Whether egress policy sees the address of a Service instead of that of the pod behind it.
   *
   * @default - as `like`
   */
  readonly policyBeforeDnat?: boolean;
}

/** The network plug-in that enforces NetworkPolicy, and how it reads it. */
export class Cni {
  /** Nothing is known about the plug-in. */
  public static readonly UNKNOWN = new Cni({ name: 'unknown', policyBeforeDnat: false });

  /** Nothing enforces NetworkPolicy: it is written, and has no effect. */
  public static readonly NONE = new Cni({ name: 'none', enforces: false, policyBeforeDnat: false });

  /**
   * Calico: filters after DNAT, and leaves what a node sends to its own pods alone
   * (projectcalico/calico:felix/rules/static.go, filterOutputChain). CIDRs match pods.
   */
  public static readonly CALICO = new Cni({
    name: 'calico',
    enforces: true,
    ipBlockMatchesPods: true,
    nodeTrafficImplicit: true,
    policyBeforeDnat: false,
  });

  /**
   * Canal: Flannel's network with Calico's policy, so it reads as Calico does.
   *
   * @see https://docs.kubermatic.com/kubermatic/v2.29/tutorials-howtos/networking/cni-cluster-network
   */
  public static readonly CANAL = Cni.of({ like: Cni.CALICO, name: 'canal' });

  /**
   * Cilium: CIDRs match neither pods nor nodes (cilium/cilium#20550, cilium/cilium#33525), unless
   * its `policyCIDRMatchMode` says so; a node
   * always reaches its own pods in Kubernetes (cilium/cilium:pkg/option/config.go,
   * AllowLocalhostAuto); Services are resolved before policy is asked.
   */
  public static readonly CILIUM = new Cni({
    name: 'cilium',
    enforces: true,
    ipBlockMatchesPods: false,
    ipBlockMatchesNodes: false,
    nodeTrafficImplicit: true,
    policyBeforeDnat: false,
  });

  /**
   * GKE Dataplane V2, made of Cilium: always enforces, resolves Services before policy is asked.
   * What its agent sets for a node's own traffic is not published.
   *
   * @see https://cloud.google.com/kubernetes-engine/docs/concepts/dataplane-v2
   * @see https://cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies
   */
  public static readonly GKE_DATAPLANE_V2 = new Cni({
    name: 'gke-dataplane-v2',
    enforces: true,
    ipBlockMatchesPods: false,
    ipBlockMatchesNodes: false,
    policyBeforeDnat: false,
  });

  /**
   * kindnet, from kind 0.24 (kubernetes-sigs/kind#3612): judges in the post-routing hook, after
   * DNAT (kubernetes-sigs/kube-network-policies:pkg/dataplane/controller.go). Whether probes always
   * pass is disputed (kubernetes-sigs/kind#3875 is open).
   */
  public static readonly KINDNET = new Cni({
    name: 'kindnet',
    enforces: true,
    ipBlockMatchesPods: true,
    policyBeforeDnat: false,
  });

  /**
   * OVN-Kubernetes (ovn-kubernetes/ovn-kubernetes:go-controller/pkg/ovn): egress rules carry
   * `apply-after-lb`, a node may always reach its pods (addAllowACLFromNode), CIDRs match pods.
   */
  public static readonly OVN_KUBERNETES = new Cni({
    name: 'ovn-kubernetes',
    enforces: true,
    ipBlockMatchesPods: true,
    nodeTrafficImplicit: true,
    policyBeforeDnat: false,
  });

  /**
   * Amazon VPC CNI: judges at the pod's interface, before DNAT, and adds the Services of selected
   * pods itself (aws/amazon-network-policy-controller-k8s:pkg/resolvers/endpoints.go); CIDRs and pod
   * addresses share one table; the own node is always let in
   * (aws/aws-network-policy-agent:pkg/ebpf/bpf_client.go). Enforcement is off unless it is switched
   * on (aws/aws-network-policy-agent:README.md, enable-network-policy), hence unknown.
   */
  public static readonly AWS_VPC = new Cni({
    name: 'aws-vpc',
    ipBlockMatchesPods: true,
    nodeTrafficImplicit: true,
    policyBeforeDnat: true,
  });

  /**
   * Azure Network Policy Manager on Linux: address sets in the FORWARD chain, which is after DNAT
   * and which a node's own traffic to its pods does not pass
   * (Azure/azure-container-networking:npm/pkg/dataplane/policies/chain-management_linux.go).
   */
  public static readonly AZURE = new Cni({
    name: 'azure-npm',
    enforces: true,
    ipBlockMatchesPods: true,
    nodeTrafficImplicit: true,
    policyBeforeDnat: false,
  });

  /**
   * Antrea with its own proxy: Services are resolved before egress rules, and probes of the own
   * node bypass ingress rules (antrea-io/antrea:pkg/agent/openflow/pipeline.go, EndpointDNAT before
   * EgressRule, localProbeFlows).
   */
  public static readonly ANTREA = new Cni({
    name: 'antrea',
    enforces: true,
    nodeTrafficImplicit: true,
    policyBeforeDnat: false,
  });

  /** Flannel alone enforces nothing; with Calico's policy it is `Cni.CANAL`. */
  public static readonly FLANNEL = Cni.of({ like: Cni.NONE, name: 'flannel' });

  /** A plug-in of your own, or another reading of a known one. */
  public static of(options: CniOptions): Cni {
    const base = (options.like ?? Cni.UNKNOWN)._data;
    const name = options.name ?? base.name;
    const expected = expectedDnsLabel(name);
    if (expected !== undefined) {
      refuse({
        code: 'cni-name',
        where: 'Cni.of: name',
        got: name,
        expected,
        fix: `Cni.of({ like: Cni.CALICO, name: 'calico-ebpf' })`,
      });
    }
    return new Cni({
      name,
      enforces: options.enforces ?? base.enforces,
      ipBlockMatchesPods: options.ipBlockMatchesPods ?? base.ipBlockMatchesPods,
      ipBlockMatchesNodes: options.ipBlockMatchesNodes ?? base.ipBlockMatchesNodes,
      nodeTrafficImplicit: options.nodeTrafficImplicit ?? base.nodeTrafficImplicit,
      policyBeforeDnat: options.policyBeforeDnat ?? base.policyBeforeDnat,
    });
  }

  private constructor(
    /** @internal */
    readonly _data: CniData,
  ) {
    fixFields(this);
  }

  /** The name for reports. */
  public toString(): string {
    return this._data.name;
  }
}
