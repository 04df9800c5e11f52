/** What the proof says of every mutant of what was written, and what only the engine can tell. */
import { ApiObject, Yaml } from 'cdk8s';
import type { App } from 'cdk8s';
import { ClusterProfile } from '../../src';
import { validateTree } from '../../src/constructs/validate';
import { treeOf } from '../../src/constructs/tree';
import { prove } from '../../src/proof/proof';
import { readText } from '../../src/read/read-text';
import { combine } from '../../src/read/result';
import type { ReadResult } from '../../src/read/result';
import type { RenderContext } from '../../src/render/context';
import type { Json } from './json-steps';
import type { Mutant } from './mutants';
import { JUDGED, mutantsOf } from './mutants';
import type { Change } from './same-world';
import { changesBetween } from './same-world';
import { causesOf } from './survivors';

export interface Survivor {
  readonly kind: string;
  /** The object as it was, and as it became. */
  readonly text: string;
  /** What is another answer now. */
  readonly changes: readonly Change[];
}

/** By kind of mutant. */
export interface Counts {
  mutants: number;
  killed: number;
  equivalent: number;
  readonly survivors: Survivor[];
}

export type Tally = Map<string, Counts>;

export function contextOf(app: App): RenderContext {
  return { model: treeOf(app).model, profile: ClusterProfile.of(app)._data };
}

export function objectsOf(app: App): object[] {
  return app.node
    .findAll()
    .filter((node): node is ApiObject => ApiObject.isApiObject(node))
    .map((node) => JSON.parse(JSON.stringify(node.toJson())) as object);
}

/** Asks about the mutants that are picked; returns what nobody noticed. */
export function mutate(app: App, tally: Tally, pick: (mutants: Mutant[]) => Mutant[]): Survivor[] {
  const survivors: Survivor[] = [];
  expect(validateTree(app)).toEqual([]);
  const [context, objects] = [contextOf(app), objectsOf(app)];
  const read = objects.map((object, index) => readOne(object, index));
  const { problems } = prove(context, [], combine(read));
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  objects.forEach((object, index) => {
    if (!JUDGED.includes((object as { kind: string }).kind)) return;
    const others = read.filter((_, at) => at !== index);
    for (const mutant of pick(mutantsOf(object))) {
      const changed = [
        ...others,
        ...(mutant.object === undefined ? [] : [readOne(mutant.object, index)]),
      ];
      const judged = judge(context, { before: read, after: changed });
      survivors.push(...count(tally, mutant, judged, object));
    }
  });
  return survivors;
}

/** Killed, or what it changed: nothing, where it means the same. */
type Judged = 'killed' | readonly Change[];

function judge(
  context: RenderContext,
  { before, after }: { before: readonly ReadResult[]; after: readonly ReadResult[] },
): Judged {
  const { problems } = prove(context, [], combine(after));
  if (problems.length > 0) return 'killed';
  return changesBetween(context, combine(before), combine(after));
}

function count(tally: Tally, { kind, object }: Mutant, judged: Judged, was: Json): Survivor[] {
  const counts = tally.get(kind) ?? { mutants: 0, killed: 0, equivalent: 0, survivors: [] };
  tally.set(kind, counts);
  counts.mutants += 1;
  if (judged === 'killed') {
    counts.killed += 1;
    return [];
  }
  if (judged.length === 0) {
    counts.equivalent += 1;
    return [];
  }
  const survivor = { kind, text: difference(was, object), changes: judged };
  counts.survivors.push(survivor);
  return [survivor];
}

/** `NetworkPolicy a/b: {…} => {…}`, cut where both begin and end alike. */
function difference(was: Json, becomes: Json): string {
  const { kind, metadata } = was as { kind: string; metadata: { namespace: string; name: string } };
  const [a, b] = [was, becomes].map((one) => JSON.stringify(one) ?? 'nothing');
  const [before, after] = [a ?? '', b ?? ''];
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  const from = Math.max(0, start - 60);
  const cut = (text: string): string => text.slice(from, start + 100);
  return `${kind} ${metadata.namespace}/${metadata.name}: ${cut(before)} => ${cut(after)}`;
}

function readOne(object: Json, index: number): ReadResult {
  return readText(`object-${String(index)}.yaml`, Yaml.stringify(object));
}

/** How many survivors each cause explains, beside other causes or alone. */
function causes(tally: Tally): string[] {
  const counts = new Map<string, number>();
  for (const survivor of [...tally.values()].flatMap(({ survivors }) => survivors)) {
    for (const why of causesOf(survivor.changes) ?? ['unexplained']) {
      counts.set(why, (counts.get(why) ?? 0) + 1);
    }
  }
  return [...counts].map(([why, count]) => `  ${String(count).padStart(4)}: ${why}`).sort();
}

/** One line per kind of mutant, and one for all. */
export function table(tally: Tally): string[] {
  const rows = [...tally].sort(([a], [b]) => (a < b ? -1 : 1));
  const sum = (of: (counts: Counts) => number): number =>
    rows.reduce((all, [, counts]) => all + of(counts), 0);
  const line = (name: string, numbers: readonly number[]): string =>
    `${name.padEnd(52)}${numbers.map((one) => String(one).padStart(11)).join('')}`;
  return [
    `${'mutant'.padEnd(52)}    mutants     killed equivalent   survived`,
    ...rows.map(([kind, { mutants, killed, equivalent, survivors }]) =>
      line(kind, [mutants, killed, equivalent, survivors.length]),
    ),
    `${String(sum((one) => one.mutants))} mutants, ${String(sum((one) => one.killed))} killed, ${String(sum((one) => one.equivalent + one.survivors.length))} survivors (each explained)`,
    `  ${String(sum((one) => one.equivalent)).padStart(4)}: every pod and every address has the same answers`,
    ...causes(tally),
  ];
}
