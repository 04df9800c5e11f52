/**
 * Flows that nobody declares because the cluster itself needs them: what the profile says must be
 * opened once pods are isolated.
 */
import type { ProfileData } from '../cluster/profile-data';
import type { FlowData, WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import { PortPurpose } from '../values/port';

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
      from: { kind: 'nodes' },
      to: { kind: 'workload', namespace, name },
      fromName: 'nodes',
      toName: workloadKey(namespace, name),
      ports: health.length > 0 ? health : workload.ports,
      http: [],
      origin: 'implied',
      reasons: [{ reason: 'kubelet probes', by }],
      withoutMesh: false,
      withoutFqdn: false,
    },
  ];
}
