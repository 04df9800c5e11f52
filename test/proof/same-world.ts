/**
 * Do two texts allow the same? Asked of the engine, over the witnesses of both: every pair of pods, and
 * every address. What allows the same is not another program, whatever its text.
 */
import { PROTOCOLS } from '../../src/engine/connections';
import type { ConnectionsId } from '../../src/engine/connections';
import { addressVerdicts } from '../../src/engine/external';
import { cidrsOf } from '../../src/engine/addresses';
import { describeRequests } from '../../src/engine/http/request-text';
import type { PairVerdict } from '../../src/engine/pair';
import type { Verdict } from '../../src/engine/verdict';
import { World } from '../../src/engine/world';
import { witnessesOf } from '../../src/proof/witnesses';
import type { Cluster } from '../../src/read/cluster';
import type { ReadResult } from '../../src/read/result';
import type { RenderContext } from '../../src/render/context';

export function saysTheSame(
  context: RenderContext,
  before: ReadResult,
  after: ReadResult,
): boolean {
  const [a, b] = [before, after].map((one) => witnessesOf(context, [], one).world.cluster);
  if (a === undefined || b === undefined) return false;
  return answers(withPodsOf(a, b)) === answers(withPodsOf(b, a));
}

function withPodsOf(own: Cluster, other: Cluster): World {
  const workloads = new Map([...own.workloads, ...other.workloads].map((one) => [one.id, one]));
  const namespaces = new Map(
    [...own.namespaces, ...other.namespaces].map((one) => [one.name, one]),
  );
  const sorted = <T>(items: ReadonlyMap<string, T>): T[] =>
    [...items].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, one]) => one);
  return new World({ ...own, workloads: sorted(workloads), namespaces: sorted(namespaces) });
}

function answers(world: World): string {
  const { classes, reach } = world;
  const pairs = classes.flatMap(({ index: from, workload, pods }) =>
    classes.map(({ index: to, ...other }) => {
      const verdict = told(world, reach.between(from, to));
      const ids = [workload.id, pods.labels, other.workload.id, other.pods.labels];
      return JSON.stringify([ids, verdict]);
    }),
  );
  const blocks = classes.flatMap(({ index, workload, pods }) =>
    (['ingress', 'egress'] as const).map((direction) => {
      const gate = reach.network.gateOf(direction, { place: index });
      const said = addressVerdicts(reach.pool, gate).flatMap(({ family, intervals, verdict }) =>
        intervals.map((one) => [
          cidrsOf(family, one),
          ofAddresses(world, index, direction, verdict),
        ]),
      );
      return JSON.stringify([
        workload.id,
        pods.labels,
        direction,
        said.map((one) => JSON.stringify(one)).sort(),
      ]);
    }),
  );
  return [...pairs, ...blocks].sort().join('\n');
}

/** What arrives from an address, or leaves for one. */
function ofAddresses(world: World, place: number, direction: string, verdict: Verdict): unknown {
  const { mesh } = world.reach;
  if (mesh !== undefined && direction === 'ingress') {
    return told(world, mesh.fromAddress(verdict, place));
  }
  return [ports(world, verdict.sure), ports(world, verdict.unsure)];
}

function told(world: World, { sure, limited, unknown }: PairVerdict): unknown {
  return [
    ports(world, sure),
    limited
      .map(({ ports: own, requests }) => `${own.join(';')} ${describeRequests(requests)}`)
      .sort(),
    unknown.map(({ connections, facts }) => `${ports(world, connections)} ${facts.join()}`).sort(),
  ];
}

function ports({ reach: { pool } }: World, id: ConnectionsId): string {
  return PROTOCOLS.map((one) => `${one} ${pool.rangesOf(id, one).join(';')}`).join(' ');
}
