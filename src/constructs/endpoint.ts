/** One role of a workload: its pods, and the ports of that role. */
import { fixFields } from '../values/immutable';
import type { IPeer, PeerData } from '../values/peer';
import type { Port } from '../values/port';
import { portData } from '../values/port';
import { refuse } from '../values/problem';

/**
 * Pods in one of their roles: `mlflow.tracking`. A flow to it that names no ports uses the role's.
 */
export class Endpoint implements IPeer {
  public readonly peerName: string;
  private readonly data: PeerData;

  /** Made by `Workload.endpoint` and by the roles of components. */
  constructor(workload: IPeer, role: string, ports: Port[]) {
    const peer = workload._peer();
    this.peerName = `${workload.peerName} ${role}`;
    if (ports.length === 0) {
      refuse({
        code: 'empty-list',
        where: `${this.peerName}: ports`,
        got: [],
        expected: 'at least one port',
        fix: `workload.endpoint('${role}', Port.http(8080))`,
      });
    }
    this.data = { ...peer, ports: ports.map(portData) } as PeerData;
    fixFields(this);
  }

  /** @internal */
  public _peer(): PeerData {
    return this.data;
  }

  /** Readable form, the same as `peerName`. */
  public toString(): string {
    return this.peerName;
  }
}
