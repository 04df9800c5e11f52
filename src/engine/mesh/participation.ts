/**
 * Who takes part in the mesh? A traffic model says so; else the labels by which Istio's webhook and
 * its node agent choose pods, as far as they are known.
 *
 * Source: istio/istio:pkg/kube/inject/inject.go (injectRequired), istio/istio:cni/pkg/util/podutil.go
 */
import type { Cluster, NamespaceFacts, PodFacts } from '../../read/cluster';
import type { Pods } from '../pods';

/** How the pods of a class are joined to the mesh. */
export type Proxy = 'sidecar' | 'ambient' | 'none' | 'unknown';

const INJECT = 'sidecar.istio.io/inject';
const DATAPLANE = 'istio.io/dataplane-mode';
/** Istio puts it on the pods of a waypoint. */
export const WAYPOINT_OF = 'gateway.networking.k8s.io/gateway-name';

/** By place. */
export function proxiesOf(cluster: Cluster, { classes, namespaces }: Pods): readonly Proxy[] {
  const { mode } = cluster.profile.mesh;
  if (mode === 'none')
    return classes.map(({ pods }) => (pods.inMesh === true ? 'unknown' : 'none'));
  const present = mode !== undefined || showsMesh(cluster);
  return classes.map(({ pods, namespace }) => {
    if (!present && pods.inMesh !== true) return 'none';
    const home = namespaces[namespace];
    return proxyOf(pods, home, mode);
  });
}

/** Whether anything in the input needs a mesh to make sense. */
function showsMesh({ namespaces, workloads, ...policies }: Cluster): boolean {
  return (
    policies.authorizationPolicies.length > 0 ||
    policies.peerAuthentications.length > 0 ||
    policies.requestAuthentications.length > 0 ||
    namespaces.some(({ labels }) => asksForMesh(labels)) ||
    workloads.some(({ pods }) => pods.some(({ labels }) => asksForMesh(labels)))
  );
}

function asksForMesh(labels: Readonly<Record<string, string>>): boolean {
  return (
    labels['istio-injection'] === 'enabled' ||
    labels[INJECT] === 'true' ||
    labels['istio.io/rev'] !== undefined ||
    labels[DATAPLANE] === 'ambient'
  );
}

function proxyOf(
  pods: PodFacts,
  home: NamespaceFacts | undefined,
  mode: 'sidecar' | 'ambient' | undefined,
): Proxy {
  if (pods.inMesh !== undefined) {
    if (!pods.inMesh) return 'none';
    return mode ?? (home?.labels[DATAPLANE] === 'ambient' ? 'ambient' : 'sidecar');
  }
  if (pods.containers.some(({ name }) => name === 'istio-proxy')) return 'sidecar';
  // pods of the host's network are never joined
  if (pods.hostNetwork) return 'none';
  const injected = isInjected(pods, home);
  if (injected === true) return 'sidecar';
  const redirected = isRedirected(pods, home);
  if (redirected === true) return 'ambient';
  if (injected === undefined && mode !== 'ambient') return 'unknown';
  return redirected === undefined && mode !== 'sidecar' ? 'unknown' : 'none';
}

/** No wins over yes; the namespace and the pod may both say either. */
function isInjected(pods: PodFacts, home: NamespaceFacts | undefined): boolean | undefined {
  const own = pods.labels[INJECT] ?? pods.annotations[INJECT];
  const ofNamespace = home?.labels['istio-injection'];
  if (own === 'false' || ofNamespace === 'disabled') return false;
  if (own === 'true' || ofNamespace === 'enabled') return true;
  if (home?.labels['istio.io/rev'] !== undefined || pods.labels['istio.io/rev'] !== undefined) {
    return true;
  }
  return home?.labelsKnown === true ? false : undefined;
}

function isRedirected(pods: PodFacts, home: NamespaceFacts | undefined): boolean | undefined {
  const said = pods.labels[DATAPLANE] ?? home?.labels[DATAPLANE];
  if (said !== undefined) return said === 'ambient';
  return home?.labelsKnown === true ? false : undefined;
}
