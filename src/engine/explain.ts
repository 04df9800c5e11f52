/** One connection, layer by layer: what each says, by which line of which object, and what would help. */
import { judged } from './ask';
import { fixOf } from './fix';
import { layerAnswer } from './layer';
import type { Question } from './question';
import { endName, httpOf, requestOf } from './question';
import { routesTaking } from './routes';
import type { ExplainResult, LayerAnswer, ResultBase } from './result';
import type { World } from './world';

export type Explained = Omit<ExplainResult, keyof ResultBase>;

/** Without a request, ALLOWED says that some request passes; the authorization layer says which. */
export function explain(world: World, question: Question): Explained {
  const { protocol, port } = question;
  const said = {
    query: 'explain',
    from: endName(question.from),
    to: endName(question.to),
    protocol,
    port,
    ...(requestOf(question) === undefined ? {} : { http: httpOf(question) }),
  } as const;
  const found = judged(world, question);
  if (found === undefined)
    return { ...said, verdict: 'UNKNOWN', layers: [nobody(world, question)] };
  const { verdict, way, pair, differing } = found;
  const layers = way.layers.map(layerAnswer);
  const isDenied = way.verdict === 'DENIED' && pair !== undefined;
  // of a Service, policies say the pods' own port
  const fix = isDenied ? fixOf(world, { ...question, port: pair.port ?? port }, pair) : undefined;
  const routes = routesTaking(world, question);
  return {
    ...said,
    verdict,
    layers: differing === undefined ? layers : [parted(differing), ...layers],
    ...(routes.length === 0 ? {} : { routes }),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** What follows is about pods that are not allowed. */
function parted(differing: string): LayerAnswer {
  const says = `not all of them alike: ${differing}`;
  return { layer: 'route', verdict: 'UNKNOWN', says, by: [], facts: ['which of them is meant'] };
}

function nobody(world: World, { from, to }: Question): LayerAnswer {
  const missing = [from, to].filter(
    (end) =>
      end.kind === 'workload' && !world.classes.some(({ workload }) => workload.id === end.id),
  );
  const says =
    missing.length === 0 ? 'no such address' : `there is no ${missing.map(endName).join(', ')}`;
  return { layer: 'route', verdict: 'UNKNOWN', says, by: [], facts: ['no such end'] };
}
