/** MLN216: Services that users reach from outside, whose pods do not let their front in. */
import type { World } from '../engine/world';
import { objectName, placeOf } from '../engine/evidence';
import { ofAny, ofAnybody, ofClients } from '../engine/outside';
import type { Verdict } from '../engine/verdict';
import { blocked } from './blocked';
import { isHeldAtCallers } from './controllers';
import type { Exposure } from './exposures';
import { exposures } from './exposures';
import type { Found, Rule } from './rule';
import { admitting, heldBy, missing, namesOf, reaching } from './telling';

export const exposedServiceBlocked: Rule = {
  code: 'MLN216',
  name: 'exposed-service-blocked',
  severity: 'error',
  summary: 'an exposed Service’s pods do not let its gateway, or its clients, in',
  why:
    'Whoever writes a default deny thinks of the callers inside the cluster. The gateway is a caller ' +
    'from another namespace; a load balancer’s clients are no pods at all. Users see 502 or a time-out.',
  whenNot:
    'The Ingress is served by another controller than those in the profile or the input: name it there.',
  sources: [
    'prometheus-operator/kube-prometheus#1719',
    'ahmetb/kubernetes-network-policy-recipes#1',
    'kubernetes/kubernetes#114369',
  ],
  examples: {
    bad: { yaml: example('podSelector: {}') },
    good: {
      yaml: example(
        'namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress-nginx } }',
      ),
    },
  },
  check: (world) => {
    const seen = new Set<string>();
    return exposures(world).flatMap((one) => {
      const { namespace, name } = one.service;
      const key = `${objectName(one.resource)} ${namespace}/${name} ${String(one.port.port)} ${one.port.protocol}`;
      if (seen.has(key)) return [];
      const found = judged(world, one);
      if (found.length > 0) seen.add(key);
      return found;
    });
  },
};

function judged(world: World, exposure: Exposure): Found[] {
  const { resource, path, service, port, targets } = exposure;
  const { who, pods, verdictOf } = callersOf(world, exposure);
  const found = blocked(world, targets, port.protocol, verdictOf);
  if (found === undefined) return [];
  const { places, isSure, facts, port: target = port.targetPort } = found;
  const shown = `${port.protocol} ${JSON.stringify(target)}`;
  const name = `${service.namespace}/${service.name}`;
  const isEgress = isHeldAtCallers(world, pods, found, port.protocol);
  const rule = `{ protocol: ${port.protocol}, port: ${JSON.stringify(target)} }`;
  return [
    {
      at: placeOf(resource, path),
      object: objectName(resource),
      message: isSure
        ? `${who} cannot reach the pods of ${name}`
        : `whether ${who} reaches the pods of ${name} is not known: ${missing(facts)}`,
      got: `no ${isEgress ? 'egress' : 'ingress'} rule for ${who} to ${shown} of ${namesOf(world, places)}`,
      expected: `a rule that lets ${who} in on ${shown}`,
      fix: isEgress ? reaching(world, places, rule) : admitting(world, pods[0], rule),
      evidence: isEgress ? heldBy(world, pods, 'egress') : heldBy(world, places, 'ingress'),
      ...(isSure ? {} : { severity: 'warning' as const }),
    },
  ];
}

interface Callers {
  readonly who: string;
  /** Known ones. */
  readonly pods: readonly number[];
  readonly verdictOf: (place: number) => Verdict;
}

/** One of several controllers serves an Ingress, nobody says which: any of them will do. */
function callersOf(world: World, { callers }: Exposure): Callers {
  if (callers === undefined) {
    return { who: 'clients from outside', pods: [], verdictOf: (place) => ofClients(world, place) };
  }
  if (callers.length === 0) {
    return { who: 'any gateway', pods: [], verdictOf: (place) => ofAnybody(world, place) };
  }
  return {
    pods: callers,
    who: `the gateway ${namesOf(world, callers.slice(0, 1))}`,
    verdictOf: (place) =>
      ofAny(
        world,
        callers.map((caller) => world.reach.network.between({ place: caller }, { place })),
      ),
  };
}

function example(peer: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ui, namespace: mlflow }
spec: { defaultBackend: { service: { name: mlflow, port: { number: 80 } } } }
---
apiVersion: v1
kind: Service
metadata: { name: mlflow, namespace: mlflow }
spec: { selector: { app: mlflow }, ports: [{ port: 80, targetPort: 5000 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: mlflow, namespace: mlflow, labels: { app: mlflow } }
spec: { containers: [{ name: main, image: mlflow }] }
---
apiVersion: v1
kind: Pod
metadata: { name: controller, namespace: ingress-nginx, labels: { app.kubernetes.io/name: ingress-nginx } }
spec: { containers: [{ name: main, image: nginx }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: mlflow, namespace: mlflow }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ ${peer} }] }] }
`;
}
