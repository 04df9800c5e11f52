/** MLN217: metrics that nobody can scrape. */
import { objectName, placeOf } from '../engine/evidence';
import { ofAny, ofAnybody } from '../engine/outside';
import type { World } from '../engine/world';
import { Protocol } from '../values/port';
import { blocked } from './blocked';
import { isHeldAtCallers, scrapers } from './controllers';
import type { Found, Rule } from './rule';
import type { Scrape } from './scrapes';
import { scrapes } from './scrapes';
import { admitting, heldBy, missing, namesOf, reaching } from './telling';

export const scrapeTargetUnreachable: Rule = {
  code: 'MLN217',
  name: 'scrape-target-unreachable',
  severity: 'error',
  summary: 'pods that are to be scraped do not let monitoring in',
  why:
    'Monitoring calls from its own namespace, on a port that nobody else uses. A policy that forgets it ' +
    'takes the metrics away, and with them alerts and autoscaling, without any error of the application.',
  whenNot: 'Another Prometheus scrapes them: name it as the profile’s monitoring.',
  sources: [
    'prometheus-operator/kube-prometheus#1763',
    'prometheus-operator/kube-prometheus#1710',
    'https://github.com/prometheus-operator/prometheus-operator/blob/main/Documentation/api-reference/api.md',
  ],
  examples: {
    bad: { yaml: example('podSelector: {}') },
    good: {
      yaml: example(
        'namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }',
      ),
    },
  },
  check: (world) => {
    const callers = scrapers(world);
    return scrapes(world).flatMap((scrape) => judged(world, scrape, callers));
  },
};

function judged(
  world: World,
  { resource, path, targets }: Scrape,
  callers: readonly number[],
): Found[] {
  const found = blocked(world, targets, Protocol.TCP, (place) =>
    callers.length === 0
      ? ofAnybody(world, place)
      : ofAny(
          world,
          callers.map((caller) => world.reach.network.between({ place: caller }, { place })),
        ),
  );
  if (found === undefined) return [];
  const { places, isSure, facts, port } = found;
  const who = callers.length === 0 ? 'anybody' : namesOf(world, callers.slice(0, 1));
  const isEgress = isHeldAtCallers(world, callers, found, Protocol.TCP);
  const rule = `{ protocol: TCP, port: ${String(port ?? 'metrics')} }`;
  const shown = port === undefined ? 'a port by name' : `TCP ${String(port)}`;
  return [
    {
      at: placeOf(resource, path),
      object: objectName(resource),
      message: isSure
        ? `monitoring cannot scrape ${namesOf(world, places)}`
        : `whether monitoring reaches ${namesOf(world, places)} is not known: ${missing(facts)}`,
      got: `no ${isEgress ? 'egress' : 'ingress'} rule for ${who} to ${shown} of ${namesOf(world, places)}`,
      expected: `a rule that lets monitoring in on ${shown}`,
      fix: isEgress ? reaching(world, places, rule) : admitting(world, callers[0], rule),
      evidence: isEgress ? heldBy(world, callers, 'egress') : heldBy(world, places, 'ingress'),
      ...(isSure ? {} : { severity: 'warning' as const }),
    },
  ];
}

function example(peer: string): string {
  return `
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: { name: triton, namespace: llm-serving }
spec: { selector: { matchLabels: { app: triton } }, podMetricsEndpoints: [{ port: metrics }] }
---
apiVersion: v1
kind: Pod
metadata: { name: triton, namespace: llm-serving, labels: { app: triton } }
spec: { containers: [{ name: main, image: triton, ports: [{ name: metrics, containerPort: 8002 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: prometheus, namespace: monitoring, labels: { app.kubernetes.io/name: prometheus } }
spec: { containers: [{ name: main, image: prometheus }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: triton, namespace: llm-serving }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ ${peer} }] }] }
`;
}
