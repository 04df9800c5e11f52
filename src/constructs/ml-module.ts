/**
 * A module of the ML platform: one chart with its namespaces and their baseline.
 */
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { IPeer, PeerData } from '../values/peer';
import type { Port } from '../values/port';
import { EVERYTHING } from '../values/selector';
import type { Component, ComponentWorkloadProps, IComponentHost } from './component';
import type { IsolationDirections } from './default-deny';
import type { MeshMembership } from '../values/mesh-membership';
import type { IMlNamespace } from './ml-namespace';
import { PlatformBaseline } from './platform-baseline';
import type { PodSecurity } from './pod-security';
import { refuse } from '../values/problem';
import { Workload } from './workload';

/** A module's namespaces and their baseline. */
export interface MlModuleOptions {
  /**
   * Names of the module's namespaces. The first one holds its workloads.
   *
   * @default - one namespace with the module's name
   */
  readonly namespaces?: string[];

  /**
   * Team that works on the module.
   *
   * @default - no team label
   */
  readonly team?: string;

  /**
   * Further labels of the namespaces.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;

  /**
   * Directions in which all pods are isolated.
   *
   * @default IsolationDirections.BOTH
   */
  readonly directions?: IsolationDirections;

  /**
   * Platform namespaces that may reach all pods, and that all pods may reach.
   *
   * @default - none
   */
  readonly platformPeers?: IPeer[];

  /**
   * Ports between the module and its platform peers.
   *
   * @default - all ports
   */
  readonly platformPorts?: Port[];

  /**
   * Pod Security level that the namespaces enforce.
   *
   * @default - baseline is warned about and audited, nothing is enforced
   */
  readonly podSecurity?: PodSecurity;

  /**
   * Whether pods take part in the mesh unless they say otherwise.
   *
   * @default - in, where the cluster profile has a mesh
   */
  readonly mesh?: MeshMembership;
}

/** A chart with a module's namespaces, baseline and workloads. Made by `MlPlatform.module`. */
export class MlModule extends Chart implements IPeer, IComponentHost {
  /** The module's namespaces; the first one holds its workloads. */
  public readonly namespaces: IMlNamespace[];

  constructor(scope: Construct, id: string, options: MlModuleOptions = {}) {
    super(scope, id, { disableResourceNameHashes: true });
    const { namespaces = [id], ...rest } = options;
    if (namespaces.length === 0) {
      refuse({
        code: 'empty-list',
        where: `${this.node.path}: namespaces`,
        got: [],
        expected: 'at least one namespace',
        fix: `namespaces: ['${id}']`,
      });
    }
    const baseline = new PlatformBaseline(this, 'baseline', { ...rest, namespaces, module: id });
    this.namespaces = baseline.namespaces;
  }

  public get peerName(): string {
    return this.namespaces.map(({ namespaceName }) => namespaceName).join(', ');
  }

  /** Path of the module's chart. */
  public get hostName(): string {
    return this.node.path;
  }

  /** Declares a workload in the module's first namespace. */
  public workload(name: string, props: ComponentWorkloadProps): Workload {
    const [namespace] = this.namespaces;
    return new Workload(this, name, { ...props, namespace: namespace as IMlNamespace });
  }

  /** Adds a component of the catalogue and returns it. */
  public add<T extends Component>(component: T): T {
    component._bind(this);
    return component;
  }

  /** @internal */
  public _peer(): PeerData {
    const names = this.namespaces.map(({ namespaceName }) => namespaceName);
    return { kind: 'pods', namespaces: { kind: 'names', names }, pods: EVERYTHING };
  }
}
