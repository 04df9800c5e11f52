/**
 * Promise 2: what the written YAML allows equals what was declared. The text is read back by the
 * reading side, which shares no code with the renderers, and every direction that is ours of every
 * isolated workload is compared with the traffic model, over all declared workloads and strangers.
 */
import type { Direction } from '../engine/compilation';
import type { PodClass } from '../engine/pods';
import { STRANGER } from '../engine/strangers';
import type { World } from '../engine/world';
import { objectName } from '../engine/evidence';
import { WAYPOINT_OF } from '../engine/mesh/participation';
import type { WorkloadFacts } from '../read/cluster';
import type { ReadResult } from '../read/result';
import { combine } from '../read/result';
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
import { mtlsDifferences } from './mtls-differences';
import type { Difference } from './pods-differences';
import { Peers } from './peers';
import { PodsDifferences } from './pods-differences';
import { tokenDifferences } from './token-differences';
import type { WrittenText } from './witnesses';
import { isDeclaredPod, witnessesOf } from './witnesses';

/** What the proof looked at, and what it found. */
export interface Proved {
  readonly problems: readonly Problem[];
  /** Directions of classes of pods that were compared. */
  readonly directions: number;
  readonly pods: number;
}

/** Compares what is about to be written, beside what others wrote, with what was declared. */
export function prove(
  context: RenderContext,
  texts: readonly WrittenText[],
  others: ReadResult = combine([]),
): Proved {
  const { world, problems } = witnessesOf(context, texts, others);
  const unread = problems.map(({ code, at, got, expected, fix }): Problem => ({
    ...{ code, got, expected, fix },
    where: `${at.file}:${String(at.line)}:${String(at.column)}`,
  }));
  const constructs = new Map(texts.flatMap((one) => [...(one.constructs ?? [])]));
  const meaning = new Meaning(context, world);
  const declared = new Declared(
    context,
    world.reach.pool,
    meaning,
    ({ index }) => world.reach.mesh?.proxies[index] ?? 'none',
  );
  const ofPods = new PodsDifferences(world, declared, new Peers(world, meaning), ({ index }) => {
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
  const ofMtls = world.classes
    .filter(({ workload }) => isWritable(context.model, workload.namespace))
    .flatMap((own) => mtlsDifferences({ context, world, declared }, own));
  const ofTokens = world.classes
    .filter((own) => isWritable(context.model, own.workload.namespace))
    .filter((own) => !isOurs(context.model, own, 'ingress'))
    .flatMap((own) => tokenDifferences({ world, declared }, own));
  found.push(...ofMtls, ...ofTokens);
  return {
    problems: [...unread, ...found.map((one) => problemOf({ world, constructs }, one))],
    directions,
    pods: world.classes.length,
  };
}

/** Isolated in that direction, in a namespace that we write. */
function isOurs(model: ModelState, { workload, pods }: PodClass, direction: Direction): boolean {
  if (!isWritable(model, workload.namespace)) return false;
  // a waypoint is a way to others: its own policies are asked about with theirs
  if (Object.hasOwn(pods.labels, WAYPOINT_OF)) return false;
  // strangers of a namespace are isolated with it, and whoever a declaration names without a workload
  if (workload.kind === STRANGER && !isAnyOther(workload) && !isDeclaredPod(workload)) return false;
  return isolationsIn(model, workload.namespace).some(
    (one) => one.directions.includes(direction) && selectorMatches(one.pods, pods.labels),
  );
}

function isAnyOther({ name }: WorkloadFacts): boolean {
  return name === 'any other pod';
}

interface Told {
  readonly world: World;
  readonly constructs: ReadonlyMap<string, string>;
}

function problemOf({ world, constructs }: Told, difference: Difference): Problem {
  const { kind, direction, own, peer, what, flows } = difference;
  const names = [peer, own.workload.id];
  const pair = (direction === 'ingress' ? names : names.reverse()).join(' -> ');
  const policies = world.policies.isolating(own.index, direction).map(({ resource }) => resource);
  const blamed = policies.map((one) => `${objectName(one)} (${one.file}:${String(one.line)})`);
  const [flow] = flows;
  const [reason] = flow?.reasons ?? [];
  const by = policies.flatMap((one) => constructs.get(objectName(one)) ?? []);
  const widened = kind === 'widened';
  return {
    code: widened ? 'reach-widened' : 'reach-missing',
    where:
      reason === undefined || flow === undefined
        ? (by[0] ?? own.workload.id)
        : `${reason.by}: ${describeFlow(flow)}`,
    ...(reason?.at === undefined ? {} : { source: reason.at }),
    got: `${pair} ${what} is ${widened ? 'allowed' : 'denied'} by ${blamed.join(', ')}`,
    expected: widened ? 'no more than was declared' : 'what was declared',
    fix: widened
      ? 'declare the flow, or remove what allows it'
      : 'remove what changes the written objects, an escape hatch or a policy of somebody else',
  };
}
