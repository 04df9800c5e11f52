/**
 * What callers from outside may send to pods of a class: the API server, which is no pod, and clients
 * whose addresses nobody knows beforehand. A rule without peers means them (NP-05), a rule about pods
 * never does; a rule about addresses does where it holds theirs.
 */
import { EVERY, NONE } from './connections';
import { blockOf, commonIntervals } from './addresses';
import { addressVerdicts } from './external';
import type { Answer, Entry } from './gate';
import { passing } from './gate';
import type { Direction } from './compilation';
import type { Verdict } from './verdict';
import { both, either } from './verdict';
import type { World } from './world';

const UNRESTRICTED: Verdict = { sure: EVERY, unsure: NONE, facts: [] };

/** What holds for every address of a block that is no pod's; undefined: the text is no CIDR. */
export function ofBlock(
  world: World,
  place: number,
  direction: Direction,
  cidr: string,
): Verdict | undefined {
  const block = blockOf(cidr);
  if (block === undefined) return undefined;
  const { network, pool } = world.reach;
  return addressVerdicts(pool, network.gateOf(direction, { place }))
    .filter(
      ({ family, intervals }) =>
        family === block.family && commonIntervals(intervals, block.intervals).length > 0,
    )
    .reduce((all, { verdict }) => both(pool, all, verdict), UNRESTRICTED);
}

/**
 * What the API server may send: through the pods that call for it where the profile knows them, else
 * from its own addresses. Where these are not known, a rule about addresses may mean them.
 */
export function ofApiServer(world: World, place: number): Verdict {
  const { addresses, webhookCallers } = world.cluster.profile.apiServer;
  if (webhookCallers !== undefined) {
    return world
      .group(webhookCallers)
      .map(({ index }) => world.half(place, 'ingress', index))
      .reduce((all, one) => both(world.reach.pool, all, one), UNRESTRICTED);
  }
  const known = addresses.flatMap((cidr) => ofBlock(world, place, 'ingress', cidr) ?? []);
  if (known.length > 0) return known.reduce((all, one) => both(world.reach.pool, all, one));
  return asked(world, place, ({ peers }) => {
    if (peers.kind === 'everyone') return true;
    return peers.kind === 'addresses' ? 'node-address' : false;
  });
}

/** What some client outside the cluster may send: a block of addresses names those that are wanted. */
export function ofClients(world: World, place: number): Verdict {
  return asked(
    world,
    place,
    ({ peers }) => peers.kind === 'everyone' || peers.kind === 'addresses',
  );
}

/** What anybody at all may send. */
export function ofAnybody(world: World, place: number): Verdict {
  return asked(world, place, () => true);
}

/** What pods or addresses that no rule names may send or get. */
export function ofUnnamed(world: World, place: number, direction: Direction): Verdict {
  return asked(world, place, ({ peers }) => peers.kind === 'everyone', direction);
}

/** Whether nothing is held back in a direction, from or to whomever. */
export function isOpen(world: World, place: number, direction: Direction): boolean {
  const gate = world.reach.network.gateOf(direction, { place });
  const denies = [...(gate?.admin ?? []), ...(gate?.baseline ?? [])].some(({ entries }) =>
    entries.some(({ action }) => action === 'deny'),
  );
  return !denies && ofUnnamed(world, place, direction).sure === EVERY;
}

/** What any of several callers may send. */
export function ofAny(world: World, verdicts: readonly Verdict[]): Verdict {
  const none: Verdict = { sure: NONE, unsure: NONE, facts: [] };
  return verdicts.reduce((all, one) => either(world.reach.pool, all, one), none);
}

function asked(
  world: World,
  place: number,
  means: (entry: Entry) => Answer,
  direction: Direction = 'ingress',
): Verdict {
  const { network, pool } = world.reach;
  const gate = network.gateOf(direction, { place });
  return gate === undefined ? UNRESTRICTED : passing(pool, gate, means);
}
