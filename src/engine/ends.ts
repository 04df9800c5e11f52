/**
 * The pods and addresses that a question is about, each with the port that is asked: of a Service,
 * the pods behind it and their own port.
 */
import { behind } from './routes/backends';
import type { BrokenLink } from './routes/declared';
import type { Layer } from './layer';
import type { Piece, Question, QuestionEnd, ServiceEnd } from './question';
import { endName, piecesOf, placesOf, protocolOf } from './question';
import { serviceNamed } from './behind';
import { listed } from './rule-words';
import type { World } from './world';

export interface AskedEnds {
  readonly sources: readonly Piece[];
  readonly targets: readonly AskedTarget[];
  /** The Service in between; where it is no way, there are no targets. */
  readonly route?: Layer;
}

export interface AskedTarget {
  readonly piece: Piece;
  /** Absent: nobody says which port the name means. */
  readonly port?: number;
}

export function endsOf(world: World, question: Question): AskedEnds {
  const { from, to, port } = question;
  if (to.kind !== 'service') {
    return {
      sources: piecesOf(world, from, placesAt(world, to)),
      targets: piecesOf(world, to, placesAt(world, from)).map((piece) => ({ piece, port })),
    };
  }
  const { targets, route } = behindService(world, question, to);
  const places = targets.flatMap(({ piece }) => ('place' in piece ? [piece.place] : []));
  return { sources: piecesOf(world, from, places), targets, route };
}

function placesAt(world: World, end: QuestionEnd): readonly number[] {
  return end.kind === 'workload' ? placesOf(world, end.id) : [];
}

function behindService(
  world: World,
  question: Question,
  end: ServiceEnd,
): { readonly targets: readonly AskedTarget[]; readonly route: Layer } {
  const { namespace, name } = end;
  const resource = serviceNamed(world, namespace, name)?.resource;
  const because = resource === undefined ? [] : [{ resource }];
  const found = behind(world, { namespace, name, port: question.port }, protocolOf(question));
  const [broken] = found.broken;
  if (broken !== undefined) return { targets: [], route: layerOf(broken) };
  const targets = found.targets.map(({ place, port }): AskedTarget => {
    const piece = { place, name: world.classes[place]?.workload.id ?? '' };
    return port === undefined ? { piece } : { piece, port };
  });
  const each = targets.map(({ piece, port }) => `${piece.name} ${String(port ?? '(a name)')}`);
  const says = `${endName(end)} ${String(question.port)} leads to ${listed([...new Set(each)])}`;
  return { targets, route: { layer: 'route', verdict: 'ALLOWED', says, by: because, facts: [] } };
}

function layerOf({ verdict, says, by, facts }: BrokenLink): Layer {
  return { layer: 'route', verdict, says, by, facts };
}
