/**
 * Declared against reachable, for addresses that are no pod's: of every direction that is ours of an
 * isolated class, the blocks that its policies open and the blocks that were declared.
 */
import type { Family, Interval } from '../engine/addresses';
import { cidrsOf, commonIntervals, everyAddress, intervalsWithout } from '../engine/addresses';
import type { ConnectionPool, ConnectionsId } from '../engine/connections';
import { EVERY, NONE, PROTOCOLS } from '../engine/connections';
import type { AddressVerdict } from '../engine/external';
import { addressVerdicts } from '../engine/external';
import type { Direction } from '../engine/compilation';
import { HBONE } from '../engine/mesh/mesh';
import type { PodClass } from '../engine/pods';
import type { World } from '../engine/world';
import type { RenderContext } from '../render/context';
import type { FlowData } from '../traffic/data';
import { Protocol } from '../values/port';
import { addressesMeant, intervalsOf, isForcedOpen } from './addresses-meant';
import { readsRequests, requestDifferences } from './address-requests';
import type { Declared, Stated } from './declared';
import { describeRanges } from './describe';
import type { Difference } from './pods-differences';

/** Of some addresses. */
interface StatedOf extends Stated {
  readonly intervals: readonly Interval[];
}

export function addressDifferences(
  { context, world, declared }: { context: RenderContext; world: World; declared: Declared },
  own: PodClass,
  direction: Direction,
): Difference[] {
  const { pool, network } = world.reach;
  const flows = declared.flowsAt(own, direction);
  const gate = network.gateOf(direction, { place: own.index });
  const verdicts = addressVerdicts(pool, gate);
  const ambient = context.profile.mesh.mode === 'ambient';
  return ([4, 6] as const).flatMap((family) => {
    const stated = flows.flatMap((flow) =>
      statedBy(context, declared, flow, { direction, family, own }),
    );
    return verdicts
      .filter((one) => one.family === family)
      .flatMap((verdict) =>
        compared({ world, declared }, { own, direction, verdict, stated, ambient }),
      );
  });
}

interface Asked {
  readonly own: PodClass;
  readonly direction: Direction;
  readonly verdict: AddressVerdict;
  readonly stated: readonly StatedOf[];
  /** Whether the nodes' own port is opened beside the declared ones. */
  readonly ambient: boolean;
}

function compared(
  { world, declared }: { readonly world: World; readonly declared: Declared },
  { own, direction, verdict, stated, ambient }: Asked,
): Difference[] {
  const { family, verdict: said } = verdict;
  const { pool } = world.reach;
  const read = readsRequests(world, own, direction);
  const possible = pool.union(said.sure, said.unsure);
  const plumbing = ambient ? pool.idOfPorts(Protocol.TCP, [[HBONE, HBONE]]) : NONE;
  return pieces(verdict.intervals, stated).flatMap((piece) => {
    const here = stated.filter(({ intervals }) => commonIntervals(intervals, [piece]).length > 0);
    const may = here.reduce((sum, one) => pool.union(sum, one.connections), plumbing);
    const must = here
      .filter(({ meant }) => meant === 'yes')
      .reduce((sum, one) => pool.union(sum, one.connections), NONE);
    const peer = cidrsOf(family, piece).slice(0, 3).join(', ');
    const say = (kind: Difference['kind'], connections: ConnectionsId): Difference[] =>
      connections === NONE
        ? []
        : [
            {
              ...{ kind, direction, own, peer },
              what: textOf(pool, connections),
              flows: here.map(({ flow }) => flow),
            },
          ];
    return [
      ...say('widened', pool.without(said.sure, may)),
      ...say('missing', pool.without(must, possible)),
      ...(read ? requestDifferences({ world, declared }, { own, network: said }, here) : []).map(
        (one): Difference => ({ ...one, direction, own, peer }),
      ),
    ];
  });
}

/** The intervals, cut where a statement begins or ends. */
function pieces(intervals: readonly Interval[], stated: readonly StatedOf[]): Interval[] {
  return stated.reduce<Interval[]>(
    (parts, one) =>
      parts.flatMap((part) => [
        ...commonIntervals([part], one.intervals),
        ...intervalsWithout([part], one.intervals),
      ]),
    [...intervals],
  );
}

function statedBy(
  context: RenderContext,
  declared: Declared,
  flow: FlowData,
  {
    direction,
    family,
    own,
  }: { readonly direction: Direction; readonly family: Family; readonly own: PodClass },
): StatedOf[] {
  const known = declared.connectionsOf(flow);
  const requests = declared.requestsOf(flow, direction);
  // pods without proxy need none of what proxies need
  const needless =
    (flow.origin === 'mesh' && !declared.mayHaveProxy(own)) || !declared.isAt(own, flow, direction);
  const meant = addressesMeant(context, flow, direction).map((one): StatedOf => ({
    flow,
    intervals: intervalsOf(one, family),
    connections: one.ports === undefined ? (known ?? EVERY) : declared.connections(one.ports),
    requests,
    meant:
      (one.ports !== undefined || known !== undefined) && one.open !== true && !needless
        ? 'yes'
        : 'maybe',
  }));
  if (!isForcedOpen(context, flow, direction)) return meant;
  // what the profile forces open for everybody may be more than was meant
  const intervals = [everyAddress(family)];
  return [...meant, { flow, intervals, connections: known ?? EVERY, requests, meant: 'maybe' }];
}

function textOf(pool: ConnectionPool, id: ConnectionsId): string {
  if (id === EVERY) return 'every port';
  return PROTOCOLS.flatMap((protocol) => {
    const ranges = pool.rangesOf(id, protocol);
    return ranges.length === 0 ? [] : [`${protocol} ${describeRanges(ranges)}`];
  }).join(', ');
}
