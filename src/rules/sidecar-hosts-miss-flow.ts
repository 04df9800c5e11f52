/** MLN306: destinations that network policy opens and the caller's Sidecar does not know. */
import type { IstioFacts } from '../read/cluster';
import { objectsAt, textsAt } from '../read/json';
import { Protocol } from '../values/port';
import { egressOf, knowsService } from '../engine/istio/egress';
import type { EgressView } from '../engine/istio/egress';
import { effectiveMtls } from '../engine/istio/peer-authentication';
import type { Way } from '../engine/mesh/http-ports';
import { Ways } from '../engine/mesh/http-ports';
import type { World } from '../engine/world';
import { about, everyPlace, fewOf, grouped, nameAt } from './about';
import type { Found, Rule } from './rule';

export const sidecarHostsMissFlow: Rule = {
  code: 'MLN306',
  name: 'sidecar-hosts-miss-flow',
  severity: 'warning',
  summary: 'a Sidecar does not list a destination that network policy opens for its pods',
  why:
    'A proxy does not know what its Sidecar does not list. With REGISTRY_ONLY it refuses the call; ' +
    'else it sends plain text, which a callee under STRICT resets.',
  whenNot: 'The pods are never to call it: narrow the network policy.',
  sources: ['istio/istio#33387'],
  examples: {
    bad: { yaml: example('./bert.ml-training.svc.cluster.local') },
    good: { yaml: example('mlflow/*') },
  },
  check: (world) => {
    const places = everyPlace(world);
    const ways = new Ways(world.cluster.services);
    const targets = places.flatMap((place): Target[] => {
      const own = world.classes[place];
      const all = own === undefined ? [] : ways.to(own);
      return all.length === 0 ? [] : [{ place, ways: all }];
    });
    const missed = places.flatMap((from) => missedBy(world, from, targets));
    const keyOf = ({ sidecar }: Missed): string => `${sidecar.namespace}/${sidecar.name}`;
    return [...grouped(missed, keyOf).values()].flatMap((group): Found[] => {
      const [first] = group;
      if (first === undefined) return [];
      const hosts = [...new Set(group.map(({ host }) => host))].sort();
      return [
        {
          ...about(first.sidecar.resource, ['spec', 'egress']),
          message: 'the Sidecar does not list what network policy opens for its pods',
          got: `${fewOf(hosts)} missing, for ${fewOf([...new Set(group.map(({ from }) => nameAt(world, from)))])}`,
          expected: 'every Service that these pods may call',
          fix: `spec.egress[0].hosts: add ${hosts.map((host) => `'${host}'`).join(', ')}`,
        },
      ];
    });
  },
};

function example(host: string): string {
  const pod = (namespace: string, name: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec: { containers: [{ name: main, image: ${name} }] }
---`;
  return `
apiVersion: v1
kind: Namespace
metadata: { name: ml-training, labels: { istio-injection: enabled } }
---${pod('ml-training', 'bert')}${pod('mlflow', 'mlflow')}
apiVersion: v1
kind: Service
metadata: { name: mlflow, namespace: mlflow }
spec: { selector: { app: mlflow }, ports: [{ port: 5000 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: bert, namespace: ml-training }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: mlflow } } }], ports: [{ port: 5000 }] }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: ml-training }
spec:
  outboundTrafficPolicy: { mode: REGISTRY_ONLY }
  egress: [{ hosts: ['${host}'] }]
`;
}

interface Missed {
  readonly from: number;
  readonly sidecar: IstioFacts;
  /** As a Sidecar lists it. */
  readonly host: string;
}

interface Target {
  readonly place: number;
  readonly ways: readonly Way[];
}

function missedBy(world: World, from: number, targets: readonly Target[]): Missed[] {
  const own = world.classes[from];
  if (own === undefined || world.proxyAt(from) !== 'sidecar') return [];
  // who is not isolated may call anybody, and means few
  if (!world.isIsolated(from, 'egress')) return [];
  const caller = { namespace: own.workload.namespace, labels: own.pods.labels };
  const { istioNetworking, profile } = world.cluster;
  const view = egressOf(istioNetworking, caller, profile.mesh.rootNamespace);
  const { sidecar } = view;
  if (sidecar === undefined || view.missing.length > 0) return [];
  const domain = domainOf(sidecar);
  return targets.flatMap(({ place, ways }): Missed[] => {
    if (place === from) return [];
    const names = ways.map(({ service: { namespace, name } }) => ({
      namespace,
      host: `${name}.${namespace}.svc.${domain}`,
    }));
    if (names.some(({ namespace, host }) => knowsService(view, namespace, host))) return [];
    const [first] = names;
    if (first === undefined || !isOpen(world, from, { place, ways })) return [];
    if (!isRefused(world, view, { place, ways })) return [];
    return [{ from, sidecar, host: `${first.namespace}/${first.host}` }];
  });
}

function isOpen(world: World, from: number, { place, ways }: Target): boolean {
  const verdict = world.reach.network.between({ place: from }, { place });
  return ways.some(
    ({ port, target }) =>
      port.protocol === Protocol.TCP && world.word(verdict, Protocol.TCP, target) === 'ALLOWED',
  );
}

/** Whether the call fails: the proxy refuses it, or the callee resets plain text. */
function isRefused(world: World, view: EgressView, { place, ways }: Target): boolean {
  if (view.isLimited) return true;
  const point = world.pointOf(place);
  if (point === undefined) return false;
  return ways.every(({ target }) => {
    const { modes } = effectiveMtls(world.cluster.peerAuthentications, point, target);
    return modes.length === 1 && modes[0] === 'STRICT';
  });
}

/** The cluster's domain, as the Sidecar itself has it. */
function domainOf({ spec }: IstioFacts): string {
  const hosts = objectsAt(spec, 'egress').flatMap((listener) => textsAt(listener, 'hosts'));
  const [domain] = hosts.flatMap((host) => /\.svc\.(.+)$/.exec(host)?.[1] ?? []);
  return domain ?? 'cluster.local';
}
