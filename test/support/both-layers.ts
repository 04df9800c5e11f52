/**
 * Who may send what to whom where NetworkPolicy and a mesh of sidecars both decide, as lines for a
 * test: the full matrix of some callers and targets, judged by the naive evaluators. A pair without a
 * line is denied. Beside `reach.ts`, which knows NetworkPolicy only.
 */
import { meshAllows, mtlsMode } from '../naive/istio';
import type { MeshPod, MeshWorld } from '../naive/istio-world';
import { meshWorld } from '../naive/istio-world';
import { loadYaml } from '../naive/load-yaml';
import { allowed } from '../naive/network-policy';
import type { Address, Labels, Pod, World } from '../naive/world';
import type { PortOfInterest } from './reach';

/** A pod with its identity, or an address, and the name by which lines call it. */
export interface Party {
  readonly name: string;
  readonly end: MeshPod | Address;
}

/** Method and path. */
export type Request = readonly [method: string, path: string];

/** What every caller asks of every target: each port, and on HTTP ports each request. */
export interface Questions {
  readonly ports: readonly PortOfInterest[];
  readonly requests: readonly Request[];
}

/** How callers call, and who is asked whether they may. */
export interface Asking {
  /** Callers go around their own proxies. */
  readonly plaintext?: boolean;
  /** @default - both */
  readonly layer?: 'NetworkPolicy' | 'mesh';
}

/** What an app wrote, as one cluster of these parties. */
export class BothLayers {
  private readonly world: World;
  private readonly mesh: MeshWorld;

  /** `strangers`: labels of namespaces that nobody wrote. */
  constructor(
    folder: string,
    private readonly questions: Questions,
    strangers: Readonly<Record<string, Labels>> = {},
  ) {
    const { namespaces, policies, others } = loadYaml(folder);
    const theirs = Object.entries(strangers).map(([name, labels]) => [
      name,
      { labels: { ...labels, 'kubernetes.io/metadata.name': name } },
    ]);
    const all = { ...namespaces, ...Object.fromEntries(theirs) } as World['namespaces'];
    this.world = { namespaces: all, pods: [], policies };
    this.mesh = meshWorld(others);
  }

  /**
   * `from -> to TCP 8080` for a port on which every request passes, `from -> to TCP 8080 GET /x` for
   * each one where only some do, `from -> to everything` where nothing is held back. An end that
   * stands on both sides means two pods that are alike.
   */
  reached(from: readonly Party[], to: readonly Party[], asking: Asking = {}): string[] {
    const lines = from.flatMap((caller) =>
      to.flatMap((target) =>
        this.open(caller, target, asking).map((what) => `${caller.name} -> ${target.name} ${what}`),
      ),
    );
    return lines.sort();
  }

  /** The mode of mutual TLS that a pod's port accepts. */
  mode(pod: MeshPod, port: number): string {
    return mtlsMode(this.mesh, pod, port);
  }

  private open(caller: Party, target: Party, { plaintext, layer }: Asking): string[] {
    const from = caller.end;
    const to = caller === target ? replica(target.end) : target.end;
    const pods = [from, to].flatMap((end): Pod[] => (isPod(end) ? [end] : []));
    let held = false;
    const open = this.questions.ports.flatMap(([protocol, port]) => {
      const connects =
        layer === 'mesh' || allowed({ ...this.world, pods }, from, to, protocol, port);
      const passing = this.questions.requests.filter(([method, path]) => {
        if (!connects || layer === 'NetworkPolicy' || !isPod(to)) return connects;
        return meshAllows(this.mesh, { from, to, port, protocol, method, path, plaintext });
      });
      if (passing.length === this.questions.requests.length) return [`${protocol} ${String(port)}`];
      held = true;
      return passing.map((request) => [protocol, port, ...request].join(' '));
    });
    return held ? open : ['everything'];
  }
}

export function isPod(end: MeshPod | Address): end is MeshPod {
  return 'namespace' in end;
}

function replica(end: MeshPod | Address): MeshPod | Address {
  return isPod(end) ? { ...end, name: `${end.name}-replica`, ip: '10.244.255.255' } : end;
}
