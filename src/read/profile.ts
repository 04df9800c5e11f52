/**
 * The cluster's facts that no manifest shows, out of a traffic model's profile record or the same
 * fields in a file of `--profile`. What is not stated stays unknown; conventions stand in only where
 * nearly every cluster keeps them.
 */
import type { IdentityData } from '../values/peer';
import type { ClusterFacts, PodGroup } from './cluster';
import { flagAt, labelsAt, listAt, numberAt, objectAt, objectsAt, textAt, textsAt } from './json';
import type { JsonObject } from './resource';

/** The cluster's facts out of a profile record; what is missing is what no manifest says either. */
export function profileOf(record: JsonObject): ClusterFacts {
  const [cni, dns, api] = [
    objectAt(record, 'cni'),
    objectAt(record, 'dns'),
    objectAt(record, 'apiServer'),
  ];
  const mesh = objectAt(record, 'mesh');
  const mode = MODES.find((known) => known === textAt(mesh, 'mode'));
  const gateway = group(record, 'gateway');
  const controllers = objectsAt(record, 'ingressControllers').map(groupOf);
  return {
    name: textAt(record, 'name') ?? UNKNOWN_CLUSTER.name,
    cni: {
      name: textAt(cni, 'name') ?? UNKNOWN_CLUSTER.cni.name,
      ...flag(cni, 'enforces'),
      ...flag(cni, 'ipBlockMatchesPods'),
      ...flag(cni, 'ipBlockMatchesNodes'),
      ...flag(cni, 'nodeTrafficImplicit'),
    },
    dns: {
      pods: objectsAt(dns, 'pods').map(groupOf),
      port: numberAt(dns, 'port') ?? UNKNOWN_CLUSTER.dns.port,
      addresses: textsAt(dns, 'addresses'),
      ...address(dns),
    },
    apiServer: {
      addresses: textsAt(api, 'addresses'),
      ports: numbersAt(api, 'ports'),
      ...address(api),
      ...named('webhookCallers', group(api, 'webhookCallers')),
    },
    ...ranges(record, 'podRanges'),
    ...ranges(record, 'serviceRanges'),
    ...ranges(record, 'nodeRanges'),
    metadataAddresses: textsAt(record, 'metadataAddresses'),
    gateways: [...(gateway ? [gateway] : []), ...controllers],
    ...named('monitoring', group(record, 'monitoring')),
    mesh: {
      ...(mode && { mode }),
      trustDomain: textAt(mesh, 'trustDomain') ?? UNKNOWN_CLUSTER.mesh.trustDomain,
      rootNamespace: textAt(mesh, 'rootNamespace') ?? UNKNOWN_CLUSTER.mesh.rootNamespace,
    },
  };
}

const MODES = ['none', 'sidecar', 'ambient'] as const;

/** What holds of nearly every cluster, where no profile was read: conventions, no addresses. */
export const UNKNOWN_CLUSTER: ClusterFacts = {
  name: 'unknown',
  cni: { name: 'unknown' },
  dns: {
    pods: [{ namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }],
    port: 53,
    addresses: [],
  },
  apiServer: { addresses: [], ports: [443, 6443] },
  metadataAddresses: ['169.254.169.254/32'],
  gateways: [],
  // Istio's own defaults
  mesh: { trustDomain: 'cluster.local', rootNamespace: 'istio-system' },
};

function groupOf(one: JsonObject): PodGroup {
  const [serviceAccount, inMesh] = [textAt(one, 'serviceAccount'), flagAt(one, 'inMesh')];
  return {
    namespace: textAt(one, 'namespace') ?? '',
    labels: labelsAt(one, 'labels'),
    ...(serviceAccount !== undefined && { serviceAccount }),
    ...(inMesh !== undefined && { inMesh }),
  };
}

function group(record: JsonObject, key: string): PodGroup | undefined {
  const one = objectAt(record, key);
  return textAt(one, 'namespace') === undefined ? undefined : groupOf(one);
}

function named<K extends string>(
  key: K,
  value: PodGroup | undefined,
): Partial<Record<K, PodGroup>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, PodGroup>);
}

function flag<K extends string>(object: JsonObject, key: K): Partial<Record<K, boolean>> {
  const value = flagAt(object, key);
  return value === undefined ? {} : ({ [key]: value } as Record<K, boolean>);
}

function ranges<K extends string>(
  record: JsonObject,
  key: K,
): Partial<Record<K, readonly string[]>> {
  const value = textsAt(record, key);
  return value.length === 0 ? {} : ({ [key]: value } as Record<K, readonly string[]>);
}

function address(object: JsonObject): { readonly clusterAddress?: string } {
  const clusterAddress = textAt(object, 'clusterIp');
  return clusterAddress === undefined ? {} : { clusterAddress };
}

function numbersAt(object: JsonObject, key: string): readonly number[] {
  return listAt(object, key).filter((one) => typeof one === 'number');
}

/** Who a flow's end is, where it is known by identity. */
export function identityOf(peer: JsonObject): IdentityData | undefined {
  if (textAt(peer, 'kind') !== 'identity') return undefined;
  const identity = objectAt(peer, 'identity');
  // the format's schema gives it the shape of values/identity.ts
  return textAt(identity, 'kind') === undefined ? undefined : (identity as unknown as IdentityData);
}
