/** Who calls from the front: gateways, ingress controllers, monitoring, by profile or by their labels. */
import type { Labels, PodGroup } from '../read/cluster';
import type { Protocol } from '../values/port';
import type { World } from '../engine/world';
import type { Blocked } from './blocked';

/** Labels under which the common ones are installed; one of a line's suffices. */
const INGRESS: readonly Labels[] = [
  { 'app.kubernetes.io/name': 'ingress-nginx' },
  { 'app.kubernetes.io/name': 'nginx-ingress' },
  { 'app.kubernetes.io/name': 'traefik' },
  { 'app.kubernetes.io/name': 'contour' },
  { 'app.kubernetes.io/name': 'envoy-gateway' },
  { 'app.kubernetes.io/name': 'kong' },
  { 'app.kubernetes.io/name': 'haproxy-ingress' },
  { 'app.kubernetes.io/name': 'kubernetes-ingress' },
  { istio: 'ingressgateway' },
];
const PROMETHEUS: readonly Labels[] = [
  { 'app.kubernetes.io/name': 'prometheus' },
  { app: 'prometheus' },
];

/** Gateways and ingress controllers that profile or manifests show. */
export function ingressControllers(world: World): readonly number[] {
  return distinct([
    ...ofGroups(world, world.cluster.profile.gateways),
    ...labelled(world, INGRESS),
  ]);
}

/** Whoever scrapes metrics. */
export function scrapers(world: World): readonly number[] {
  const { monitoring } = world.cluster.profile;
  if (monitoring !== undefined) return distinct(ofGroups(world, [monitoring]));
  return distinct(labelled(world, PROMETHEUS));
}

/** Classes with some labels, in any namespace, strangers of the platform among them. */
export function withLabels(world: World, labels: Labels): readonly number[] {
  return world.classes.flatMap(({ index, pods }) =>
    Object.entries(labels).every(([key, value]) => pods.labels[key] === value) ? [index] : [],
  );
}

/** Whether pods would let one of the callers in, so that it is the callers' own egress that is held. */
export function isHeldAtCallers(
  world: World,
  callers: readonly number[],
  { places, port }: Pick<Blocked, 'places' | 'port'>,
  protocol: Protocol,
): boolean {
  const [place] = places;
  if (place === undefined || port === undefined) return false;
  return callers.some(
    (caller) => world.word(world.half(place, 'ingress', caller), protocol, port) === 'ALLOWED',
  );
}

function ofGroups(world: World, groups: readonly PodGroup[]): number[] {
  return groups.flatMap((group) => world.group(group).map(({ index }) => index));
}

function labelled(world: World, lists: readonly Labels[]): number[] {
  return lists.flatMap((labels) => [...world.shown(withLabels(world, labels))]);
}

function distinct(places: readonly number[]): readonly number[] {
  return [...new Set(places)].sort((a, b) => a - b);
}
