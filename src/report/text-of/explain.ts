/** One connection: what each layer says, by which object, and the smallest change that would allow it. */
import type { Evidence, ExplainResult, LayerAnswer } from '../../engine/result';
import type { Cell } from '../columns';
import { table } from '../columns';
import { kindOf, shortNames } from '../names';
import { httpText, placeText, printable } from '../words';
import type { TextOptions } from './options';
import { evidenceText, TONES } from './options';
import { routesText } from './routes';

export function* explainText(
  result: ExplainResult,
  options: TextOptions,
): Generator<string, string> {
  const { from, to, protocol, port, http, verdict, layers, routes = [], fix } = result;
  const short = shortNames([from, to]);
  // a Service may have the name of its workload
  const shorten = (id: string): string => (kindOf(id) === 'Service' ? printable(id) : short(id));
  const request = http === undefined ? '' : `  ${httpText(http)}`;
  const word = options.paint(verdict, TONES[verdict] ?? 'strong');
  yield `${word}  ${shorten(from)} -> ${shorten(to)}  ${protocol} ${port}${request}\n`;
  yield table(layers.flatMap(layerRows), 2, options.paint);
  if (routes.length > 0) {
    yield 'from outside:\n';
    yield routesText(routes, options, 'all');
  }
  if (fix !== undefined) yield `fix: ${printable(fix)}\n`;
  return '';
}

function layerRows({ layer, verdict, says, by, nearest, facts }: LayerAnswer): Cell[][] {
  const [first, ...others] = by;
  const tone = TONES[verdict];
  const word: Cell = tone === undefined ? verdict : [verdict, tone];
  return [
    [layer, word, printable(says), ...evidenceCells(first)],
    ...others.map((each): Cell[] => ['', '', '', ...evidenceCells(each)]),
    ...(nearest === undefined
      ? []
      : [['', '', `nearest: ${printable(nearest.rule ?? '')}`, ...evidenceCells(nearest)]]),
    ...facts.map((fact): Cell[] => ['', '', `depends on: ${printable(fact)}`]),
  ];
}

function evidenceCells(evidence: Evidence | undefined): Cell[] {
  if (evidence === undefined) return [];
  const path: Cell[] =
    evidence.constructPath === undefined ? [] : [[printable(evidence.constructPath), 'faint']];
  return [evidenceText(evidence), placeText(evidence), ...path];
}
