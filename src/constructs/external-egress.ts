/**
 * What some pods may reach outside the cluster.
 */
import { Construct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import { gatewayPort } from '../render/istio/egress-gateway';
import type { FlowData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { IPeer } from '../values/peer';
import { Port, Protocol } from '../values/port';
import { refuse } from '../values/problem';
import { declareFlow, declareForMesh } from './declare';
import type { FlowOptions } from './flow-options';
import { flowOf } from './flow-options';
import { ModuleEgress } from './module-egress';
import { treeOf } from './tree';
import type { Workload } from './workload';

/** Callers, what lies outside, and why. */
export interface ExternalEgressProps extends FlowOptions {
  /** Pods that call: a workload, or a whole namespace or module. */
  readonly from: IPeer;

  /** `Peer.cidr`, `Peer.internet` or `Peer.fqdn`. */
  readonly to: IPeer[];

  /**
   * Egress gateway of a sidecar mesh that the callers go through: the form in which host names are
   * enforced. The callers then reach the gateway and nothing outside; the gateway connects to the
   * hosts. It takes exact host names on TCP 443, and needs its Service (port 443, or the only one)
   * declared with the workload. Where its namespace is only known by name, its owner decides who
   * may use it for which host. Under profiles without a sidecar mesh it has no meaning.
   *
   * @default - the callers leave the cluster themselves
   */
  readonly via?: Workload;
}

/**
 * Lets some pods leave the cluster, and isolates them for egress. A reason is required.
 *
 * In a sidecar mesh the callers' proxies let nothing out but declared destinations (ServiceEntry
 * and Sidecar with REGISTRY_ONLY), while NetworkPolicy opens the internet on the ports of host
 * names: a pod that goes round its proxy is held by NetworkPolicy alone. `via` an egress gateway is
 * stricter. Where neither the profile nor a proxy can enforce host names, they need the waiver
 * `withoutFqdn: 'internet'`.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/
 */
export class ExternalEgress extends Construct {
  constructor(scope: Construct, id: string, props: ExternalEgressProps) {
    super(scope, id);
    const { via, ...egress } = props;
    for (const peer of props.to) this.checkExternal(peer);
    if (via !== undefined) this.detour(via, egress);
    new ModuleEgress(this, 'egress', egress);
  }

  private checkExternal(peer: IPeer): void {
    const { kind } = peer._peer();
    if (kind === 'cidr' || kind === 'internet' || kind === 'fqdn') return;
    refuse({
      code: 'peer-not-external',
      where: `${this.node.path}: to`,
      got: peer.peerName,
      expected: 'Peer.cidr, Peer.internet or Peer.fqdn',
      fix: 'ModuleEgress for peers inside the cluster',
    });
  }

  /** Both legs of the way through the gateway, beside the flow that they serve. */
  private detour(via: Workload, { from, to, ...options }: Omit<ExternalEgressProps, 'via'>): void {
    const hosts = this.checkedHosts(to, options);
    const { namespaceName: namespace, workloadName: name } = via;
    const by = `${this.node.path}/egress`;
    const { reason = '', owner, ticket, expires } = options;
    const inside = { reason: `${hosts.join(', ')}: ${reason}`, owner, ticket, expires };
    const ports = [Port.https(this.gatewayPort(via))];
    const legs = [
      flowOf({ from, to: via, by: this.node.path }, { ...inside, ports }),
      ...to.map((peer) => flowOf({ from: via, to: peer, by: this.node.path }, options)),
    ];
    const gateway = { namespace, name };
    declareForMesh(this, { kind: 'egress-gateway', from: from._peer(), hosts, gateway, by });
    ClusterProfile._whenProvided(this, ({ mesh }) => {
      if (mesh.mode === 'sidecar') legs.forEach((flow: FlowData) => declareFlow(this, flow));
    });
  }

  /** Exact names, sorted: no gateway can resolve a wildcard, nor tell hosts apart by address. */
  private checkedHosts(to: readonly IPeer[], { ports }: FlowOptions): string[] {
    const hosts = to.flatMap((peer) => {
      const data = peer._peer();
      const names = data.kind === 'fqdn' ? data.names : [];
      if (names.length > 0 && !names.some((host) => host.startsWith('*'))) return names;
      return refuse({
        code: 'via-host',
        where: `${this.node.path}: to`,
        got: peer.peerName,
        expected: 'exact host names where an egress gateway is gone through',
        fix: `to: [Peer.fqdn('huggingface.co')], and whatever else in an ExternalEgress without via`,
      });
    });
    const others = (ports ?? []).filter(({ protocol, port, endPort = port, appProtocol }) => {
      const tls = appProtocol === undefined || appProtocol === 'https';
      return protocol !== Protocol.TCP || port !== 443 || endPort !== 443 || !tls;
    });
    if (others.length > 0) {
      refuse({
        code: 'via-port',
        where: `${this.node.path}: ports`,
        got: others.map((port) => port.toString()),
        expected: 'TLS on TCP 443, by whose server name the gateway tells hosts apart',
        fix: 'leave out ports',
      });
    }
    return [...new Set(hosts)].sort();
  }

  private gatewayPort({ namespaceName, workloadName }: Workload): number {
    const key = workloadKey(namespaceName, workloadName);
    const gateway = treeOf(this).model.workloads.get(key);
    const port = gateway === undefined ? undefined : gatewayPort(gateway);
    if (port !== undefined) return port.podPort;
    return refuse({
      code: 'via-service',
      where: `${this.node.path}: via`,
      got: gateway?.services.map(({ name }) => name) ?? [],
      expected: `the Service of ${key} with port 443, or with one port only`,
      fix: `services: [{ name: '${workloadName}', ports: [{ port: 443, targetPort: 8443 }] }] where ${key} is declared`,
    });
  }
}
