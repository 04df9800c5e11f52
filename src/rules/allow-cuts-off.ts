/** MLN403: gateways, monitoring and probes that may come and that the first ALLOW policy cuts off. */
import type { PodGroup } from '../read/cluster';
import { Protocol } from '../values/port';
import type { IstioFacts } from '../read/cluster';
import { isEmptyRequests } from '../engine/http/requests';
import type { World } from '../engine/world';
import { about, everyPlace, fewOf, grouped, nameAt } from './about';
import type { Found, Rule } from './rule';

export const allowCutsOff: Rule = {
  code: 'MLN403',
  name: 'allow-cuts-off',
  severity: 'warning',
  summary: 'an ALLOW policy cuts off a gateway, monitoring or probes that network policy admits',
  why:
    'The first ALLOW policy of a workload denies whatever no ALLOW policy lists. Users then get 403 at ' +
    'the gateway, and metrics stop, though network policy says that both may come. Probes come from the ' +
    'kubelet in plain text; where the proxy does not rewrite them, the pods never become ready.',
  whenNot: 'They are not to come: narrow the network policy.',
  sources: [
    'knative/serving#6122',
    'kserve/kserve#1558',
    'https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/',
  ],
  examples: {
    bad: { yaml: example('ml-jobs'), profile: profile() },
    good: { yaml: example('monitoring'), profile: profile() },
  },
  check: (world) => {
    const { gateways, monitoring } = world.cluster.profile;
    const groups = [
      ...gateways.map((group) => ({ name: 'the gateway', group })),
      ...(monitoring === undefined ? [] : [{ name: 'monitoring', group: monitoring }]),
    ];
    const cut = everyPlace(world).flatMap((place) =>
      groups.flatMap(({ name, group }) => cutOff(world, place, name, group)),
    );
    const keyOf = ({ policy, who }: Cut): string => `${policy.namespace}/${policy.name} ${who}`;
    const callers = [...grouped(cut, keyOf).values()].flatMap((group): Found[] => {
      const [first] = group;
      if (first === undefined) return [];
      const pods = group.map(
        ({ place, ports }) => `${nameAt(world, place)} TCP ${ports.join(', ')}`,
      );
      return [
        {
          ...about(first.policy.resource),
          message: `${first.who} may come by network policy, and no ALLOW policy lists it`,
          got: `${first.source} -> ${fewOf([...new Set(pods)])}: denied`,
          expected: 'one answer of both layers',
          fix: `spec.rules: add {from: [{source: {namespaces: [${first.namespace}]}}], to: [{operation: {ports: [${first.ports.map((port) => `'${String(port)}'`).join(', ')}]}}]}`,
        },
      ];
    });
    return [...callers, ...everyPlace(world).flatMap((place) => withoutProbes(world, place))];
  },
};

/** Rewritten probes go to the proxy's own port, which no policy holds. */
const REWRITE = 'sidecar.istio.io/rewriteAppHTTPProbers';

function withoutProbes(world: World, place: number): Found[] {
  const own = world.classes[place];
  const target = world.reach.mesh?.targets.byPlace[place];
  const [policy] = target?.authorization.allowPolicies ?? [];
  if (own === undefined || target?.proxy !== 'sidecar' || policy === undefined) return [];
  if (own.pods.annotations[REWRITE] !== 'false') return [];
  const probed = own.pods.containers.flatMap((one) => one.probed ?? []);
  const ports = [...new Set(probed)].filter((port) =>
    isEmptyRequests(target.direct(port, { addresses: [] }).possible),
  );
  if (ports.length === 0) return [];
  const listed = ports.map((port) => `'${String(port)}'`).join(', ');
  return [
    {
      ...about(policy.resource),
      message: 'probes of the kubelet are not rewritten, and no ALLOW policy lists them',
      got: `the kubelet -> ${nameAt(world, place)} TCP ${ports.join(', ')}: denied`,
      expected: 'probes that the proxy rewrites, or a rule without callers for them',
      fix: `annotation ${REWRITE}: "true" on the pod template, or spec.rules: add {to: [{operation: {ports: [${listed}]}}]}`,
    },
  ];
}

function profile(): string {
  return '{"monitoring": {"namespace": "monitoring", "labels": {"app": "prometheus"}, "inMesh": true, "serviceAccount": "prometheus"}}';
}

function example(namespace: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: triton, namespace: llm-serving, labels: { app: triton, sidecar.istio.io/inject: 'true' } }
spec: { containers: [{ name: main, image: triton, ports: [{ containerPort: 8002 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: metrics, namespace: llm-serving }
spec:
  podSelector: {}
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }
          podSelector: { matchLabels: { app: prometheus } }
      ports: [{ port: 8002 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: triton, namespace: llm-serving }
spec: { rules: [{ from: [{ source: { namespaces: [${namespace}] } }] }] }
`;
}

interface Cut {
  readonly place: number;
  readonly who: string;
  /** The callers' workload. */
  readonly source: string;
  readonly namespace: string;
  readonly policy: IstioFacts;
  readonly ports: readonly number[];
}

function cutOff(world: World, place: number, who: string, group: PodGroup): Cut[] {
  const { mesh, network, pool } = world.reach;
  const target = mesh?.targets.byPlace[place];
  const [policy] = target?.authorization.allowPolicies ?? [];
  const own = world.classes[place];
  if (world.pointOf(place) === undefined) return [];
  // where nobody is isolated, nobody said who may come
  if (policy === undefined || own === undefined || !world.isIsolated(place, 'ingress')) return [];
  return world.group(group).flatMap(({ index, workload }): Cut[] => {
    if (index === place) return [];
    const admitted = network.between({ place: index }, { place });
    const verdict = world.reach.between(index, place);
    const ports = own.pods.ports
      .filter(({ protocol, port }) => {
        if (protocol !== Protocol.TCP || world.word(admitted, protocol, port) !== 'ALLOWED')
          return false;
        const some = verdict.limited.some((one) =>
          one.ports.some(([a, b]) => a <= port && port <= b),
        );
        const maybe = verdict.unknown.some((one) => pool.has(one.connections, protocol, port));
        return !some && !maybe && !pool.has(verdict.sure, protocol, port);
      })
      .map(({ port }) => port);
    if (ports.length === 0) return [];
    return [{ place, who, source: workload.id, namespace: workload.namespace, policy, ports }];
  });
}
