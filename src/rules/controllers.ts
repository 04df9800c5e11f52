/** Who calls: whoever scrapes metrics, by profile or by usual labels; and whose own egress holds callers. */
import type { Labels, PodGroup } from '../read/cluster';
import type { Protocol } from '../values/port';
import type { World } from '../engine/world';
import type { Blocked } from './blocked';

const PROMETHEUS: readonly Labels[] = [
  { 'app.kubernetes.io/name': 'prometheus' },
  { app: 'prometheus' },
];

/** Whoever scrapes metrics. */
export function scrapers(world: World): readonly number[] {
  const { monitoring } = world.cluster.profile;
  if (monitoring !== undefined) return distinct(ofGroups(world, [monitoring]));
  return distinct(labelled(world, PROMETHEUS));
}

/** Classes with some labels, in any namespace, strangers of the platform among them. */
function withLabels(world: World, labels: Labels): readonly number[] {
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
