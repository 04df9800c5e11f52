/** MLN302: callers outside the mesh that network policy admits and STRICT mTLS refuses. */
import { Protocol } from '../values/port';
import { isCaptured } from '../engine/istio/allowed';
import { effectiveMtls } from '../engine/istio/peer-authentication';
import type { IstioFacts } from '../read/cluster';
import type { World } from '../engine/world';
import { evidenceOf } from '../engine/evidence';
import { about, everyPlace, grouped, namesOf } from './about';
import type { Found, Rule } from './rule';

export const strictBlocksOutOfMesh: Rule = {
  code: 'MLN302',
  name: 'strict-blocks-out-of-mesh',
  severity: 'error',
  summary: 'a caller outside the mesh is admitted by network policy and refused by mutual TLS',
  why:
    'Under STRICT the proxy resets whatever brings no certificate. The policy says that the caller ' +
    'may call; it cannot.',
  whenNot:
    'The caller is being moved into the mesh. Acknowledge it on the PeerAuthentication, with a date.',
  sources: ['kubeflow/pipelines#12015', 'kubeflow/mpi-operator#480'],
  examples: { bad: { yaml: example('false') }, good: { yaml: example('true') } },
  check: (world) => {
    const places = everyPlace(world);
    const outside = places.filter(
      (place) =>
        world.proxyAt(place) === 'none' && world.classes[place]?.pods.hostNetwork === false,
    );
    const all = places.flatMap((place) => refused(world, place, outside));
    return [...grouped(all, ({ policy }) => `${policy.namespace}/${policy.name}`).values()].flatMap(
      (group): Found[] => {
        const [first] = group;
        return first === undefined ? [] : [finding(world, first, group)];
      },
    );
  },
};

function example(inject: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: mlflow, labels: { istio-injection: enabled } }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: mlflow }
spec: { mtls: { mode: STRICT } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: mlflow, namespace: mlflow }
spec:
  podSelector: { matchLabels: { app: mlflow } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: bert } } }]
      ports: [{ port: 5000 }]
---
apiVersion: v1
kind: Pod
metadata: { name: mlflow, namespace: mlflow, labels: { app: mlflow } }
spec: { containers: [{ name: main, image: mlflow, ports: [{ containerPort: 5000 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: mlflow, labels: { app: bert, sidecar.istio.io/inject: "${inject}" } }
spec: { containers: [{ name: main, image: bert }] }
`;
}

/** A port of some pods that takes certificates only, and callers that have none. */
interface Refused {
  readonly policy: IstioFacts;
  readonly place: number;
  readonly port: number;
  readonly callers: readonly number[];
}

function refused(world: World, place: number, outside: readonly number[]): Refused[] {
  const [point, own] = [world.pointOf(place), world.classes[place]];
  // where nobody is isolated, nobody said who may call
  if (point === undefined || own === undefined || !world.isIsolated(place, 'ingress')) return [];
  const ports = own.pods.ports.flatMap(({ port, protocol }) =>
    protocol === Protocol.TCP && isCaptured(point.proxy, port) && !isExcluded(own.pods, port)
      ? [port]
      : [],
  );
  const strict = ports.flatMap((port) => {
    const { modes, policies } = effectiveMtls(world.cluster.peerAuthentications, point, port);
    const [policy] = policies;
    return modes.length === 1 && modes[0] === 'STRICT' && policy !== undefined
      ? [{ port, policy }]
      : [];
  });
  return strict
    .map(({ port, policy }) => ({
      ...{ policy, place, port },
      callers: outside.filter((from) => from !== place && isAdmitted(world, from, place, port)),
    }))
    .filter(({ callers }) => callers.length > 0);
}

function finding(world: World, first: Refused, group: readonly Refused[]): Found {
  const ports = [...new Set(group.map(({ port }) => port))].sort((a, b) => a - b);
  const callers = namesOf(
    world,
    group.flatMap((one) => one.callers),
  );
  const called = namesOf(
    world,
    group.map(({ place }) => place),
  );
  return {
    ...about(first.policy.resource, ['spec', 'mtls']),
    message: 'pods are called from outside the mesh, and take mutual TLS only',
    got: `STRICT on TCP ${ports.join(', ')} of ${called}, and ${callers} without a proxy`,
    expected: 'callers in the mesh, or PERMISSIVE on these ports',
    fix: `a PeerAuthentication with spec.selector for these pods and spec.portLevelMtls: {${ports.map((port) => `${port}: {mode: PERMISSIVE}`).join(', ')}}, or new IstioMtls(this, 'mtls', { namespace }), which writes it`,
    evidence: world.policies
      .isolating(first.place, 'ingress')
      .map(({ resource }) => evidenceOf(resource, ['spec', 'ingress'])),
  };
}

function isAdmitted(world: World, from: number, to: number, port: number): boolean {
  const verdict = world.reach.network.between({ place: from }, { place: to });
  return world.word(verdict, Protocol.TCP, port) === 'ALLOWED';
}

/** Ports that the pods take out of their proxy's hands. */
function isExcluded(
  { annotations }: { readonly annotations: Readonly<Record<string, string>> },
  port: number,
): boolean {
  const text = annotations['traffic.sidecar.istio.io/excludeInboundPorts'] ?? '';
  return text.split(',').some((one) => one.trim() === String(port));
}
