/** What most findings say alike: where an object stands, and a few names of many. */
import type { FieldPath, Resource } from '../read/resource';
import { objectName, placeOf } from '../engine/evidence';
import type { World } from '../engine/world';
import type { Found } from './rule';

export function about(resource: Resource, path?: FieldPath): Pick<Found, 'at' | 'object'> {
  return { at: placeOf(resource, path), object: objectName(resource) };
}

/** `ml-training/Pod/bert` */
export function nameAt(world: World, place: number): string {
  return world.classes[place]?.workload.id ?? '';
}

/** Distinct names of classes, the first three of them. */
export function namesOf(world: World, places: readonly number[]): string {
  return fewOf([...new Set(places.map((place) => nameAt(world, place)))]);
}

export function fewOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${String(names.length - 3)} more` : shown;
}

/** `1 workload`, `3 workloads` */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Every class that the input shows. */
export function everyPlace(world: World): readonly number[] {
  return world.shown(world.classes.map(({ index }) => index));
}

/** Items by key, in the order in which keys come first. */
export function grouped<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
