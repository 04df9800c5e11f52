/**
 * Mutual TLS that was asked for, against the modes that were written: a proxy that lets plain text in
 * is as open as before, whether or not anything else limits who may connect.
 */
import { effectiveMtls } from '../engine/istio/peer-authentication';
import type { PodClass } from '../engine/pods';
import { STRANGER } from '../engine/strangers';
import type { World } from '../engine/world';
import type { RenderContext } from '../render/context';
import { portsOf } from '../render/flow-ports';
import { callersOf } from '../render/istio/callers';
import { isStrict } from '../render/istio/mutual-tls';
import { workloadsIn } from '../traffic/model';
import type { FlowData } from '../traffic/data';
import { Protocol } from '../values/port';
import type { PortRange } from '../values/port-ranges';
import { holdsPort, mergeRanges, rangesOf } from '../values/port-ranges';
import type { Declared } from './declared';
import { isOf } from './meaning';
import { mayBeException } from './proved-callers';
import type { Difference } from './pods-differences';

interface Asked {
  readonly context: RenderContext;
  readonly world: World;
  readonly declared: Declared;
}

/** Of declared workloads that were said to accept mutual TLS only. */
export function mtlsDifferences({ context, world, declared }: Asked, own: PodClass): Difference[] {
  const point = world.pointOf(own.index);
  const workload = workloadsIn(context.model, own.workload.namespace).find((one) => isOf(one, own));
  if (point === undefined || workload === undefined || own.workload.kind === STRANGER) return [];
  if (!isStrict(context, workload)) return [];
  const flows = declared.flowsAt(own, 'ingress').filter((one) => isPlain(context, one));
  const ranges = (one: FlowData): readonly PortRange[] =>
    rangesOf(portsOf(context, one).ports, Protocol.TCP);
  const exempt = mergeRanges(flows.flatMap(ranges));
  const policies = world.cluster.peerAuthentications;
  return portsAskedOf(exempt, policies).flatMap((port): Difference[] => {
    const open = holdsPort(exempt, port);
    const { modes } = effectiveMtls(policies, point, port);
    if (open ? modes.some((mode) => mode !== 'STRICT') : modes.includes('STRICT')) return [];
    const kind = open ? 'missing' : 'widened';
    const what = `plain text on TCP ${String(port)}`;
    const stating = flows.filter((one) => holdsPort(ranges(one), port));
    return [
      { kind, direction: 'ingress', own, peer: 'callers without mTLS', what, flows: stating },
    ];
  });
}

/** First ports of the exceptions and beside them, ports that policies name, and one of all others. */
function portsAskedOf(
  exempt: readonly PortRange[],
  policies: World['cluster']['peerAuthentications'],
): number[] {
  const named = policies.flatMap(({ spec }) =>
    Object.keys(spec['portLevelMtls'] ?? {}).map(Number),
  );
  const ports = [1, ...exempt.flatMap(([low, high]) => [low - 1, low, high, high + 1]), ...named];
  return [...new Set(ports)].filter((one) => 1 <= one && one <= 65535).sort((a, b) => a - b);
}

/** Declared callers of whom some have no proxy, or may have none. */
function isPlain(context: RenderContext, flow: FlowData): boolean {
  if (!mayBeException(flow)) return false;
  return callersOf(context, flow.from).some(({ kind }) => kind !== 'identified');
}
