/** What strangers can reach of each workload, what strangers it can reach, and the ways from outside. */
import type { ExposedWorkload, ExposureResult, Exposure } from '../../engine/result';
import type { Cell } from '../columns';
import { table } from '../columns';
import { kindOf, shortNames } from '../names';
import { allowedTexts, countText, unknownTexts } from '../words';
import type { TextOptions } from './options';
import { routesText } from './routes';

export function* exposureText(
  result: ExposureResult,
  options: TextOptions,
): Generator<string, string> {
  const shorten = shortNames(result.exposed.map(({ workload }) => workload));
  for (const each of result.exposed) {
    const { workload, isolated } = each;
    const directions = isolated.length === 0 ? 'not isolated' : `isolated: ${isolated.join(', ')}`;
    const name = options.paint(shorten(workload), 'strong');
    yield `${name}  ${kindOf(workload)}  ${directions}\n`;
    yield table(rowsOf(each), 2, options.paint);
  }
  if (result.routes.length > 0) {
    yield `${options.paint('ways from outside', 'strong')}\n`;
    yield routesText(result.routes, options, 'those that stop it');
  }
  const exposed = result.exposed.filter(({ from }) => from.length > 0).length;
  const leaking = result.exposed.filter(({ to }) => to.length > 0).length;
  const open = result.routes.filter(({ verdict }) => verdict === 'ALLOWED').length;
  const ways =
    result.routes.length === 0
      ? ''
      : `; ${open} of ${countText(result.routes.length, 'way')} from outside open`;
  return `${countText(exposed, 'workload')} can be reached by strangers, ${leaking} can reach strangers${ways}`;
}

function rowsOf({ from, to }: ExposedWorkload): Cell[][] {
  return [
    ...from.flatMap((each) => exposureRows('<-', each)),
    ...to.flatMap((each) => exposureRows('->', each)),
  ];
}

function exposureRows(arrow: string, { stranger, protocol, allow, unknown }: Exposure): Cell[][] {
  const end = `${arrow} ${stranger}`;
  return [
    ...allowedTexts(protocol, allow).map((text): Cell[] => [['allowed', 'bad'], end, text]),
    ...unknownTexts(protocol, unknown).map((text): Cell[] => [['UNKNOWN', 'unsure'], end, text]),
  ];
}
