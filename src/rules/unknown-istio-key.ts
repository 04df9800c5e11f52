/** MLN503: labels and annotations that are nearly Istio's. */
import { isObject } from '../read/json';
import type { FieldPath, Json, Resource } from '../read/resource';
import { nearMiss } from '../values/near-miss';
import type { World } from '../engine/world';
import { about } from './about';
import type { Found, Rule } from './rule';

/** Source: istio/api:label/labels.yaml and annotation/annotations.yaml */
const KNOWN = [
  ...['istio-injection', 'istio.io/rev', 'istio.io/tag', 'istio.io/dataplane-mode'],
  ...['istio.io/use-waypoint', 'istio.io/use-waypoint-namespace', 'istio.io/waypoint-for'],
  ...['istio.io/ingress-use-waypoint', 'istio.io/dry-run', 'istio.io/config'],
  ...['istio.io/global', 'istio.io/autoRegistrationGroup', 'istio.io/workloadController'],
  ...['istio.io/connectedAt', 'istio.io/disconnectedAt', 'istio.io/for-service-account'],
  ...['istio.io/reroute-virtual-interfaces'],
  ...['ambient.istio.io/redirection', 'ambient.istio.io/bypass-inbound-capture'],
  ...['ambient.istio.io/dns-capture'],
  ...['topology.istio.io/network', 'topology.istio.io/cluster', 'topology.istio.io/subzone'],
  ...['topology.istio.io/controlPlaneClusters', 'networking.istio.io/exportTo'],
  ...['networking.istio.io/traffic-distribution', 'networking.istio.io/address-type'],
  ...['networking.istio.io/gatewayPort', 'networking.istio.io/service-type'],
  ...['networking.istio.io/tunnel'],
  ...['service.istio.io/canonical-name', 'service.istio.io/canonical-revision'],
  ...['service.istio.io/workload-name', 'security.istio.io/tlsMode', 'gateway.istio.io/managed'],
  ...['gateway.istio.io/controller-version', 'gateway.istio.io/name-override'],
  ...['gateway.istio.io/service-account'],
  ...['gateway.networking.k8s.io/gateway-name', 'gateway.networking.k8s.io/gateway-class-name'],
  ...['inject.istio.io/templates', 'proxy.istio.io/config', 'proxy.istio.io/overrides'],
  ...['prometheus.istio.io/merge-metrics', 'readiness.status.sidecar.istio.io/applicationPorts'],
  ...['readiness.status.sidecar.istio.io/failureThreshold', 'status.sidecar.istio.io/port'],
  ...['readiness.status.sidecar.istio.io/initialDelaySeconds'],
  ...['readiness.status.sidecar.istio.io/periodSeconds'],
  ...['sidecar.istio.io/inject', 'sidecar.istio.io/nativeSidecar', 'sidecar.istio.io/status'],
  ...['sidecar.istio.io/interceptionMode', 'sidecar.istio.io/bootstrapOverride'],
  ...['sidecar.istio.io/rewriteAppHTTPProbers', 'sidecar.istio.io/proxyImage'],
  ...['sidecar.istio.io/proxyImageType', 'sidecar.istio.io/proxyCPU', 'sidecar.istio.io/logLevel'],
  ...[
    'sidecar.istio.io/proxyCPULimit',
    'sidecar.istio.io/proxyMemory',
    'sidecar.istio.io/agentLogLevel',
  ],
  ...['sidecar.istio.io/proxyMemoryLimit', 'sidecar.istio.io/componentLogLevel'],
  ...['sidecar.istio.io/discoveryAddress', 'sidecar.istio.io/enableCoreDump'],
  ...[
    'sidecar.istio.io/userVolume',
    'sidecar.istio.io/userVolumeMount',
    'sidecar.istio.io/extraStatTags',
  ],
  ...['sidecar.istio.io/statsInclusionPrefixes', 'sidecar.istio.io/statsInclusionRegexps'],
  ...['sidecar.istio.io/statsInclusionSuffixes', 'sidecar.istio.io/statsHistogramBuckets'],
  ...['sidecar.istio.io/statsCompression', 'sidecar.istio.io/controlPlaneAuthPolicy'],
  ...[
    'traffic.sidecar.istio.io/includeInboundPorts',
    'traffic.sidecar.istio.io/excludeInboundPorts',
  ],
  ...[
    'traffic.sidecar.istio.io/includeOutboundPorts',
    'traffic.sidecar.istio.io/excludeOutboundPorts',
  ],
  ...[
    'traffic.sidecar.istio.io/includeOutboundIPRanges',
    'traffic.sidecar.istio.io/excludeInterfaces',
  ],
  ...[
    'traffic.sidecar.istio.io/excludeOutboundIPRanges',
    'traffic.sidecar.istio.io/kubevirtInterfaces',
  ],
];

export const unknownIstioKey: Rule = {
  code: 'MLN503',
  name: 'unknown-istio-key',
  severity: 'error',
  summary: 'a label or annotation is nearly one of Istio’s, and means nothing',
  why:
    'Istio reads the keys that it knows and passes over the others without a word. A pod with ' +
    '`sidecar.istio.io/injected` gets no sidecar, or gets one that it was to be spared.',
  whenNot: 'The key is somebody else’s. Acknowledge it on the object.',
  sources: ['istio/api:annotation/annotations.yaml', 'istio/api:label/labels.yaml'],
  examples: {
    bad: { yaml: example('istio-injecton') },
    good: { yaml: example('istio-injection') },
  },
  check: (world) =>
    [...objectsOf(world)].flatMap((resource) =>
      keysOf(resource.object, []).flatMap(({ key, path }): Found[] => {
        const meant = meantBy(key);
        if (meant === undefined) return [];
        return [
          {
            ...about(resource, path),
            message: 'Istio does not know this key and passes over it',
            got: key,
            expected: meant,
            fix: `${path.slice(0, -1).join('.')}: ${meant}`,
          },
        ];
      }),
    ),
};

function example(key: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: ml-training, labels: { ${key}: enabled } }
`;
}

/** The key that was probably meant; dots and slashes are mixed up most. */
function meantBy(key: string): string | undefined {
  if (!/isti/i.test(key) || KNOWN.includes(key)) return undefined;
  return nearMiss(key, KNOWN);
}

function objectsOf({ cluster }: World): ReadonlySet<Resource> {
  const found = new Set<Resource>(cluster.others);
  const lists: readonly (readonly { readonly resource?: Resource }[])[] = [
    ...[cluster.namespaces, cluster.workloads, cluster.services, cluster.networkPolicies],
    ...[cluster.authorizationPolicies, cluster.peerAuthentications],
    ...[cluster.requestAuthentications, cluster.istioNetworking],
  ];
  for (const { resource } of lists.flat()) if (resource !== undefined) found.add(resource);
  return found;
}

/** Keys of labels and annotations of every `metadata` in an object: its own and its templates'. */
function keysOf(
  value: Json,
  path: FieldPath,
): { readonly key: string; readonly path: FieldPath }[] {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((item, index) => keysOf(item, [...path, index]));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = [...path, name];
    if (name !== 'metadata' || !isObject(inner)) return keysOf(inner, at);
    return ['labels', 'annotations'].flatMap((kind) => {
      const map = Object.hasOwn(inner, kind) ? inner[kind] : undefined;
      const keys = isObject(map) ? Object.keys(map) : [];
      return keys.map((key) => ({ key, path: [...at, kind, key] }));
    });
  });
}
