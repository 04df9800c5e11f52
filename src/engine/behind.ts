/**
 * Who stands behind a Service, and on which of their ports: policies act after the Service's address
 * is translated (NP-56), and a target's name means each pod's own port.
 */
import type { PodFacts, ServiceFacts, ServicePort } from '../read/cluster';
import type { World } from './world';

/** Pods of a class behind a Service port. */
export interface Target {
  readonly place: number;
  /** Absent: the pods may have a port of the target's name, nobody says which. */
  readonly port?: number;
}

/** Classes that the input shows and a Service leads to. */
export function podsBehind(world: World, service: ServiceFacts): number[] {
  const { selector, namespace } = service;
  if (selector === undefined) return [];
  const found = world
    .group({ namespace, labels: selector })
    .filter(({ workload }) => service.workload === undefined || service.workload === workload.id);
  return [...world.shown(found.map(({ index }) => index))];
}

/** Pods behind one port of a Service; those that certainly lack a named target are none of them. */
export function targetsBehind(world: World, service: ServiceFacts, port: ServicePort): Target[] {
  return podsBehind(world, service).flatMap((place): Target[] => {
    const pods = world.classes[place]?.pods;
    if (pods === undefined) return [];
    const number = targetOf(port, pods);
    if (number !== undefined) return [{ place, port: number }];
    return pods.portsKnown ? [] : [{ place }];
  });
}

/** The pods' own port behind a Service port; undefined: none of theirs has the target's name. */
export function targetOf(
  { targetPort, protocol }: ServicePort,
  pods: PodFacts,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  return pods.ports.find((port) => port.name === targetPort && port.protocol === protocol)?.port;
}

const byName = new WeakMap<World, ReadonlyMap<string, ServiceFacts>>();

/** A Service by name, as far as it was read; the first one, where several models tell of it. */
export function serviceNamed(
  world: World,
  namespace: string,
  name: string,
): ServiceFacts | undefined {
  let known = byName.get(world);
  if (known === undefined) {
    const { services } = world.cluster;
    // of equal keys a Map keeps the last one
    known = new Map(
      [...services].reverse().map((one) => [`${one.namespace}/${one.name}`, one] as const),
    );
    byName.set(world, known);
  }
  return known.get(`${namespace}/${name}`);
}
