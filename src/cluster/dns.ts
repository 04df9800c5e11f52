/**
 * The cluster's DNS, as policies have to name it: pods by label, or addresses where the resolver
 * is no pod. Egress is judged after DNAT, so ports are pod ports, and the Service's own address is
 * only seen where a node-local cache listens on it or the CNI acts before DNAT.
 */
import { fixFields } from '../values/immutable';
import { refuse } from '../values/problem';
import {
  checkedAddress,
  checkedHostCidr,
  checkedNamespace,
  checkedPodLabels,
  checkedPortNumber,
} from './checks';
import type { DnsData } from './profile-data';

/** Where the CoreDNS chart was installed. */
export interface CoreDnsChartOptions {
  /**
   * Namespace of the release.
   *
   * @default 'kube-system'
   */
  readonly namespace?: string;
}

/** Pods that answer DNS. */
export interface DnsPodsOptions {
  /** Namespace that they run in. */
  readonly namespace: string;

  /** Labels that they carry. */
  readonly labels: Record<string, string>;

  /**
   * Port that they listen on, UDP and TCP: the pod's, not the Service's.
   *
   * @default 53
   */
  readonly port?: number;
}

/** A DNS cache on every node. */
export interface NodeLocalDnsOptions {
  /**
   * Address that the cache listens on: kubespray takes 169.254.25.10, AKS LocalDNS 169.254.10.11.
   *
   * @default '169.254.20.10'
   */
  readonly address?: string;

  /**
   * Address of the DNS Service, where the cache listens on that one too: kube-proxy in iptables
   * mode, with pods that still ask the Service.
   *
   * @default - the cache listens on its own address only
   */
  readonly clusterIp?: string;
}

/**
 * How pods of this cluster resolve names.
 *
 * @see https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
 */
export class ClusterDns {
  /** kube-dns, or CoreDNS in its place: pods `k8s-app: kube-dns` in kube-system. */
  public static kubeDns(): ClusterDns {
    return podsThatAnswer('kube-system', { 'k8s-app': 'kube-dns' });
  }

  /**
   * CoreDNS from its own Helm chart, which labels it `k8s-app: coredns` unless
   * `k8sAppLabelOverride` says otherwise.
   *
   * @see https://github.com/coredns/helm/blob/master/charts/coredns/values.yaml
   */
  public static coreDnsChart(options: CoreDnsChartOptions = {}): ClusterDns {
    const { namespace = 'kube-system' } = options;
    const where = 'ClusterDns.coreDnsChart: namespace';
    return podsThatAnswer(checkedNamespace(where, namespace), { 'k8s-app': 'coredns' });
  }

  /**
   * OpenShift's DNS: its pods listen on 5353 behind a Service on 53.
   *
   * @see https://github.com/openshift/cluster-dns-operator/blob/master/pkg/operator/controller/names.go
   */
  public static openshift(): ClusterDns {
    const labels = { 'dns.operator.openshift.io/daemonset-dns': 'default' };
    return podsThatAnswer('openshift-dns', labels, 5353);
  }

  /**
   * Cloud DNS for GKE: pods ask the metadata server of their node, on port 53. A cluster that also
   * has NodeLocal DNSCache asks that instead: add `withNodeLocal()`.
   *
   * @see https://github.com/tektoncd/operator/issues/4000
   * @see https://github.com/gke-labs/kube-agents/issues/1140
   */
  public static gkeCloudDns(): ClusterDns {
    return ClusterDns.addresses('169.254.169.254');
  }

  /** Pods of your own that answer DNS. */
  public static pods(options: DnsPodsOptions): ClusterDns {
    const where = 'ClusterDns.pods';
    return podsThatAnswer(
      checkedNamespace(`${where}: namespace`, options.namespace),
      checkedPodLabels(`${where}: labels`, options.labels),
      checkedPortNumber(`${where}: port`, options.port ?? 53),
    );
  }

