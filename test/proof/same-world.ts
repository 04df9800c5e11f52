/**
 * Do two texts allow the same? Asked of the engine, over the witnesses of both: every pair of pods, and
 * every address. What allows the same is not another program, whatever its text.
 */
import { cidrsOf } from '../../src/engine/addresses';
import type { ConnectionsId } from '../../src/engine/connections';
import { EVERY, PROTOCOLS } from '../../src/engine/connections';
import type { Direction } from '../../src/engine/compilation';
import { addressVerdicts } from '../../src/engine/external';
import { describeRequests } from '../../src/engine/http/request-text';
import { HBONE } from '../../src/engine/mesh/mesh';
import { WAYPOINT_OF } from '../../src/engine/mesh/participation';
import type { PairVerdict } from '../../src/engine/pair';
import type { PodClass } from '../../src/engine/pods';
import type { Verdict } from '../../src/engine/verdict';
import { World } from '../../src/engine/world';
import { witnessesOf } from '../../src/proof/witnesses';
import type { Cluster } from '../../src/read/cluster';
import type { ReadResult } from '../../src/read/result';
import type { RenderContext } from '../../src/render/context';
import { PROBE_ADDRESSES } from '../../src/render/istio/waypoints';
import { Protocol } from '../../src/values/port';

/** Who takes part in an answer that is another one now. */
export interface Change {
  /** `a -> b`, or `a ingress` for addresses. */
  readonly what: string;
  readonly was: string;
  readonly is: string;
  /** Whether the answers differ on more than the nodes' own port. */
  readonly beyondHbone: boolean;
  /** Whether ztunnel stands before the pods that are called. */
  readonly ztunnel: boolean;
  readonly waypoint: boolean;
  /** Whether something else is certain now. */
  readonly certain: boolean;
  /** Whether something else is possible now. */
  readonly possible: boolean;
  /** Whether it is about the address of probes alone. */
  readonly probes: boolean;
}

interface End {
  readonly pods: PodClass;
  /** Whether it is called through ztunnel. */
  readonly ztunnel: boolean;
}

interface Answer {
  readonly whole: string;
  readonly sure: string;
  readonly possible: string;
  readonly withoutHbone: string;
  readonly ends: readonly End[];
}

/** Empty: both allow the same. */
export function changesBetween(
  context: RenderContext,
  before: ReadResult,
  after: ReadResult,
): Change[] {
  const [a, b] = [before, after].map((one) => witnessesOf(context, [], one).world.cluster);
  if (a === undefined || b === undefined) throw new Error('unreadable');
  const [was, is] = [answers(withPodsOf(a, b)), answers(withPodsOf(b, a))];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((what): Change[] => {
    const [old, now] = [was.get(what), is.get(what)];
    if (old?.whole === now?.whole) return [];
    const ends = [...(old?.ends ?? []), ...(now?.ends ?? [])];
    return [
      {
        ...{ what, was: old?.whole ?? '', is: now?.whole ?? '' },
        beyondHbone: old?.withoutHbone !== now?.withoutHbone,
        ztunnel: ends.some(({ ztunnel }) => ztunnel),
        waypoint: ends.some(({ pods }) => Object.hasOwn(pods.pods.labels, WAYPOINT_OF)),
        certain: old?.sure !== now?.sure,
        possible: old?.possible !== now?.possible,
        probes: isOfProbes(old?.whole ?? '', now?.whole ?? ''),
      },
    ];
  });
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

function answers(world: World): Map<string, Answer> {
  const { classes, reach } = world;
  const name = ({ workload, pods }: PodClass): string =>
    `${workload.id} ${JSON.stringify(pods.labels)}`;
  const isAmbient = ({ index }: PodClass): boolean => reach.mesh?.proxies[index] === 'ambient';
  const pairs = classes.flatMap((from) =>
    classes.map((to): [string, Answer] => {
      const answer = told(world, reach.between(from.index, to.index));
      return [
        `${name(from)} -> ${name(to)}`,
        {
          ...answer,
          ends: [
            { pods: from, ztunnel: false },
            { pods: to, ztunnel: isAmbient(to) },
          ],
        },
      ];
    }),
  );
  const blocks = classes.flatMap((own) =>
    (['ingress', 'egress'] as const).map((direction): [string, Answer] => [
      `${name(own)} ${direction}`,
      {
        ...ofAddresses(world, own, direction),
        ends: [{ pods: own, ztunnel: direction === 'ingress' && isAmbient(own) }],
      },
    ]),
  );
  return new Map([...pairs, ...blocks]);
}

/** What arrives from each address, or leaves for it. */
function ofAddresses(world: World, own: PodClass, direction: Direction): Omit<Answer, 'ends'> {
  const { pool, network } = world.reach;
  const gate = network.gateOf(direction, { place: own.index });
  const said = addressVerdicts(pool, gate).flatMap(({ family, intervals, verdict }) => {
    const answer = ofAddress(world, own.index, direction, verdict);
    return intervals.map((one) => ({ cidrs: cidrsOf(family, one).join(), answer }));
  });
  const text = (key: keyof Omit<Answer, 'ends'>): string =>
    said
      .map(({ cidrs, answer }) => `${cidrs}: ${answer[key]}`)
      .sort()
      .join('\n');
  return {
    ...{ whole: text('whole'), sure: text('sure') },
    ...{ possible: text('possible'), withoutHbone: text('withoutHbone') },
  };
}

function ofAddress(
  world: World,
  place: number,
  direction: Direction,
  verdict: Verdict,
): Omit<Answer, 'ends'> {
  const { mesh } = world.reach;
  if (mesh !== undefined && direction === 'ingress') {
    return told(world, mesh.fromAddress(verdict, place));
  }
  const { sure, unsure, facts } = verdict;
  return told(world, { sure, limited: [], unknown: [{ connections: unsure, facts }] });
}

function told(world: World, { sure, limited, unknown }: PairVerdict): Omit<Answer, 'ends'> {
  const { pool } = world.reach;
  const others = pool.without(EVERY, pool.idOfPorts(Protocol.TCP, [[HBONE, HBONE]]));
  const text = (only: ConnectionsId, certain: boolean): string =>
    [
      ports(world, pool.common(sure, only)),
      ...limited.map((one) => `${one.ports.join(';')} ${describeRequests(one.requests)}`).sort(),
      ...(certain ? [] : unknown)
        .map((one) => `${ports(world, pool.common(one.connections, only))} ${one.facts.join()}`)
        .sort(),
    ].join(' | ');
  const possible = unknown.reduce((sum, one) => pool.union(sum, one.connections), sure);
  const requests = limited.map((one) => `${one.ports.join(';')} ${describeRequests(one.requests)}`);
  return {
    ...{ whole: text(EVERY, false), sure: text(EVERY, true), withoutHbone: text(others, false) },
    possible: [ports(world, possible), ...requests.sort()].join(' | '),
  };
}

/** Whether the answers differ on the addresses from which nodes of an ambient mesh probe, and no others. */
function isOfProbes(was: string, is: string): boolean {
  const [before, after] = [was, is].map((one) => one.split('\n'));
  const changed = [
    ...(before ?? []).filter((line) => !after?.includes(line)),
    ...(after ?? []).filter((line) => !before?.includes(line)),
  ];
  return changed.every((line) => PROBE_ADDRESSES.some((one) => line.startsWith(`${one}: `)));
}

function ports({ reach: { pool } }: World, id: ConnectionsId): string {
  return PROTOCOLS.map((one) => `${one} ${pool.rangesOf(id, one).join(';')}`).join(' ');
}
