/**
 * When has Felix done what the API server was told? It takes the changes of each kind in their
 * order, and writes them to the kernel in that order. So a namespace, a pod and a policy are changed
 * last, such that one connection passes only once Felix has seen all three.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod, World } from '../../naive/world';

const NAMESPACE = 'engines-barrier';
const ASKING: Pod = { namespace: NAMESPACE, name: 'asking', ips: ['192.0.2.251'] };
const ASKED: Pod = { namespace: NAMESPACE, name: 'asked', ips: ['192.0.2.252'] };
const PORTS = [20001, 20002] as const;

export interface Knock {
  readonly from: Pod;
  readonly to: Pod;
  readonly port: number;
}

/** What is shown after the n-th world, and only after it. */
export function barrierOf(generation: number): World {
  const labels = { generation: String(generation) };
  const selector = { matchLabels: labels };
  return {
    namespaces: { [NAMESPACE]: { labels } },
    pods: [ASKING, { ...ASKED, labels }],
    policies: [
      {
        metadata: { name: 'closed', namespace: NAMESPACE },
        spec: { podSelector: {}, policyTypes: ['Ingress'] },
      },
      {
        metadata: { name: 'open', namespace: NAMESPACE },
        spec: {
          podSelector: selector,
          policyTypes: ['Ingress'],
          ingress: [
            { from: [{ namespaceSelector: selector }], ports: [{ port: portOf(generation) }] },
          ],
        },
      },
    ],
  };
}

/** Whether the n-th world is enforced before `waitMs` are over; resolves as soon as it is. */
export async function passed(
  generation: number,
  isOpen: (knock: Knock) => Promise<boolean>,
  waitMs: number,
): Promise<boolean> {
  const at = (world: number): Knock => ({ from: ASKING, to: ASKED, port: portOf(world) });
  for (const end = Date.now() + waitMs; Date.now() < end; await sleep(10)) {
    // where nothing is enforced yet, both are open
    if ((await isOpen(at(generation))) && !(await isOpen(at(generation - 1)))) return true;
  }
  return false;
}

/** Of two worlds in a row, each opens a port that the other one closes. */
function portOf(generation: number): number {
  return generation % 2 === 0 ? PORTS[0] : PORTS[1];
}
