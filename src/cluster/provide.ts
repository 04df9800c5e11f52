/**
 * One profile per construct tree, kept on its root as plain data: every chart of the app, and
 * every copy of the package in it, writes for the same cluster.
 *
 * Policies are rendered when the tree is synthesized, so a profile may be provided after the
 * constructs that need it.
 */
import type { IConstruct } from 'constructs';
import { sharedSlot } from '../traffic/shared-root';
import { refuse } from '../values/problem';
import type { ProfileData } from './profile-data';

interface ProfileSlot {
  /** The same object every time: plans are remembered by it. */
  readonly fallback: ProfileData;
  readonly provided?: ProfileData;
  /** Called once a profile is provided; whoever comes later is called at once. */
  readonly waiting: ((profile: ProfileData) => void)[];
}

/** Provides a profile for the whole tree; the same one again is no harm, another is refused. */
export function provideProfile(
  scope: IConstruct,
  profile: ProfileData,
  fallback: () => ProfileData,
): void {
  const slot = profileSlot(scope, fallback);
  const { provided } = slot.value;
  if (provided === undefined) {
    const { waiting } = slot.value;
    slot.value = { ...slot.value, provided: profile, waiting: [] };
    for (const listener of waiting) listener(profile);
    return;
  }
  const different = differences(provided, profile);
  if (different.length === 0) return;
  refuse({
    code: 'profile-twice',
    where: scope.node.path === '' ? 'ClusterProfile.provide' : scope.node.path,
    got: profile.name,
    expected: `one profile for the whole tree: it already has ${provided.name}, which differs in ${different.join(', ')}`,
    fix: 'ClusterProfile.provide(app, profile) once; another cluster is another app',
  });
}

/** The profile of the tree, or the fallback while none is provided. */
export function providedProfile(scope: IConstruct, fallback: () => ProfileData): ProfileData {
  const { value } = profileSlot(scope, fallback);
  return value.provided ?? value.fallback;
}

/** Calls back with the provided profile, now or when it is provided; never with the fallback. */
export function whenProfileProvided(
  scope: IConstruct,
  listener: (profile: ProfileData) => void,
  fallback: () => ProfileData,
): void {
  const { value } = profileSlot(scope, fallback);
  if (value.provided === undefined) value.waiting.push(listener);
  else listener(value.provided);
}

function profileSlot(scope: IConstruct, fallback: () => ProfileData): { value: ProfileSlot } {
  return sharedSlot<ProfileSlot>(scope, 'cluster-profile', () => ({
    fallback: fallback(),
    waiting: [],
  }));
}

function differences(a: ProfileData, b: ProfileData): string[] {
  const [left, right] = [fields(a), fields(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names.filter((name) => left.get(name) !== right.get(name));
}

function fields(profile: ProfileData): Map<string, string> {
  const known = Object.entries(profile).filter(([, value]) => value !== undefined);
  return new Map(known.map(([name, value]) => [name, JSON.stringify(inKeyOrder(value))]));
}

/** The same facts, said in another order, are the same profile. */
function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inKeyOrder(inner)]));
}
