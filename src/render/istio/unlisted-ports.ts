/**
 * A range that a rule cannot list is written without ports, and NetworkPolicy holds it. Where requests of
 * other ports are limited, it would take the limit from them: the callers get to those ports as well.
 */
import type { FlowData } from '../../traffic/data';
import { commonRanges, countPorts, rangesWithout } from '../../values/port-ranges';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import { flowProblem } from '../flow-problem';
import { permissionsOf } from './authorization';
import { isWidened, LISTED_PORTS, writtenPorts } from './ports';
import type { PolicyTarget } from './targets';

/** Ranges at sidecars that would void the limits of other ports. */
export function voidedLimitProblems(context: RenderContext, { flows }: PolicyTarget): Problem[] {
  const permissions = permissionsOf(context, flows);
  const limited = permissions.filter(({ requests }) => requests.length > 0);
  const voiding = permissions.filter(({ ports }) => {
    if (!isWidened(ports)) return false;
    const more = rangesWithout(writtenPorts(ports).admitted, ports);
    return limited.some((one) => countPorts(commonRanges(one.ports, more)) > 0);
  });
  return [...new Set(voiding.map(({ flow }) => flow))].map(unlistedPorts);
}

function unlistedPorts(flow: FlowData): Problem {
  return flowProblem(flow, {
    code: 'ports-unlisted',
    got: `more than ${String(LISTED_PORTS)} TCP ports for ${flow.fromName}`,
    expected: `few ports, or all of them: a rule that cannot list them would void the limits of other ports of ${flow.toName}`,
    fix: 'name the ports that are needed',
  });
}