  /** DNS servers that are no pods of this cluster, by address, on port 53. */
  public static addresses(...addresses: string[]): ClusterDns {
    const where = 'ClusterDns.addresses';
    const blocks = addresses.map((address) => checkedHostCidr(where, address));
    if (blocks.length > 0) return new ClusterDns({ ...NOTHING, addresses: distinct(blocks) });
    return refuse({
      code: 'dns-empty',
      where,
      got: addresses,
      expected: 'at least one address',
      fix: `ClusterDns.addresses('10.0.0.2')`,
    });
  }

  /** All of these together, where a cluster has several or it is not known which. */
  public static union(...parts: ClusterDns[]): ClusterDns {
    const data = parts.map((part) => part._data);
    const ports = [...new Set(data.filter(({ pods }) => pods.length > 0).map(({ port }) => port))];
    const clusterIps = [...new Set(data.flatMap(({ clusterIp }) => clusterIp ?? []))];
    if (data.length === 0) refuseUnion('dns-empty', [], 'at least one part');
    if (ports.length > 1) refuseUnion('dns-ports', ports, 'pods that listen on the same port');
    if (clusterIps.length > 1) refuseUnion('dns-cluster-ips', clusterIps, 'one cluster IP');
    return new ClusterDns({
      pods: distinct(data.flatMap(({ pods }) => pods)),
      port: ports[0] ?? 53,
      addresses: distinct(data.flatMap(({ addresses }) => addresses)),
      clusterIp: clusterIps[0],
      nodeLocalInterceptsClusterIp: data.some((part) => part.nodeLocalInterceptsClusterIp),
    });
  }

  /** @internal */
  public static _of(data: DnsData): ClusterDns {
    return new ClusterDns(data);
  }

  private constructor(
    /** @internal */
    readonly _data: DnsData,
  ) {
    fixFields(this);
  }

  /** The same, with the address of the DNS Service, for a CNI that acts before DNAT. */
  public withClusterIp(address: string): ClusterDns {
    const clusterIp = checkedAddress('ClusterDns.withClusterIp', address);
    return new ClusterDns({ ...this._data, clusterIp });
  }

  /** The same, with NodeLocal DNSCache on every node, which no label can choose. */
  public withNodeLocal(options: NodeLocalDnsOptions = {}): ClusterDns {
    const where = 'ClusterDns.withNodeLocal';
    const address = checkedHostCidr(`${where}: address`, options.address ?? '169.254.20.10');
    const addresses = distinct([...this._data.addresses, address]);
    if (options.clusterIp === undefined) return new ClusterDns({ ...this._data, addresses });
    const clusterIp = checkedAddress(`${where}: clusterIp`, options.clusterIp);
    return new ClusterDns({
      ...this._data,
      addresses,
      clusterIp,
      nodeLocalInterceptsClusterIp: true,
    });
  }

  /** Readable form: `kube-system k8s-app=kube-dns on 53, 169.254.20.10/32`. */
  public toString(): string {
    const { pods, port, addresses } = this._data;
    const groups = pods.map(({ namespace, labels }) => {
      const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      return `${namespace} ${text.join(',')} on ${port}`;
    });
    return [...groups, ...addresses].join(', ');
  }
}

const NOTHING: DnsData = {
  pods: [],
  port: 53,
  addresses: [],
  nodeLocalInterceptsClusterIp: false,
};

function podsThatAnswer(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  port = 53,
): ClusterDns {
  return ClusterDns._of({ ...NOTHING, pods: [{ namespace, labels }], port });
}

function refuseUnion(code: string, got: unknown, expected: string): never {
  return refuse({
    code,
    where: 'ClusterDns.union',
    got,
    expected,
    fix: 'ClusterDns.union(ClusterDns.kubeDns(), ClusterDns.coreDnsChart())',
  });
}

function distinct<T>(items: readonly T[]): T[] {
  const keyed = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
