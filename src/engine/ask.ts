/** One connection, quickly: the verdict, the objects that decide, and what is not known. */
import type { AskedTarget } from './ends';
import { endsOf } from './ends';
import type { Layer } from './layer';
import { objectsOf, wordOf } from './layer';
import { remember } from './pods';
import type { Piece, Question } from './question';
import { endName, protocolOf, requestOf } from './question';
import type { VerdictWord } from './result';
import type { Way } from './ways';
import { bestWay } from './ways';
import type { World } from './world';

export interface Asked {
  readonly verdict: VerdictWord;
  /** Objects that decide: `NetworkPolicy llm-serving/default-deny`. */
  readonly by: readonly string[];
  /** Facts that are missing; empty unless the verdict is UNKNOWN. */
  readonly unknown: readonly string[];
}

/** One pair of pods, or of addresses, of a question. */
export interface PieceWay extends Way {
  readonly from: Piece;
  readonly to: Piece;
  /** Of the target; of a Service, that of the pods behind. */
  readonly port?: number;
}

/** The answer of all pods and addresses that a question is about. */
export interface Judged {
  readonly verdict: VerdictWord;
  /** To be shown: of a pair that is not allowed, where they differ. */
  readonly way: Way;
  /** Absent: a Service leads nowhere. */
  readonly pair?: PieceWay;
  /** Where pairs differ: what each verdict is about. */
  readonly differing?: string;
}

const DIFFERENT = 'which of the pods or addresses';

/** Undefined: an end is nobody. */
export function judged(world: World, question: Question): Judged | undefined {
  const { sources, targets, route } = endsOf(world, question);
  if (sources.length === 0) return undefined;
  if (targets.length === 0 && route !== undefined) {
    const verdict = wordOf(route);
    return { verdict, way: { verdict, layers: [route] } };
  }
  const ways = sources.flatMap((source) =>
    targets.map((target): PieceWay => {
      const { verdict, layers } = wayTo(world, question, source, target);
      const { piece: to, port } = target;
      return {
        ...{ verdict, from: source, to, layers: route === undefined ? layers : [route, ...layers] },
        ...(port !== undefined && { port }),
      };
    }),
  );
  const [first] = ways;
  if (first === undefined) return undefined;
  const words = [...new Set(ways.map(({ verdict }) => verdict))];
  if (words.length === 1) return { verdict: first.verdict, way: first, pair: first };
  const shown = ways.find(({ verdict }) => verdict === 'DENIED') ?? first;
  return { verdict: 'UNKNOWN', way: shown, pair: shown, differing: differences(ways, words) };
}

function wayTo(
  world: World,
  question: Question,
  from: Piece,
  { piece: to, port }: AskedTarget,
): Way {
  const [protocol, request] = [protocolOf(question), requestOf(question)];
  if (port !== undefined) return bestWay(world, { from, to, protocol, port, request });
  const says = 'which port the name means is not known';
  const layer: Layer = {
    ...{ layer: 'route', verdict: 'UNKNOWN', says, by: [], facts: ['named-port'] },
  };
  return { verdict: 'UNKNOWN', layers: [layer] };
}

/** `ALLOWED: role=worker; DENIED: role=launcher` */
function differences(ways: readonly PieceWay[], words: readonly VerdictWord[]): string {
  const several = (piece: (way: PieceWay) => Piece): boolean =>
    new Set(ways.map((way) => piece(way).name)).size > 1;
  const [sources, targets] = [several(({ from }) => from), several(({ to }) => to)];
  const name = ({ from, to }: PieceWay): string =>
    sources && targets ? `${from.name} -> ${to.name}` : sources ? from.name : to.name;
  return [...words]
    .sort()
    .map((word) => {
      const own = ways.filter(({ verdict }) => verdict === word).map(name);
      const more = own.length > 4 ? ` and ${String(own.length - 4)} more` : '';
      return `${word}: ${own.slice(0, 4).join(', ')}${more}`;
    })
    .join('; ');
}

const known = new WeakMap<World, Map<string, Asked>>();

/** Where pods or addresses of one end differ, no single answer is right: UNKNOWN says which differ. */
export function ask(world: World, question: Question): Asked {
  const answers = known.get(world) ?? new Map<string, Asked>();
  known.set(world, answers);
  const { from, to, protocol, port, ...request } = question;
  const key = JSON.stringify([endName(from), endName(to), protocol, port, request]);
  return remember(answers, key, () => answered(world, question));
}

function answered(world: World, question: Question): Asked {
  const found = judged(world, question);
  if (found === undefined) return { verdict: 'UNKNOWN', by: [], unknown: ['no such end'] };
  const { verdict, way, differing } = found;
  const layers = deciding(way, way.verdict);
  const by = objectsOf(layers);
  if (differing !== undefined) return { verdict, by, unknown: [`${DIFFERENT}: ${differing}`] };
  const facts = layers.flatMap((one) => one.facts);
  return { verdict, by, unknown: verdict === 'UNKNOWN' ? [...new Set(facts)].sort() : [] };
}

/** The layers that a verdict rests on: the first that denies, all that are not known, all that allow. */
export function deciding({ layers }: Way, verdict: VerdictWord): readonly Layer[] {
  const own = layers.filter((one) => wordOf(one) === verdict);
  return verdict === 'DENIED' ? own.slice(0, 1) : own;
}
