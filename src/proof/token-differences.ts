/**
 * Tokens of pods that nobody isolates: everybody may connect, and still no request gets through without
 * the token that was asked for. Where pods are isolated, their callers are asked about one by one.
 */
import type { AllowedRequests } from '../engine/istio/combine';
import {
  ALL_REQUESTS,
  isEmptyRequests,
  NO_REQUESTS,
  subtractRequests,
} from '../engine/http/requests';
import type { PodClass } from '../engine/pods';
import { STRANGER } from '../engine/strangers';
import type { World } from '../engine/world';
import { Protocol } from '../values/port';
import type { Declared } from './declared';
import type { Difference } from './pods-differences';
import { withRequests } from './parts';

const EVERYTHING: AllowedRequests = {
  allowed: ALL_REQUESTS,
  possible: ALL_REQUESTS,
  missing: [],
};

/** Of declared workloads, at the proxy that reads their requests. */
export function tokenDifferences(
  { world, declared }: { readonly world: World; readonly declared: Declared },
  own: PodClass,
): Difference[] {
  const { mesh } = world.reach;
  if (own.workload.kind === STRANGER || mesh === undefined) return [];
  const proxy = mesh.proxies[own.index];
  if (proxy !== 'sidecar' && proxy !== 'ambient') return [];
  const target = mesh.targets.byPlace[own.index];
  // somebody in the mesh whom no rule names
  const caller = mesh.unnamed(own.index);
  const way = proxy === 'ambient' ? 'through' : 'direct';
  return declared.guardedPorts(own).flatMap(({ port, requests }): Difference[] => {
    const { allowed, possible } = target?.[way](port, caller) ?? EVERYTHING;
    const say = (kind: Difference['kind'], difference = NO_REQUESTS): Difference[] => {
      if (isEmptyRequests(difference)) return [];
      const what = withRequests(`${Protocol.TCP} ${String(port)}`, difference);
      return [{ kind, direction: 'ingress', own, peer: 'any caller', what, flows: [] }];
    };
    return [
      ...say('widened', subtractRequests(allowed, requests)),
      ...say('missing', subtractRequests(requests, possible)),
    ];
  });
}
