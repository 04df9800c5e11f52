/** What our engine and Cilium's say of the same connections. */
import { addressOf } from '../../../src/engine/addresses';
import { explain } from '../../../src/engine/explain';
import type { End, Network } from '../../../src/engine/network';
import type { QuestionEnd } from '../../../src/engine/question';
import { World } from '../../../src/engine/world';
import type { Tally } from '../harness/tally';
import type { Asked, Case, Question } from './judge';
import { judged } from './judge';

/** A case, and how a difference in it is to be found again. */
export interface Titled extends Case {
  readonly title: string;
}

type Word = 'allowed' | 'denied';

interface Cell {
  readonly title: string;
  /** Undefined where it takes no such policy. */
  readonly theirs: Word | string;
  readonly ours: ReturnType<typeof ours>;
  readonly evidence: () => string;
}

/** Counts every question of every case. */
export async function compared(tally: Tally, cases: readonly Titled[]): Promise<void> {
  for (const { title, theirs, ours: own, evidence } of await cellsOf(cases)) {
    if (theirs !== 'allowed' && theirs !== 'denied') tally.skip(`Cilium: ${theirs}`);
    else if (own.word === undefined) tally.skip(`left open by the API: ${own.facts.join(', ')}`);
    else tally.compare(title, { ours: own.word, theirs }, evidence);
  }
}

/** What the two say differently, uncounted: for tests that want them to differ. */
export async function differing(cases: readonly Titled[]): Promise<readonly string[]> {
  return (await cellsOf(cases)).flatMap(({ title, theirs, ours: { word } }) =>
    word === undefined || word === theirs ? [] : [`${title}: we say ${word}, it says ${theirs}`],
  );
}

async function cellsOf(cases: readonly Titled[]): Promise<readonly Cell[]> {
  const answers = await judged(cases);
  return cases.flatMap((one, index) =>
    one.questions.map((question, place): Cell => {
      const answer = answers[index] ?? { refused: 'no answer' };
      const allowed = 'verdicts' in answer && answer.verdicts[place] === true;
      return {
        title: `${one.title}, ${told(one.network, question)}`,
        theirs: 'refused' in answer ? answer.refused : allowed ? 'allowed' : 'denied',
        ours: ours(one.network, question),
        evidence: () => evidenceOf(one, question),
      };
    }),
  );
}

/** Our explanation, and the policies in full. */
function evidenceOf({ network, policies }: Titled, { from, to, protocol, port }: Question): string {
  const world = new World(network.compilation.cluster);
  const end = (asked: Asked): QuestionEnd => {
    if (typeof asked !== 'string') {
      return { kind: 'workload', id: world.classes[asked]?.workload.id ?? '' };
    }
    return { kind: 'addresses', cidr: `${asked}/${asked.includes(':') ? '128' : '32'}` };
  };
  const { layers } = explain(world, { from: end(from), to: end(to), protocol, port });
  return [...layers, ...policies].map((one) => JSON.stringify(one)).join('\n');
}

/** Our verdict about one connection; undefined where a fact decides that is not known. */
export function ours(
  network: Network,
  { from, to, protocol, port }: Question,
): { readonly word: Word | undefined; readonly facts: readonly string[] } {
  const { sure, unsure, facts } = network.between(endOf(from), endOf(to));
  const { pool } = network.compilation;
  if (pool.has(sure, protocol, port)) return { word: 'allowed', facts };
  return { word: pool.has(unsure, protocol, port) ? undefined : 'denied', facts };
}

/** Every class of pods to every other one and to a second pod of its own, on every one of the ports. */
export function matrix(
  network: Network,
  ports: readonly Pick<Question, 'protocol' | 'port'>[],
): readonly Question[] {
  const places = network.compilation.pods.classes.map(({ index }) => index);
  return places.flatMap((from) =>
    places.flatMap((to) => ports.map((port) => ({ from, to, ...port }))),
  );
}

function endOf(end: Asked): End {
  if (typeof end === 'number') return { place: end };
  const address = addressOf(end);
  if (address === undefined) throw new Error(`${end} is no address`);
  return address;
}

function told({ compilation }: Network, { from, to, protocol, port }: Question): string {
  const name = (end: Asked): string => {
    if (typeof end === 'string') return end;
    const { workload, pods } = compilation.pods.classes[end] ?? {};
    return `${workload?.id ?? '?'} ${JSON.stringify(pods?.labels)}`;
  };
  return `${name(from)} -> ${name(to)} ${protocol} ${String(port)}`;
}
