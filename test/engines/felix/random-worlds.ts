/**
 * Random clusters of the property tests, on pods that are there already: from world to world, only
 * labels, ports and policies change. Everything is known of them, and all of them can be dialed.
 */

import { Dice } from '../../fuzz/dice';
import { PORTS } from '../../fuzz/l4-pools';
import { partialWorld } from '../../fuzz/l4-world';
import type { Pod, World } from '../../naive/world';
import type { Cell } from './felix-cluster';

/** By namespace; on both sides of the edges of the blocks that policies name, in one family or both. */
const PLACES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ml: [['10.1.0.1', 'fd00::1'], ['10.1.0.2', 'fd00::2'], ['10.1.0.3'], ['fd00:0:1::1']],
  data: [['10.1.1.1', 'fd00:1::1'], ['10.1.1.2', 'fd01::1'], ['192.0.2.1'], ['fd02::1']],
  edge: [['10.2.0.1', 'fd02::2'], ['203.0.113.5', '2001:db8::5'], ['172.16.0.1'], ['fd00::3']],
  ops: [['192.0.2.2', 'fd00::4'], ['203.0.113.77', '2001:db8:0:1::5'], ['10.1.0.9'], ['fc00::1']],
};

/** Every pair of pods is asked about, on at most so many ports. */
const PORTS_ASKED = 8;

export function randomWorld(seed: number): {
  readonly world: World;
  readonly cells: readonly Cell[];
} {
  const dice = new Dice(seed);
  const { namespaces, pods, policies } = partialWorld(dice).world;
  const placed = onPlaces(pods);
  const some = dice.list(PORTS_ASKED, PORTS_ASKED, () => ({
    protocol: dice.pick(['TCP', 'TCP', 'UDP']),
    port: dice.pick(PORTS),
  }));
  const asked = [...new Map(some.map((one) => [JSON.stringify(one), one])).values()];
  const cells = placed.flatMap((from) =>
    placed
      .filter((to) => to !== from)
      .flatMap((to) => asked.map((port): Cell => ({ from, to, ...port }))),
  );
  return { world: { namespaces, pods: placed, policies }, cells };
}

/** Pods of the nodes' network have no policies; more than a namespace has places for are left out. */
function onPlaces(pods: readonly Pod[]): Pod[] {
  const taken = new Map<string, number>();
  return pods.flatMap(({ namespace, labels, ports, hostNetwork }) => {
    const place = taken.get(namespace) ?? 0;
    const ips = PLACES[namespace]?.[place];
    if (hostNetwork === true || ips === undefined) return [];
    taken.set(namespace, place + 1);
    return [{ namespace, name: `pod-${String(place)}`, labels, ports, ips }];
  });
}
