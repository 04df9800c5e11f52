/**
 * What the platform team puts into every namespace.
 */
import { Construct } from 'constructs';
import type { Environment } from '../traffic/environment';
import type { IPeer } from '../values/peer';
import { Port } from '../values/port';
import { refuse } from '../values/problem';
import { declareFlow } from './declare';
import type { IsolationDirections } from './default-deny';
import { DefaultDeny } from './default-deny';
import { DnsEgress } from './dns-egress';
import { flowOf } from './flow-options';
import type { MeshMembership } from '../values/mesh-membership';
import type { IMlNamespace } from './ml-namespace';
import { MlNamespace } from './ml-namespace';
import type { PodSecurity } from './pod-security';

/** The namespaces of a platform and what holds in each of them. */
export interface PlatformBaselineProps {
  /** Names of the namespaces. */
  readonly namespaces: string[];

  /**
   * Who owns the baseline.
   *
   * @default 'platform'
   */
  readonly owner?: string;

  /**
   * Version of the baseline, as its owner counts it.
   *
   * @default - no version label
   */
  readonly version?: string;

  /**
   * Platform namespaces that may reach all pods, and that all pods may reach.
   *
   * @default - none
   */
  readonly platformPeers?: IPeer[];

  /**
   * Ports between the namespaces and their platform peers.
   *
   * @default - all ports
   */
  readonly platformPorts?: Port[];

  /**
   * Directions in which all pods are isolated.
   *
   * @default IsolationDirections.BOTH
   */
  readonly directions?: IsolationDirections;

  /**
   * Module that lives in these namespaces.
   *
   * @default - no module label
   */
  readonly module?: string;

  /**
   * Team that works in these namespaces.
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
   * Environment of the namespaces.
   *
   * @default - the platform's environment
   */
  readonly environment?: Environment;

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

/**
 * Namespace, default deny, DNS and the flows to and from platform namespaces, marked with owner and
 * version, for a list of namespaces as the platform team edits it.
 */
export class PlatformBaseline extends Construct {
  private readonly members = new Map<string, IMlNamespace>();

  constructor(scope: Construct, id: string, props: PlatformBaselineProps) {
    super(scope, id);
    checkNames(this.node.path, props.namespaces);
    for (const name of props.namespaces) this.members.set(name, this.add(name, props));
  }

  /** The namespaces, in the order of the list. */
  public get namespaces(): IMlNamespace[] {
    return [...this.members.values()];
  }

  /** The namespace of that name. */
  public namespace(name: string): IMlNamespace {
    const member = this.members.get(name);
    if (member !== undefined) return member;
    return refuse({
      code: 'baseline-namespace',
      where: this.node.path,
      got: name,
      expected: `one of ${[...this.members.keys()].join(', ')}`,
      fix: `add '${name}' to namespaces`,
    });
  }

  private add(name: string, props: PlatformBaselineProps): IMlNamespace {
    const { module, team, labels, environment, podSecurity, mesh, directions } = props;
    const scope = new Construct(this, name);
    const namespace = new MlNamespace(scope, 'namespace', {
      name,
      module,
      team,
      labels,
      environment,
      podSecurity,
      mesh,
      owner: props.owner ?? 'platform',
      baselineVersion: props.version,
    });
    new DefaultDeny(scope, 'default-deny', { namespace, directions });
    new DnsEgress(scope, 'dns', { namespace });
    const options = { ports: props.platformPorts ?? [Port.all()], reason: 'platform baseline' };
    const flow = { by: scope.node.path, origin: 'baseline' } as const;
    for (const peer of props.platformPeers ?? []) {
      declareFlow(scope, flowOf({ ...flow, from: peer, to: namespace }, options));
      declareFlow(scope, flowOf({ ...flow, from: namespace, to: peer }, options));
    }
    return namespace;
  }
}

function checkNames(where: string, names: readonly string[]): void {
  if (names.length > 0 && new Set(names).size === names.length) return;
  refuse({
    code: 'baseline-namespaces',
    where: `${where}: namespaces`,
    got: names,
    expected: 'at least one name, each of them once',
    fix: `namespaces: ['financial-ml', 'new-ml-project']`,
  });
}
