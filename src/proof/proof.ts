/**
 * Promise 2: what the written YAML allows equals what was declared. The text is read back by the
 * reading side, which shares no code with the renderers, and every direction that is ours of every
 * isolated workload is compared with the traffic model, over all declared workloads and strangers.
 */
import type { Direction } from '../engine/gates';
import type { PodClass } from '../engine/pods';
import { STRANGER } from '../engine/strangers';
import type { World } from '../engine/world';
import { objectName, placeOf } from '../engine/evidence';
import { WAYPOINT_OF } from '../engine/mesh/participation';
import type { RenderContext } from '../render/context';
import { isWritable } from '../render/writable';
import { describeFlow, DIRECTIONS } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import { isolationsIn } from '../traffic/model';
import type { Problem } from '../values/problem';
import { selectorMatches } from '../values/selector';
import { addressDifferences } from './address-differences';
import { Declared } from './declared';
import { Meaning } from './meaning';
import type { Difference } from './pods-differences';
import { PodsDifferences } from './pods-differences';
import type { WrittenText } from './witnesses';
import { witnessesOf } from './witnesses';

/** What the proof looked at, and what it found. */
export interface Proof {
  readonly problems: readonly Problem[];
  /** Directions of classes of pods that were compared. */
  readonly directions: number;
  readonly pods: number;
}

/** Compares what is about to be written with what was declared. */
export function prove(context: RenderContext, texts: readonly WrittenText[]): Proof {
  const { world, problems } = witnessesOf(context, texts);
  const unread = problems.map(({ code, at, got, expected, fix }): Problem => ({
    ...{ code, got, expected, fix },
    where: `${at.file}:${String(at.line)}:${String(at.column)}`,
  }));
  const declared = new Declared(
    context,
    world.reach.pool,
    new Meaning(context, world),
    ({ index }) => world.reach.mesh?.proxies[index] ?? 'none',
  );
  const ofPods = new PodsDifferences(world, declared, ({ index }) => {
    const proxy = world.reach.mesh?.proxies[index];
    return proxy === 'sidecar' || proxy === 'ambient';
  });
  let directions = 0;
  const found = world.classes.flatMap((own) =>
    DIRECTIONS.filter((direction) => isOurs(context.model, own, direction)).flatMap((direction) => {
      directions += 1;
      return [
        ...ofPods.of(own, direction),
        ...addressDifferences({ context, world, declared }, own, direction),
      ];
    }),
  );
  return {
    problems: [...unread, ...found.map((one) => problemOf(world, one))],
    directions,
    pods: world.classes.length,
  };
}

/** Isolated in that direction, in a namespace that we write. */
function isOurs(model: ModelState, { workload, pods }: PodClass, direction: Direction): boolean {
  if (!isWritable(model, workload.namespace)) return false;
  // a waypoint is a way to others: its own policies are asked about with theirs
  if (Object.hasOwn(pods.labels, WAYPOINT_OF)) return false;
  // strangers of a namespace are isolated with it
  if (workload.kind === STRANGER && workload.name !== 'any other pod') return false;
  return isolationsIn(model, workload.namespace).some(
    (one) => one.directions.includes(direction) && selectorMatches(one.pods, pods.labels),
  );
}

function problemOf(world: World, { kind, direction, own, peer, what, flows }: Difference): Problem {
  const pair =
    direction === 'ingress' ? `${peer} -> ${own.workload.id}` : `${own.workload.id} -> ${peer}`;
  const blamed = world.policies
    .isolating(own.index, direction)
    .map(
      ({ resource }) =>
        `${objectName(resource)} (${placeOf(resource).file}:${String(placeOf(resource).line)})`,
    );
  const [flow] = flows;
  const [reason] = flow?.reasons ?? [];
  return {
    code: kind === 'widened' ? 'reach-widened' : 'reach-missing',
    where:
      reason === undefined
        ? own.workload.id
        : `${reason.by}: ${flow === undefined ? '' : describeFlow(flow)}`,
    ...(reason?.at === undefined ? {} : { source: reason.at }),
    got:
      kind === 'widened'
        ? `${pair} ${what} is allowed by ${blamed.join(', ')}`
        : `${pair} ${what} is denied by ${blamed.join(', ')}`,
    expected: kind === 'widened' ? 'only what was declared' : 'what was declared',
    fix:
      kind === 'widened'
        ? 'declare it, or remove what allows it'
        : 'remove the change to the written objects that denies it',
  };
}
