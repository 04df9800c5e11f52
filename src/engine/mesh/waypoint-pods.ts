/**
 * Istio runs a waypoint for every Gateway of its class: pods that no manifest shows, with labels and
 * an account that follow from the Gateway's name.
 *
 * Source: istio/istio:manifests/charts/istio-control/istio-discovery/files/waypoint.yaml
 */
import type { Cluster, WorkloadFacts } from '../../read/cluster';
import type { Resource } from '../../read/resource';
import { objectOf, textOf } from '../istio/spec';
import { WAYPOINT_OF } from './participation';

/** The cluster with the pods of its waypoints. */
export function withWaypoints(cluster: Cluster): Cluster {
  const known = new Set(
    cluster.workloads.flatMap(({ namespace, pods }) =>
      pods.map(({ labels }) => `${namespace}/${labels[WAYPOINT_OF] ?? ''}`),
    ),
  );
  const missing = cluster.others.filter(
    (one) => isWaypoint(one) && !known.has(`${one.namespace ?? 'default'}/${one.name}`),
  );
  if (missing.length === 0) return cluster;
  return { ...cluster, workloads: [...cluster.workloads, ...missing.map(podsOf)] };
}

function isWaypoint({ apiVersion, kind, object }: Resource): boolean {
  return (
    kind === 'Gateway' &&
    apiVersion.startsWith('gateway.networking.k8s.io/') &&
    textOf(objectOf(object['spec'])['gatewayClassName']) === 'istio-waypoint'
  );
}

function podsOf(resource: Resource): WorkloadFacts {
  const { name, namespace = 'default' } = resource;
  const labels = {
    [WAYPOINT_OF]: name,
    'gateway.networking.k8s.io/gateway-class-name': 'istio-waypoint',
    'gateway.istio.io/managed': 'istio.io-mesh-controller',
    'istio.io/dataplane-mode': 'none',
  };
  const pods = {
    ...{ labels, annotations: {}, serviceAccount: name, hostNetwork: false, ports: [] },
    ...{ portsKnown: false, addresses: [], nodeAddresses: [], containers: [], inMesh: true },
  };
  return {
    id: `${namespace}/Gateway/${name}`,
    namespace,
    kind: 'Gateway',
    name,
    pods: [pods],
    resource,
  };
}
