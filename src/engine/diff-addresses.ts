/** What changed between workloads and addresses that are no pod's: block by block, by gate. */
import type { Family, Interval } from './addresses';
import { cidrsOf, commonIntervals, everyAddress, intervalsWithout } from './addresses';
import type { Because } from './compare';
import { changesOf } from './compare';
import { addressVerdicts } from './external';
import type { Direction } from './compilation';
import type { PairVerdict } from './pair';
import { ofNetwork } from './pair';
import { placesOf } from './question';
import type { DiffChange } from './result';
import { isStranger } from './strangers';
import type { Verdict } from './verdict';
import type { World } from './world';

export function addressChanges(
  older: World,
  newer: World,
  both: (id: string) => boolean,
  because: Because,
): DiffChange[] {
  const ids = new Set(
    newer.classes.flatMap(({ workload }) =>
      !isStranger(workload) && both(workload.id) ? [workload.id] : [],
    ),
  );
  return [...ids].flatMap((id) =>
    (['ingress', 'egress'] as const).flatMap((direction) => {
      const [was, now] = [blocksOf(older, id, direction), blocksOf(newer, id, direction)];
      if (keyOf(was) === keyOf(now)) return [];
      return compared([older, was], [newer, now]).flatMap(({ name, before, after }) => {
        const ends = direction === 'ingress' ? { from: name, to: id } : { from: id, to: name };
        const earlier = { pool: older.reach.pool, verdicts: [before] };
        const later = { pool: newer.reach.pool, verdicts: [after] };
        return changesOf(ends, earlier, later, () => because(id));
      });
    }),
  );
}

interface BlockVerdict {
  readonly family: Family;
  readonly intervals: readonly Interval[];
  readonly verdict: PairVerdict;
  readonly text: string;
}

/** Of the workload's first class: pods of one owner rarely differ here. */
function blocksOf(world: World, id: string, direction: Direction): BlockVerdict[] {
  const [place] = placesOf(world, id);
  if (place === undefined) return [];
  const { network, mesh, pool } = world.reach;
  const over = (verdict: Verdict, addresses: readonly string[]): PairVerdict => {
    if (mesh === undefined || direction === 'egress') return ofNetwork(verdict);
    return mesh.over(verdict, { from: -1, to: place }, () => undefined, { addresses });
  };
  return addressVerdicts(pool, network.gateOf(direction, { place })).map((one) => {
    const { family, intervals } = one;
    const verdict = over(
      one.verdict,
      intervals.flatMap((each) => cidrsOf(family, each)),
    );
    const ranges = (id: number): string => JSON.stringify(pool.setOf(id));
    const limited = verdict.limited.map(({ ports, requests }) => [ports, requests]);
    const unknown = verdict.unknown.map(({ connections }) => ranges(connections));
    return {
      family,
      intervals,
      verdict,
      text: JSON.stringify([ranges(verdict.sure), limited, unknown]),
    };
  });
}

function keyOf(blocks: readonly BlockVerdict[]): string {
  return blocks.map(({ intervals, text }) => `${intervals.join(';')} ${text}`).join('\n');
}

interface Compared {
  readonly name: string;
  readonly before: PairVerdict;
  readonly after: PairVerdict;
}

/** Addresses by what was said of them and what is now. */
function compared(
  [, was]: readonly [World, readonly BlockVerdict[]],
  [, now]: readonly [World, readonly BlockVerdict[]],
): Compared[] {
  return was.flatMap((before) =>
    now.flatMap((after): Compared[] => {
      if (before.family !== after.family || before.text === after.text) return [];
      const common = commonIntervals(before.intervals, after.intervals);
      return namesOf(before.family, common).map((name) => ({
        name,
        before: before.verdict,
        after: after.verdict,
      }));
    }),
  );
}

const FEW = 4;

/** A few blocks one by one, else the whole without its holes: `0.0.0.0/0 but 10.0.0.0/8`. */
function namesOf(family: Family, intervals: readonly Interval[]): string[] {
  const blocks = intervals.flatMap((one) => cidrsOf(family, one));
  if (blocks.length <= FEW) return blocks;
  const whole = everyAddress(family);
  const holes = intervalsWithout([whole], intervals).flatMap((one) => cidrsOf(family, one));
  if (holes.length >= blocks.length) return blocks;
  return [`${cidrsOf(family, whole).join()} but ${holes.join(', ')}`];
}
