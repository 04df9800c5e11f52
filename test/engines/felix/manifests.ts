/** A world as the objects that say so to an API server, and to our reader. */

import type { NetworkPolicy, Pod, World } from '../../naive/world';
import type { Manifest } from '../apiserver/api-client';
import { NODE_NAME } from './calico-felix';

/** Namespaces, pods, policies. */
export function manifestsOf({ namespaces, pods, policies }: World): Manifest[] {
  return [
    ...Object.entries(namespaces).map(([name, { labels }]) =>
      namespaceManifest(name, labels ?? {}),
    ),
    ...pods.map(podManifest),
    ...policies.map(policyManifest),
  ];
}

function namespaceManifest(name: string, labels: Readonly<Record<string, string>>): Manifest {
  const all = { ...labels, 'kubernetes.io/metadata.name': name };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: all } };
}

function podManifest({ namespace, name, labels, ports = [], ip, ips }: Pod): Manifest {
  const podIPs = (ips ?? [ip ?? ''].filter(Boolean)).map((one) => ({ ip: one }));
  // a container a port: within one container, no two ports may have the same name
  const containers = [undefined, ...ports].map((port, index) => ({
    name: `c${String(index)}`,
    image: 'none',
    ports: port === undefined ? [] : [{ protocol: 'TCP', ...port }],
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: labels ?? {} },
    spec: { nodeName: NODE_NAME, terminationGracePeriodSeconds: 0, containers },
    status: { phase: 'Running', podIP: podIPs[0]?.ip, podIPs },
  };
}

function policyManifest({ metadata: { name, namespace }, spec }: NetworkPolicy): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec,
  };
}
