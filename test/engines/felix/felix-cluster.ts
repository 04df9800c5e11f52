/**
 * A cluster of one node with a real API server and a real enforcer, and pods that really dial: it is
 * shown a world, and says who gets through to whom.
 */

import type { Pod, World } from '../../naive/world';
import type { ApiServer } from '../apiserver/api-server';
import type { Manifest } from '../apiserver/api-client';
import { startApiServer } from '../apiserver/api-server';
import { output } from '../harness/output';
import type { Engine } from '../harness/processes';
import type { Run } from '../harness/run';
import type { Knock } from './barrier';
import { barrierOf, passed } from './barrier';
import { forgetConnections, removeRules, startFelix } from './calico-felix';
import { manifestsOf } from './manifests';
import { Objects } from './objects';
import { familiesOf, idOf, PodNetwork } from './pod-network';
import type { Dial, Dialed } from './prober';
import { Prober } from './prober';

/** One question: does data get from one pod to a port of another one, and back? */
export interface Cell {
  readonly from: Pod;
  readonly to: Pod;
  readonly protocol: string;
  readonly port: number;
}

const ENFORCED_WITHIN_MS = 20_000;
/** What Felix denies it drops: until somebody who does not answer counts as silent. */
const QUIET_MS = 80;
const KNOCK_QUIET_MS = 15;
/** How often the same is asked until two answers in a row agree. */
const TRIES = 10;

interface Parts {
  readonly network: PodNetwork;
  readonly objects: Objects;
  readonly barrier: Objects;
  readonly prober: Prober;
  readonly felix: Engine;
  readonly server: ApiServer;
}

export class FelixCluster {
  private generation = 0;

  private constructor(private readonly parts: Parts) {}

  static async start(run: Run): Promise<FelixCluster> {
    const network = await PodNetwork.create(run);
    const server = await startApiServer(run, { networkNamespace: network.node });
    const prober = await Prober.start(run);
    const felix = await startFelix(run, network.node, server);
    const [objects, barrier] = [new Objects(server.client), new Objects(server.client)];
    return new FelixCluster({ network, objects, barrier, prober, felix, server });
  }

  /** For engines beside Felix. */
  get server(): ApiServer {
    return this.parts.server;
  }

  /** The network namespace of the node. */
  get node(): string {
    return this.parts.network.node;
  }

  /** The network namespace of a pod that was shown. */
  namespaceOf(pod: Pod): string {
    return this.parts.network.namespaceOf(pod);
  }

  /**
   * Resolves when the cluster is that world, and its policies are enforced. `manifests` may say more
   * of its objects than Felix looks at.
   */
  async show(world: World, manifests: readonly Manifest[] = manifestsOf(world)): Promise<void> {
    const { network, objects, barrier, felix } = this.parts;
    this.generation += 1;
    const last = barrierOf(this.generation);
    await network.place([...world.pods, ...last.pods]);
    await objects.become(manifests);
    await barrier.become(manifestsOf(last));
    const knocks = async (knock: Knock): Promise<boolean> => {
      const [dialed] = await this.dial([{ ...knock, protocol: 'TCP' }], KNOCK_QUIET_MS);
      return dialed?.[0] === 'exchanged';
    };
    if (await passed(this.generation, knocks, ENFORCED_WITHIN_MS)) return;
    throw new Error(`a world is not enforced in time; Felix says\n${felix.log().slice(-3000)}`);
  }

  /** Whether data gets through: the answer of two dials in a row. Of two families, one is enough. */
  async observe(cells: readonly Cell[]): Promise<readonly boolean[]> {
    let last = '';
    for (let tries = 0; tries < TRIES; tries += 1) {
      await forgetConnections(this.parts.network.node);
      const dialed = await this.dial(cells, QUIET_MS);
      const now = JSON.stringify(dialed);
      if (now === last) return dialed.map((families) => families.some(isOpen));
      // nobody refuses or is out of reach here; who seems to be is not ready yet
      last = dialed.flat().every((one) => one === 'exchanged' || one === 'silent') ? now : '';
    }
    throw new Error(`after ${String(TRIES)} dials, no two in a row are alike: ${last}`);
  }

  /** From now on, pods answer on these ports: with what they were sent, and their name. */
  async listen(ports: readonly Omit<Cell, 'from'>[]): Promise<void> {
    const { network, prober } = this.parts;
    await prober.listen(
      ports.map(({ to, protocol, port }) => ({
        ...{ networkNamespace: network.namespaceOf(to), name: idOf(to), protocol, port },
      })),
    );
  }

  /** What a program prints that runs where a pod is. */
  async runIn(pod: Pod, command: string, ...args: readonly string[]): Promise<string> {
    const { network } = this.parts;
    return output('ip', ['netns', 'exec', network.namespaceOf(pod), command, ...args]);
  }

  /** From now on nothing is enforced: for tests that must fail. */
  async stopEnforcing(): Promise<void> {
    await this.parts.felix.stop();
    await removeRules(this.parts.network.node);
  }

  /** By cell and family. */
  private async dial(
    cells: readonly Cell[],
    quietMs: number,
  ): Promise<readonly (readonly Dialed[])[]> {
    const { network, prober } = this.parts;
    const dials = cells.map(({ from, to, protocol, port }) => {
      const end = { name: idOf(to), protocol, port };
      return familiesOf(from, to).map(([, address]): Dial => ({
        ...end,
        networkNamespace: network.namespaceOf(from),
        address,
      }));
    });
    await this.listen(cells);
    const dialed = [...(await prober.dial(dials.flat(), quietMs))];
    return dials.map((families) => dialed.splice(0, families.length));
  }
}

function isOpen(dialed: Dialed): boolean {
  return dialed === 'exchanged';
}
