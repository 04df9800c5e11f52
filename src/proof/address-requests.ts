/**
 * Requests of addresses that the network lets in: what the proxy of the pods makes of them. It knows no
 * address, so that whoever comes without an identity is one to it.
 */
import type { Direction } from '../engine/compilation';
import { isEmptyRequests, subtractRequests } from '../engine/http/requests';
import type { RequestSet } from '../engine/http/requests';
import { isCaptured } from '../engine/istio/allowed';
import type { PodClass } from '../engine/pods';
import type { Verdict } from '../engine/verdict';
import type { World } from '../engine/world';
import type { FlowData } from '../traffic/data';
import { Protocol } from '../values/port';
import type { Declared, Stated } from './declared';
import { describeRanges } from './describe';
import type { Part } from './parts';
import { covering, partsOf, requestsMeant, withRequests } from './parts';

export interface RequestDifference {
  readonly kind: 'widened' | 'missing';
  readonly what: string;
  readonly flows: readonly FlowData[];
}

/** Whether a proxy that reads requests stands before the pods: who has no identity passes no waypoint. */
export function readsRequests(
  { reach: { mesh } }: World,
  { index }: PodClass,
  direction: Direction,
): boolean {
  return direction === 'ingress' && mesh?.proxies[index] === 'sidecar';
}

/** On ports that were declared and are open; of others the network's verdict tells all. */
export function requestDifferences(
  { world, declared }: { readonly world: World; readonly declared: Declared },
  { own, network }: { readonly own: PodClass; readonly network: Verdict },
  stated: readonly Stated[],
): RequestDifference[] {
  const { mesh, pool } = world.reach;
  if (mesh === undefined) return [];
  const must = stated.filter(({ flow, meant }) => meant === 'yes' && declared.isAsked(flow, own));
  const open = pool.union(network.sure, network.unsure);
  return partsOf(world, mesh.fromAddress(network, own.index), stated)
    .filter(({ protocol, range: [port] }) => {
      return (
        protocol === Protocol.TCP && isCaptured('sidecar', port) && pool.has(open, protocol, port)
      );
    })
    .flatMap((part) => {
      const may = covering(world, stated, part);
      if (may.length === 0) return [];
      const tokens = declared.tokensAt(own, part.range[0]);
      const needed = covering(world, must, part);
      const wider = subtractRequests(part.allowed, requestsMeant(may, tokens));
      const lacking = subtractRequests(requestsMeant(needed, tokens), part.possible);
      return [...told('widened', part, wider, may), ...told('missing', part, lacking, needed)];
    });
}

function told(
  kind: RequestDifference['kind'],
  { protocol, range }: Part,
  requests: RequestSet,
  stated: readonly Stated[],
): RequestDifference[] {
  if (isEmptyRequests(requests)) return [];
  const what = withRequests(`${protocol} ${describeRanges([range])}`, requests);
  return [{ kind, what, flows: stated.map(({ flow }) => flow) }];
}
