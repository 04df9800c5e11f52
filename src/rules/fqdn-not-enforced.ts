/** MLN223: connections to names that are opened as the whole internet. */
import type { IstioFacts, NetworkPolicyFacts } from '../read/cluster';
import { listAt, numberAt, objectAt, objectsAt, textAt } from '../read/json';
import { Protocol } from '../values/port';
import { egressOf } from '../engine/istio/egress';
import type { World } from '../engine/world';
import { about, everyPlace, fewOf, namesOf } from './about';
import type { Found, Rule } from './rule';

const WAIVERS = 'cdk8s-ml-netpol/waivers';

/** Two that no network shares: whoever reaches both reaches the internet. */
const PUBLIC = ['1.1.1.1', '9.9.9.9'];

export const fqdnNotEnforced: Rule = {
  code: 'MLN223',
  name: 'fqdn-not-enforced',
  severity: 'warning',
  summary: 'a connection to a name is opened as the whole internet',
  why:
    'NetworkPolicy knows addresses, and those of hubs and stores change. Where nothing else looks at ' +
    'names, a rule for one host is a way to all of them, for data as well. A ServiceEntry makes a ' +
    'host known to the mesh and limits nothing by itself.',
  whenNot: 'It is accepted: acknowledge it, with a date.',
  sources: ['istio/istio#15329', 'kubernetes-sigs/network-policy-api#133'],
  examples: {
    bad: { yaml: example('') },
    good: {
      yaml: example(`---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: ml-training }
spec: { outboundTrafficPolicy: { mode: REGISTRY_ONLY }, egress: [{ hosts: ['./*'] }] }
`),
    },
  },
  check: (world) => [
    ...world.cluster.networkPolicies.flatMap(waived),
    ...world.cluster.istioNetworking.flatMap((entry) => unlimited(world, entry)),
  ],
};

function example(sidecar: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: ml-training, labels: { istio-injection: enabled } }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: hugging-face, namespace: ml-training }
spec:
  hosts: [huggingface.co]
  location: MESH_EXTERNAL
  resolution: DNS
  exportTo: ['.']
  ports: [{ number: 443, name: tls, protocol: TLS }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: internet, namespace: ml-training }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{ to: [{ ipBlock: { cidr: 0.0.0.0/0 } }], ports: [{ port: 443 }] }]
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
${sidecar}`;
}

/** What the writing side says of a policy: which names it could not write. */
function waived({ resource }: NetworkPolicyFacts): Found[] {
  const text = textAt(objectAt(resource.object, 'metadata', 'annotations'), WAIVERS);
  return (text ?? '').split('\n').flatMap((line): Found[] => {
    const known = /^names are (not enforced|enforced at the proxy only): (.*)$/.exec(line);
    if (known === null) return [];
    const atProxy = known[1] !== 'not enforced';
    return [
      {
        ...about(resource, ['metadata', 'annotations', WAIVERS]),
        // a proxy that limits its own pod is no boundary, but more than nothing
        ...(atProxy && { severity: 'info' as const }),
        message: atProxy
          ? 'names are held by the pods’ own proxy alone, and network policy opens the internet'
          : 'names are written as the whole internet',
        got: known[2] ?? '',
        expected:
          'a CNI that enforces names, an egress gateway, or an ipBlock of the hosts’ addresses',
        fix: 'ClusterProfile.generic({ cni: Cni.CILIUM })',
      },
    ];
  });
}

/** A ServiceEntry for hosts outside, and pods that the internet is open to all the same. */
function unlimited(world: World, entry: IstioFacts): Found[] {
  if (entry.kind !== 'ServiceEntry' || entry.unclear.length > 0) return [];
  if (textAt(entry.spec, 'location') === 'MESH_INTERNAL') return [];
  const ports = objectsAt(entry.spec, 'ports').flatMap((one) => numberAt(one, 'number') ?? []);
  const places = everyPlace(world).filter((place) => isUnlimited(world, place, entry, ports));
  if (places.length === 0) return [];
  const hosts = listAt(entry.spec, 'hosts').filter((one) => typeof one === 'string');
  return [
    {
      ...about(entry.resource, ['spec', 'hosts']),
      message: 'pods that know these hosts reach the whole internet on their ports',
      got: `${fewOf(hosts)}, and 0.0.0.0/0 for ${namesOf(world, places)}`,
      expected:
        'a Sidecar with REGISTRY_ONLY; as a boundary, network policy to an egress gateway alone',
      fix: `{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default, namespace: ${entry.resource.namespace ?? 'default'}}, spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}`,
    },
  ];
}

function isUnlimited(
  world: World,
  place: number,
  entry: IstioFacts,
  ports: readonly number[],
): boolean {
  const own = world.classes[place];
  if (own === undefined || world.proxyAt(place) !== 'sidecar') return false;
  // who is not isolated was never meant to be held
  if (!world.isIsolated(place, 'egress')) return false;
  const caller = { namespace: own.workload.namespace, labels: own.pods.labels };
  const { rootNamespace } = world.cluster.profile.mesh;
  const view = egressOf(world.cluster.istioNetworking, caller, rootNamespace);
  if (view.isLimited || view.missing.length > 0) return false;
  if (!view.entries.some(({ policy }) => policy === entry)) return false;
  return ports.some((port) =>
    PUBLIC.every((address) => {
      const verdict = world.ofAddress(place, 'egress', address);
      return verdict !== undefined && world.word(verdict, Protocol.TCP, port) === 'ALLOWED';
    }),
  );
}
