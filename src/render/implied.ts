/**
 * Flows that nobody declares because the cluster itself needs them: what the profile says must be
 * opened once pods are isolated.
 */
import type { MeshData, ProfileData } from '../cluster/profile-data';
import type { FlowData, NamespaceData, WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { PeerData, PodsPeer } from '../values/peer';
import { PortPurpose, Protocol } from '../values/port';
import { EVERYTHING } from '../values/selector';
import { PROBE_ADDRESSES } from './istio/waypoints';

const PLAIN = { http: [], narrows: false, withoutMesh: false, withoutFqdn: false } as const;

/** Ports of Istio's own: istio/istio:pilot/pkg/bootstrap/options.go, pilot/cmd/pilot-agent/options */
const ISTIOD_XDS = 15012;
const MERGED_METRICS = 15020;

/** What the proxies of a namespace need: their control plane, and whoever scrapes them. */
export function meshFlowsOfNamespace(profile: ProfileData, namespace: NamespaceData): FlowData[] {
  const { ownership, inMesh, name, by } = namespace;
  if (ownership === 'foreign' || inMesh === false) return [];
  const pods: PeerData = {
    kind: 'pods',
    namespaces: { kind: 'names', names: [name] },
    pods: EVERYTHING,
  };
  return meshFlows(profile, { peer: pods, name, by });
}

/** The same for a workload that takes part though its namespace does not. */
export function meshFlowsOfWorkload(
  profile: ProfileData,
  { inMesh, namespace, name, by }: WorkloadData,
  home: NamespaceData | undefined,
): FlowData[] {
  if (inMesh !== true || home?.inMesh !== false) return [];
  const peer: PeerData = { kind: 'workload', namespace, name };
  return meshFlows(profile, { peer, name: workloadKey(namespace, name), by });
}

/** Pods with proxies, and who declared them. */
interface Proxies {
  readonly peer: PeerData;
  readonly name: string;
  readonly by: string;
}

function meshFlows({ mesh, monitoring }: ProfileData, proxies: Proxies): FlowData[] {
  if (mesh.mode === 'ambient') return probesOfAmbient(proxies);
  if (mesh.mode === 'none') return [];
  const own = proxyFlows(mesh, proxies);
  if (monitoring === undefined) return own;
  const scraping: FlowData = {
    ...{ ...PLAIN, origin: 'mesh' },
    reasons: [{ reason: 'mesh plumbing', by: proxies.by }],
    from: podGroup(monitoring),
    fromName: 'monitoring',
    to: proxies.peer,
    toName: proxies.name,
    ports: [tcp(MERGED_METRICS)],
  };
  return [...own, scraping];
}

/** What every proxy needs, sidecar or waypoint: its control plane, and where it reports to. */
export function proxyFlows(mesh: MeshData, { peer, name, by }: Proxies): FlowData[] {
  const ends = { from: peer, fromName: name };
  const istiod: FlowData = {
    ...{ ...PLAIN, ...ends, origin: 'mesh' },
    reasons: [{ reason: 'mesh plumbing', by }],
    to: podGroup({ namespace: mesh.rootNamespace, labels: mesh.controlPlaneLabels }),
    toName: 'istiod',
    ports: [tcp(ISTIOD_XDS)],
  };
  // the back ends' own ports are captured like those of any workload
  const reports = (mesh.telemetry ?? []).map((backend): FlowData => {
    const { serviceAccount, inMesh, namespace } = backend;
    const account = serviceAccount === undefined ? undefined : `${namespace}/${serviceAccount}`;
    return {
      ...{ ...PLAIN, ...ends, origin: 'baseline' },
      reasons: [{ reason: `proxies report to ${backend.name}`, by }],
      to: { ...podGroup(backend), serviceAccount: account, inMesh },
      toName: backend.name,
      ports: backend.ports,
    };
  });
  return [istiod, ...reports];
}

/** In ambient the kubelet's probes come from an address of their own, not from the node. */
function probesOfAmbient(proxies: Proxies): FlowData[] {
  return PROBE_ADDRESSES.map((cidr) => ({
    ...PLAIN,
    origin: 'mesh',
    reasons: [{ reason: 'kubelet probes in an ambient mesh', by: proxies.by }],
    from: { kind: 'cidr', block: { cidr, except: [] } },
    fromName: cidr,
    to: proxies.peer,
    toName: proxies.name,
    ports: [{ protocol: Protocol.TCP, purpose: PortPurpose.HEALTH }],
  }));
}

function podGroup(group: {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}): PodsPeer {
  return {
    kind: 'pods',
    namespaces: { kind: 'names', names: [group.namespace] },
    pods: { matchLabels: group.labels, matchExpressions: [] },
  };
}

function tcp(port: number): { protocol: Protocol; port: number; purpose: PortPurpose } {
  return { protocol: Protocol.TCP, port, purpose: PortPurpose.SERVICE };
}

/**
 * The kubelet's probes, where the CNI does not let a pod's own node through by itself: the health
 * ports, or every port where none is declared for health.
 */
export function probeFlows(profile: ProfileData, workload: WorkloadData): FlowData[] {
  if (profile.cni.nodeTrafficImplicit !== false || workload.ports.length === 0) return [];
  const health = workload.ports.filter(({ purpose }) => purpose === PortPurpose.HEALTH);
  const { namespace, name, by } = workload;
  return [
    {
      ...PLAIN,
      from: { kind: 'nodes' },
      to: { kind: 'workload', namespace, name },
      fromName: 'nodes',
      toName: workloadKey(namespace, name),
      ports: health.length > 0 ? health : workload.ports,
      origin: 'implied',
      reasons: [{ reason: 'kubelet probes', by }],
    },
  ];
}
