/**
 * Who can reach whom, by source. What is denied is counted, not listed, unless everything is asked for:
 * it is nearly always nearly everything.
 */
import type { ReachStream, ResultConnection, ResultWorkload } from '../../engine/result';
import type { Cell } from '../columns';
import { table } from '../columns';
import type { Shorten } from '../names';
import { kindOf, shortNames } from '../names';
import { allowedTexts, countText, portsText, printable } from '../words';
import type { TextOptions } from './options';

/** What is counted over all sources. */
interface Totals {
  allowed: number;
  unknown: number;
  denied: number;
}

interface Reader {
  readonly shorten: Shorten;
  readonly workloads: ReadonlyMap<string, ResultWorkload>;
  /** Ids of the workloads that could have been reached. */
  readonly destinations: ReadonlySet<string>;
  /** Whether the destinations are all there are, addresses included. */
  readonly everywhere: boolean;
  readonly options: TextOptions;
  readonly totals: Totals;
}

export function* reachText(result: ReachStream, options: TextOptions): Generator<string, string> {
  const workloads = new Map(result.workloads.map((workload) => [workload.id, workload]));
  const totals: Totals = { allowed: 0, unknown: 0, denied: 0 };
  const reader: Reader = {
    shorten: shortNames(workloads.keys()),
    workloads,
    destinations: new Set(result.asked?.to ?? workloads.keys()),
    everywhere: result.asked?.to === undefined,
    options,
    totals,
  };
  const waiting = [...(result.asked?.from ?? workloads.keys())];
  for (const [from, connections] of bySource(result.connections)) {
    while (waiting[0] !== undefined && waiting[0] < from) {
      yield* sourceText(waiting.shift() ?? '', [], reader);
    }
    if (waiting[0] === from) waiting.shift();
    yield* sourceText(from, connections, reader);
  }
  for (const from of waiting) yield* sourceText(from, [], reader);
  const { allowed, unknown, denied } = totals;
  const pairs = countText(allowed + unknown + denied, 'pair');
  return `${pairs}: ${allowed} allowed, ${unknown} unknown, ${denied} denied`;
}

/** Connections are sorted by source: one source at a time is held. */
function* bySource(
  connections: Iterable<ResultConnection>,
): Generator<readonly [from: string, connections: readonly ResultConnection[]]> {
  let held: ResultConnection[] = [];
  for (const connection of connections) {
    const from = held[0]?.from;
    if (from !== undefined && from !== connection.from) {
      yield [from, held];
      held = [];
    }
    held.push(connection);
  }
  if (held[0] !== undefined) yield [held[0].from, held];
}

function* sourceText(
  from: string,
  connections: readonly ResultConnection[],
  reader: Reader,
): Generator<string> {
  const { options, totals, shorten, workloads } = reader;
  const byPeer = new Map<string, ResultConnection[]>();
  for (const each of connections) byPeer.set(each.to, [...(byPeer.get(each.to) ?? []), each]);
  for (const each of byPeer.values()) {
    if (each.some(({ allow }) => allow.length > 0)) totals.allowed += 1;
    else totals.unknown += 1;
  }
  const denied = deniedOf(from, byPeer, reader);
  totals.denied += denied.count;
  const rows = [...byPeer].flatMap(([to, each]) => peerRows(shorten(to), each));
  const external = workloads.has(from) && [...byPeer.keys()].every((to) => workloads.has(to));
  const rest = deniedText(denied, external, reader);
  if (rows.length === 0 && !reader.everywhere && !options.all) return;
  yield `${headOf(from, reader)}\n`;
  yield table(rows, 2, options.paint);
  const gap = rows.length === 0 ? '' : ' ';
  if (rest !== '') yield `  ${options.paint('denied', 'faint')}${gap}  -> ${rest}\n`;
}

interface Denied {
  readonly count: number;
  /** Made when they are listed: of most sources they are only counted. */
  readonly names: () => readonly string[];
}

function deniedOf(
  from: string,
  reached: ReadonlyMap<string, unknown>,
  { destinations }: Reader,
): Denied {
  const others = destinations.size - (destinations.has(from) ? 1 : 0);
  const count = [...reached.keys()].filter((to) => to !== from && destinations.has(to)).length;
  return {
    count: others - count,
    names: () => [...destinations].filter((to) => to !== from && !reached.has(to)),
  };
}

function headOf(from: string, { workloads, shorten, options }: Reader): string {
  const name = options.paint(shorten(from), 'strong');
  const workload = workloads.get(from);
  if (workload === undefined) return `${name}  addresses`;
  const { isolated } = workload;
  const directions = isolated.length === 0 ? 'not isolated' : `isolated: ${isolated.join(', ')}`;
  return `${name}  ${kindOf(from)}  ${directions}`;
}

/** Ports without limits of requests share a row; each kind of requests has its own. */
function peerRows(to: string, connections: readonly ResultConnection[]): (readonly Cell[])[] {
  const plain: string[] = [];
  const limited: (readonly [ports: string, requests: string])[] = [];
  for (const { protocol, allow } of connections) {
    for (const each of allow) {
      const ports = portsText(protocol, each.ports);
      if (each.http === undefined) plain.push(ports);
      else {
        const texts = allowedTexts(protocol, [each]);
        for (const text of texts) limited.push([ports, text.slice(ports.length + 1)]);
      }
    }
  }
  const allowed: (readonly [string, string])[] =
    plain.length === 0 ? limited : [[plain.join(', '), ''], ...limited];
  return [
    ...allowed.map(([ports, requests]): Cell[] => [
      ['allowed', 'good'],
      `-> ${to}`,
      ports,
      requests,
    ]),
    ...connections.flatMap(({ protocol, unknown }) =>
      unknown.map(({ ports, fact }): Cell[] => {
        return [
          ['UNKNOWN', 'unsure'],
          `-> ${to}`,
          portsText(protocol, ports),
          `depends on: ${printable(fact)}`,
        ];
      }),
    ),
  ];
}

function deniedText(denied: Denied, external: boolean, reader: Reader): string {
  const { shorten, everywhere, options } = reader;
  const listed = options.all || denied.count <= 3;
  const names = listed ? denied.names().map(shorten) : [`${denied.count} other workloads`];
  return [...names, ...(everywhere && external ? ['all external addresses'] : [])].join(', ');
}
