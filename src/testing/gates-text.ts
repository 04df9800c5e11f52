/** Why a pair may or may not connect, for a message: which policies isolate its ends, and where they stand. */
import type { Direction } from '../engine/compilation';
import { evidenceOf } from '../engine/evidence';
import type { PodClass } from '../engine/pods';
import type { Evidence } from '../engine/result';
import type { World } from '../engine/world';
import { placeText } from '../report/words';
import { Protocol } from '../values/port';
import type { RequestOnPort } from './traffic';

export interface PairOfIds {
  readonly from: string;
  readonly to: string;
}

/** A line for each end that is a workload, and one for the mesh where only that is left to deny it. */
export function gatesText(
  world: World,
  { from, to }: PairOfIds,
  request: RequestOnPort | undefined,
): string[] {
  const [source, target] = [classOf(world, from), classOf(world, to)];
  const lines = [
    ...(source === undefined ? [] : [sideText(world, source, 'egress')]),
    ...(target === undefined ? [] : [sideText(world, target, 'ingress')]),
  ];
  if (source === undefined || target === undefined || request === undefined) return lines;
  const protocol = Protocol[request.protocol ?? 'TCP'];
  const words = [
    world.word(world.half(source.index, 'egress', target.index), protocol, request.port),
    world.word(world.half(target.index, 'ingress', source.index), protocol, request.port),
  ];
  const [out, into] = words;
  const halves = `network policy: egress ${out ?? ''}, ingress ${into ?? ''}`;
  const isOpen = words.every((word) => word === 'ALLOWED');
  if (!isOpen || world.reach.mesh === undefined) return [...lines, halves];
  return [...lines, `${halves}; the rest is the mesh's: mutual TLS and authorization`];
}

/** `ingress of mlflow/Deployment/mlflow: isolated by NetworkPolicy mlflow/default-deny (dist/mlflow.yaml:7)` */
export function sideText(world: World, { index, workload }: PodClass, direction: Direction) {
  const policies = world.policies.isolating(index, direction);
  const by = policies.map(({ resource }) => objectText(evidenceOf(resource)));
  const isolated = world.isIsolated(index, direction);
  const how = isolated ? ['isolated', ...(by.length === 0 ? [] : ['by', by.join(', ')])] : [];
  return `${direction} of ${workload.id}: ${isolated ? how.join(' ') : 'not isolated'}`;
}

/** The first kind of pods of a workload. */
export function classOf(world: World, id: string): PodClass | undefined {
  return world.classes.find(({ workload }) => workload.id === id);
}

function objectText(evidence: Evidence): string {
  const { object, constructPath } = evidence;
  const path = constructPath === undefined ? '' : `, ${constructPath}`;
  return `${object} (${placeText(evidence)}${path})`;
}
