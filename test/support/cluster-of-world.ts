/**
 * Worlds of the naive evaluators as what the reader hands to the engine, without the reader: what the
 * engine makes of facts is asked here, and what the reader makes of text elsewhere.
 */
import type {
  Cluster,
  ClusterFacts,
  NetworkPolicyFacts,
  PodFacts,
  PolicyPeer,
  PolicyPort,
  PolicyRule,
  WorkloadFacts,
} from '../../src/read/cluster';
import type { Resource } from '../../src/read/resource';
import { Protocol } from '../../src/values/port';
import type { SelectorData } from '../../src/values/selector';
import type { NetworkPolicy, Peer, Pod, Rule, Selector, World } from '../naive/world';

/** Facts of no cluster in particular. */
export const NO_FACTS: ClusterFacts = {
  name: 'generic',
  cni: { name: 'generic' },
  dns: { pods: [], port: 53, addresses: [] },
  apiServer: { addresses: [], ports: [] },
  metadataAddresses: ['169.254.169.254/32'],
  gateways: [],
  mesh: { trustDomain: 'cluster.local', rootNamespace: 'istio-system' },
};

/** A cluster of nothing but what is given. */
export function clusterWith(parts: Partial<Cluster>): Cluster {
  return {
    namespaces: [],
    workloads: [],
    nodes: [],
    services: [],
    networkPolicies: [],
    clusterNetworkPolicies: [],
    authorizationPolicies: [],
    peerAuthentications: [],
    requestAuthentications: [],
    istioNetworking: [],
    others: [],
    declared: { flows: [], waivers: [], replaced: [] },
    profile: NO_FACTS,
    notAnalyzed: [],
    ...parts,
  };
}

export function clusterOfWorld({ namespaces, pods, policies }: World): Cluster {
  return clusterWith({
    namespaces: Object.entries(namespaces).map(([name, { labels }]) => ({
      name,
      labels: { ...labels, 'kubernetes.io/metadata.name': name },
      labelsKnown: true,
      annotations: {},
    })),
    workloads: pods.map(workloadOf),
    networkPolicies: policies.map(policyOf),
  });
}

export function workloadOf(pod: Pod): WorkloadFacts {
  const { namespace, name } = pod;
  return { id: `${namespace}/Pod/${name}`, namespace, kind: 'Pod', name, pods: [podFacts(pod)] };
}

function podFacts(pod: Pod): PodFacts {
  const addresses = pod.ips ?? [pod.ip ?? ''].filter(Boolean);
  return {
    labels: pod.labels ?? {},
    annotations: {},
    serviceAccount: 'default',
    hostNetwork: pod.hostNetwork === true,
    ports: (pod.ports ?? []).map(({ name, containerPort, protocol }) => ({
      ...(name === undefined || name === '' ? {} : { name }),
      port: containerPort,
      protocol: protocolOf(protocol),
    })),
    portsKnown: true,
    addresses: pod.hostNetwork ? [] : addresses,
    nodeAddresses: pod.hostNetwork ? addresses : [pod.hostIP ?? ''].filter(Boolean),
    containers: [],
  };
}

export function resourceNamed(kind: string, name: string, namespace?: string): Resource {
  const at = { file: `${kind}.yaml`, line: 1, column: 1 };
  return {
    ...{
      apiVersion: 'v1',
      kind,
      name,
      object: {},
      file: at.file,
      line: 1,
      locate: () => at,
      unclear: [],
    },
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function policyOf({ metadata, spec }: NetworkPolicy): NetworkPolicyFacts {
  const { name, namespace = 'default' } = metadata;
  const types = spec.policyTypes?.length
    ? spec.policyTypes
    : ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])];
  return {
    ...{ namespace, name, pods: selectorOf(spec.podSelector), unclear: [] },
    ...(types.includes('Ingress')
      ? { ingress: (spec.ingress ?? []).map((it) => ruleOf(it, it.from)) }
      : {}),
    ...(types.includes('Egress')
      ? { egress: (spec.egress ?? []).map((it) => ruleOf(it, it.to)) }
      : {}),
    resource: resourceNamed('NetworkPolicy', name, namespace),
  };
}

function ruleOf({ ports }: Rule, peers: Rule['from']): PolicyRule {
  return {
    ...(peers?.length ? { peers: peers.map(peerOf) } : {}),
    ...(ports?.length
      ? {
          ports: ports.map(({ protocol, port, endPort }): PolicyPort => ({
            protocol: protocolOf(protocol),
            ...(typeof port === 'number' ? { range: [port, endPort ?? port] } : {}),
            ...(typeof port === 'string' ? { name: port } : {}),
          })),
        }
      : {}),
    path: [],
  };
}

function peerOf({ ipBlock, namespaceSelector, podSelector }: Peer): PolicyPeer {
  if (ipBlock) return { kind: 'block', cidr: ipBlock.cidr, except: ipBlock.except ?? [] };
  return {
    kind: 'pods',
    ...(namespaceSelector ? { namespaces: selectorOf(namespaceSelector) } : {}),
    pods: selectorOf(podSelector),
  };
}

export function selectorOf(selector: Selector | null | undefined): SelectorData {
  return {
    matchLabels: selector?.matchLabels ?? {},
    matchExpressions: (selector?.matchExpressions ?? []).map(({ key, operator, values }) => ({
      key,
      operator: operator as 'In',
      values: values ?? [],
    })),
  };
}

export function protocolOf(protocol: string | null | undefined): Protocol {
  return protocol === 'UDP' ? Protocol.UDP : protocol === 'SCTP' ? Protocol.SCTP : Protocol.TCP;
}
