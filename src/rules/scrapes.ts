/** Which pod ports are scraped for metrics: by monitors of the Prometheus operator, or by annotations. */
import type { Labels, PodFacts } from '../read/cluster';
import { flagAt, numberAt, objectAt, objectsAt, textAt, textsAt } from '../read/json';
import { selectorAt } from '../read/kinds/selector';
import type { FieldPath, JsonObject, Resource } from '../read/resource';
import type { Target } from '../engine/behind';
import { podsBehind, targetsBehind } from '../engine/behind';
import type { Proxy } from '../engine/mesh/participation';
import { proxiesOf } from '../engine/mesh/participation';
import type { World } from '../engine/world';
import { Protocol } from '../values/port';
import { EVERYTHING, selectorMatches } from '../values/selector';

export interface Scrape {
  readonly resource: Resource;
  readonly path: FieldPath;
  readonly targets: readonly Target[];
}

export function scrapes(world: World): Scrape[] {
  return [
    ...world.cluster.others.flatMap((resource) => ofMonitor(world, resource)),
    ...annotatedPods(world),
    ...annotatedServices(world),
  ];
}

function ofMonitor(world: World, resource: Resource): Scrape[] {
  const spec = objectAt(resource.object, 'spec');
  const isWanted = wantedNamespaces(spec, resource.namespace ?? 'default');
  const selector = selectorAt(spec, 'selector') ?? EVERYTHING;
  if (resource.kind === 'ServiceMonitor') {
    const services = world.cluster.services.filter(
      ({ namespace, labels }) => isWanted(namespace) && selectorMatches(selector, labels),
    );
    return objectsAt(spec, 'endpoints').flatMap((endpoint, at) => {
      const targets = services.flatMap((service) =>
        service.ports
          .filter(
            ({ name, targetPort }) =>
              name === textAt(endpoint, 'port') || targetPort === portAt(endpoint, 'targetPort'),
          )
          .flatMap((port) => targetsBehind(world, service, port)),
      );
      return scrape(resource, ['spec', 'endpoints', at], targets);
    });
  }
  if (resource.kind !== 'PodMonitor') return [];
  const places = shown(world).filter((place) => {
    const own = world.classes[place];
    return (
      own !== undefined &&
      isWanted(own.workload.namespace) &&
      selectorMatches(selector, own.pods.labels)
    );
  });
  return objectsAt(spec, 'podMetricsEndpoints').flatMap((endpoint, at) => {
    const asked =
      textAt(endpoint, 'port') ??
      numberAt(endpoint, 'portNumber') ??
      portAt(endpoint, 'targetPort');
    const targets = places.flatMap((place) => portOf(world, place, asked));
    return scrape(resource, ['spec', 'podMetricsEndpoints', at], targets);
  });
}

function scrape(resource: Resource, path: FieldPath, targets: readonly Target[]): Scrape[] {
  return targets.length === 0 ? [] : [{ resource, path, targets }];
}

/** Absent: the monitor’s own namespace. */
function wantedNamespaces(spec: JsonObject, own: string): (namespace: string) => boolean {
  const selector = objectAt(spec, 'namespaceSelector');
  if (flagAt(selector, 'any') === true) return () => true;
  const names = textsAt(selector, 'matchNames');
  return (namespace) => (names.length === 0 ? namespace === own : names.includes(namespace));
}

function portAt(object: JsonObject, key: string): number | string | undefined {
  return numberAt(object, key) ?? textAt(object, key);
}

/** Pods of a class on a port by number or name; Prometheus leaves out pods without the name. */
function portOf(world: World, place: number, asked: number | string | undefined): Target[] {
  const pods = world.classes[place]?.pods;
  if (pods === undefined || asked === undefined) return [];
  if (typeof asked === 'number') return [{ place, port: asked }];
  return named(pods, asked).map((port) => ({ place, port }));
}

function named({ ports }: PodFacts, name: string): number[] {
  return ports.flatMap((port) =>
    port.name === name && port.protocol === Protocol.TCP ? [port.port] : [],
  );
}

/** Pods that ask to be scraped, on the port that they say. */
function annotatedPods(world: World): Scrape[] {
  const proxies = proxiesOf(world.cluster, world.pods);
  return shown(world).flatMap((place): Scrape[] => {
    const own = world.classes[place];
    const resource = own?.workload.resource;
    const port = own === undefined ? undefined : askedPort(own.pods.annotations);
    if (resource === undefined || port === undefined) return [];
    return scrape(resource, [], [{ place, port: mergedPort(world, proxies, place) ?? port }]);
  });
}

/**
 * A sidecar serves the application's metrics with its own, and its injection rewrites the annotations.
 * Source: istio/istio:pkg/kube/inject/webhook.go (applyPrometheusMerge)
 */
function mergedPort(world: World, proxies: readonly Proxy[], place: number): number | undefined {
  const isMerged =
    proxies[place] === 'sidecar' &&
    world.classes[place]?.pods.annotations['prometheus.istio.io/merge-metrics'] !== 'false';
  return isMerged ? 15020 : undefined;
}

/** A Service that asks for it means the pods behind it: Prometheus asks each of them. */
function annotatedServices(world: World): Scrape[] {
  return world.cluster.services.flatMap((service): Scrape[] => {
    const port = askedPort(service.annotations);
    if (service.resource === undefined || port === undefined) return [];
    const targets = podsBehind(world, service).map((place) => ({ place, port }));
    return scrape(service.resource, ['metadata', 'annotations'], targets);
  });
}

function askedPort(annotations: Labels): number | undefined {
  if (annotations['prometheus.io/scrape'] !== 'true') return undefined;
  const port = Number(annotations['prometheus.io/port']);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

function shown(world: World): readonly number[] {
  return world.shown(world.classes.map(({ index }) => index));
}
