/**
 * A piece of ML software that the catalogue knows: its workloads, their roles, and the flows among
 * them. It becomes real when a module adds it.
 */
import type { IPeer, PeerData } from '../values/peer';
import type { Port } from '../values/port';
import { refuse } from '../values/problem';
import type { Endpoint } from './endpoint';
import type { FlowOptions } from './flow-options';
import type { MeshMembership } from '../values/mesh-membership';
import type { Workload, WorkloadService } from './workload';

/** One workload of a component, as the catalogue describes it. */
export interface ComponentWorkload {
  /** Name of the workload. */
  readonly name: string;
  /** Labels that the software's own manifests or operator put on the pods. */
  readonly labels: Record<string, string>;
  /** Ports by role. */
  readonly roles: Record<string, Port[]>;
  /** Service account that the pods run as. */
  readonly serviceAccount?: string;
  /** Services in front of the pods. */
  readonly services?: WorkloadService[];
  /** Kinds of pods that routes tell apart, each with the labels that its pods carry besides `labels`. */
  readonly variants?: Record<string, Record<string, string>>;
  /** Whether the pods take part in the mesh. */
  readonly mesh?: MeshMembership;
  /** Set where all pods talk among themselves on all ports: the reason why. */
  readonly among?: string;
}

/** A place that can hold workloads: a module. */
export interface IComponentHost {
  /** Path of the place, for errors. */
  readonly hostName: string;
  /** Declares a workload in the module's own namespace. */
  workload(name: string, props: ComponentWorkloadProps): Workload;
}

/** What a module needs to know of a workload; the namespace is its own. */
export interface ComponentWorkloadProps {
  /** Labels that policies select the pods by. */
  readonly labels: Record<string, string>;
  /**
   * Service account that the pods run as.
   * @default - not known
   */
  readonly serviceAccount?: string;
  /**
   * Ports that the pods listen on.
   * @default - none
   */
  readonly ports?: Port[];
  /**
   * Services in front of the pods.
   * @default - none
   */
  readonly services?: WorkloadService[];
  /**
   * Kinds of pods that routes tell apart, such as `stable` and `canary`, each with the labels that
   * its pods carry besides `labels`.
   * @default - all pods are alike
   */
  readonly variants?: Record<string, Record<string, string>>;
  /**
   * Whether the pods take part in the mesh.
   * @default - as their namespace
   */
  readonly mesh?: MeshMembership;
}

interface Bound {
  readonly host: string;
  readonly workload: Workload;
  readonly roles: ReadonlyMap<string, Endpoint>;
}

/** Software of the catalogue. Use it after `module.add(component)`. */
export abstract class Component implements IPeer {
  private bound?: Bound;

  protected constructor(
    private readonly title: string,
    private readonly description: ComponentWorkload,
  ) {}

  public get peerName(): string {
    return this.bound?.workload.peerName ?? this.description.name;
  }

  /** The pods of this component. */
  public get workload(): Workload {
    return this.use().workload;
  }

  /** Lets a peer call this component. */
  public allowFrom(peer: IPeer, options: FlowOptions = {}): void {
    this.workload.allowFrom(peer, options);
  }

  /** Lets this component call a peer. */
  public allowTo(peer: IPeer, options: FlowOptions = {}): void {
    this.workload.allowTo(peer, options);
  }

  /** One role of this component by its name, for languages without the typed getters. */
  public role(name: string): Endpoint {
    const { roles } = this.use();
    const endpoint = roles.get(name);
    if (endpoint !== undefined) return endpoint;
    return refuse({
      code: 'role-unknown',
      where: `${this.title}: role`,
      got: name,
      expected: `one of ${[...roles.keys()].join(', ')}`,
      fix: `role('${[...roles.keys()][0] ?? ''}')`,
    });
  }

  /** @internal */
  public _peer(): PeerData {
    return this.workload._peer();
  }

  /** @internal */
  public _bind(host: IComponentHost): void {
    if (this.bound !== undefined) {
      refuse({
        code: 'component-twice',
        where: host.hostName,
        got: this.title,
        expected: `a component that no module has added: ${this.bound.host} has it`,
        fix: `make another one for ${host.hostName}`,
      });
    }
    const { name, roles, among, ...props } = this.description;
    const workload = host.workload(name, { ...props, ports: Object.values(roles).flat() });
    const endpoints = Object.entries(roles).map(
      ([role, ports]) => [role, workload.endpoint(role, ...ports)] as const,
    );
    this.bound = { host: host.hostName, workload, roles: new Map(endpoints) };
    if (among !== undefined) workload.allowAmong({ reason: among });
  }

  private use(): Bound {
    if (this.bound !== undefined) return this.bound;
    return refuse({
      code: 'component-unbound',
      where: this.title,
      got: 'a component that no module has added',
      expected: 'a component in a module',
      fix: `platform.module('…').add(${this.title})`,
    });
  }
}
