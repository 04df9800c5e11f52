/** MLN305: sidecars that cannot reach the control plane, so that their pods never become ready. */
import { Protocol } from '../values/port';
import { reachesUnseen } from '../engine/unseen';
import type { World } from '../engine/world';
import { about, counted, everyPlace, grouped, nameAt } from './about';
import type { Found, Rule } from './rule';

/** Certificates and configuration. */
const XDS = 15012;

export const istiodBlocked: Rule = {
  code: 'MLN305',
  name: 'istiod-blocked',
  severity: 'error',
  summary: 'sidecars cannot reach istiod',
  why:
    'A sidecar gets its certificate and its configuration from istiod, over TCP 15012. Without a way ' +
    'there the proxy never becomes ready, and neither does its pod.',
  whenNot: 'The control plane is elsewhere. Acknowledge it on the policy.',
  sources: ['https://istio.io/latest/docs/ops/deployment/application-requirements/'],
  examples: {
    bad: { yaml: example('53') },
    good: { yaml: example('15012') },
  },
  check: (world) => {
    const lost = everyPlace(world).flatMap((place) => {
      const [policy] = world.policies.isolating(place, 'egress');
      if (policy === undefined || world.proxyAt(place) !== 'sidecar') return [];
      return reachesIstiod(world, place) ? [] : [{ place, policy }];
    });
    return [
      ...grouped(lost, ({ policy }) => `${policy.namespace}/${policy.name}`).values(),
    ].flatMap((group): Found[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { rootNamespace } = world.cluster.profile.mesh;
      const names = [...new Set(group.map(({ place }) => nameAt(world, place)))];
      return [
        {
          ...about(first.policy.resource),
          message: `${counted(names.length, 'workload')} with a sidecar cannot reach istiod`,
          got: `no rule to TCP 15012 for ${names.slice(0, 3).join(', ')}`,
          expected: `TCP 15012 to pods app: istiod in ${rootNamespace}`,
          fix: `spec.egress: add {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${rootNamespace}}}, podSelector: {matchLabels: {app: istiod}}}], ports: [{protocol: TCP, port: 15012}]}`,
        },
      ];
    });
  },
};

function example(port: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: mlflow, labels: { istio-injection: enabled } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: egress, namespace: mlflow }
spec: { podSelector: {}, policyTypes: [Egress], egress: [{ ports: [{ port: ${port} }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: mlflow, namespace: mlflow, labels: { app: mlflow } }
spec: { containers: [{ name: main, image: mlflow }] }
`;
}

function reachesIstiod(world: World, place: number): boolean {
  const { rootNamespace } = world.cluster.profile.mesh;
  const group = { namespace: rootNamespace, labels: { app: 'istiod' } };
  const shown = world.group(group);
  if (shown.length > 0) {
    return shown.some(
      ({ index }) => world.word(world.half(place, 'egress', index), Protocol.TCP, XDS) !== 'DENIED',
    );
  }
  return (
    reachesUnseen(world, { place, direction: 'egress' }, group, [Protocol.TCP, XDS]) !== 'DENIED'
  );
}
